// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/zbuf_program.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

namespace zbuf::gui {

QString find_zbuf() {
  if (const QString told = qEnvironmentVariable("ZBUF_PROGRAM"); !told.isEmpty())
    return told;
  const QDir here(QCoreApplication::applicationDirPath());
  for (const char* const place : {"zbuf", "../../core/cli/zbuf"})
    if (const QFileInfo file(here.filePath(place)); file.isFile() && file.isExecutable())
      return file.canonicalFilePath();
  return QStandardPaths::findExecutable("zbuf");
}

} // namespace zbuf::gui
