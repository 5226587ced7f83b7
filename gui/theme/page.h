// SPDX-License-Identifier: GPL-3.0-or-later
// A page that is drawn into a file: as a drawing, or as a picture.
#pragma once

#include <QByteArray>
#include <QPaintDevice>
#include <QSize>
#include <QString>

#include <functional>

namespace zbuf::gui {

/// Can be drawn: "pdf" and "svg" as drawings, "png" as a picture.
[[nodiscard]] bool is_page_kind(const QString& kind);

/// The bytes of such a file, of a page of this size in points of the screen; a picture has twice as many each way.
/// `draw` gets the device, and how much larger than the page it is. Pre: is_page_kind(kind).
[[nodiscard]] QByteArray draw_page(const QString& kind, QSize size, const QString& title,
                                   const std::function<void(QPaintDevice&, double scale)>& draw);

} // namespace zbuf::gui
