// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of the window or of one of its panels, as files.
#pragma once

#include <QImage>
#include <QString>
#include <QWidget>

#include <optional>

namespace zbuf::gui {

/// By the name's end: .svg as lines and text, anything else as PNG with at least two dots a pixel of the
/// layout. The error as a sentence.
[[nodiscard]] std::optional<QString> save_picture(QWidget& widget, const QString& path);

/// As it is on the screen now, `scale` dots a pixel of the layout.
[[nodiscard]] QImage picture_of(QWidget& widget, double scale);

} // namespace zbuf::gui
