// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/files/write_file.h"

#include "core/base/output_file.h"

#include <QFile>

namespace zbuf::gui {

std::optional<QString> write_file(const QString& path, const QByteArray& bytes) {
  auto file = OutputFile::open(QFile::encodeName(path).toStdString());
  const auto done = file ? file->write({bytes.constData(), static_cast<std::size_t>(bytes.size())})
                         : Result<void>(fail(file.error()));
  return done ? std::nullopt : std::optional(QString::fromStdString(done.error().text()));
}

} // namespace zbuf::gui
