// SPDX-License-Identifier: GPL-3.0-or-later
// A page that is drawn into a file: as a drawing, or as a picture.
#pragma once

#include <QPaintDevice>
#include <QSize>
#include <QString>

#include <functional>
#include <optional>

namespace zbuf::gui {

/// Draws a page of this size, in points of the screen, into a file. Its ending says how: .pdf and .svg as
/// drawings, .png as a picture with twice as many points each way. `draw` gets the device, and how much
/// larger than the page it is: 1 of a drawing. The error as a sentence: the file is then as before.
[[nodiscard]] std::optional<QString> save_page(const QString& path, QSize size, const QString& title,
                                               const std::function<void(QPaintDevice&, double scale)>& draw);

} // namespace zbuf::gui
