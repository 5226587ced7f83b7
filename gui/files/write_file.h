// SPDX-License-Identifier: GPL-3.0-or-later
// Files that the window writes.
#pragma once

#include <QByteArray>
#include <QString>

#include <optional>

namespace zbuf::gui {

/// Written whole, or not at all: what was there stays until then. A device or a pipe is written into. The
/// error as a sentence.
[[nodiscard]] std::optional<QString> write_file(const QString& path, const QByteArray& bytes);

} // namespace zbuf::gui
