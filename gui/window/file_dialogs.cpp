// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/file_dialogs.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>

namespace zbuf::gui {

QString FileDialogs::folder() const {
  return last_folder_.isEmpty() ? QDir::homePath() : last_folder_;
}

QString FileDialogs::ask_what_to_open(const QString& title, const QString& filter) {
  const QString path = QFileDialog::getOpenFileName(&window_, title, folder(), filter);
  if (!path.isEmpty())
    last_folder_ = QFileInfo(path).absolutePath();
  return path;
}

QString FileDialogs::ask_where_to_save(const QString& title, const QString& name, const QString& filter) {
  QFileDialog dialog(&window_, title, folder(), filter);
  dialog.setAcceptMode(QFileDialog::AcceptSave);
  dialog.selectFile(name);
  dialog.setDefaultSuffix(QFileInfo(name).suffix());
  if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty())
    return {};
  last_folder_ = dialog.directory().absolutePath();
  return dialog.selectedFiles().front();
}

} // namespace zbuf::gui
