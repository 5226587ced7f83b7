// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/files/write_file.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

namespace zbuf::gui {

namespace {

QString cannot(const QFileDevice& file, const QString& path) {
  return QCoreApplication::translate("write_file", "%1 cannot be written: %2. Choose another folder.")
      .arg(path, file.errorString());
}

} // namespace

std::optional<QString> write_file(const QString& path, const QByteArray& bytes) {
  const QFileInfo there(path);
  if (there.exists() && !there.isFile() && !there.isDir()) { // replaced, it would be a device no more
    QFile device(path);
    if (!device.open(QIODevice::WriteOnly | QIODevice::Unbuffered) || device.write(bytes) != bytes.size())
      return cannot(device, path);
    return std::nullopt;
  }
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
    return cannot(file, path);
  return std::nullopt;
}

} // namespace zbuf::gui
