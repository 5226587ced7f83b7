// SPDX-License-Identifier: GPL-3.0-or-later
// What panels look like.
#pragma once

#include <QColor>
#include <QLabel>
#include <QScrollArea>
#include <QWidget>

namespace zbuf::gui {

/// Plain text that wraps, and can be copied.
[[nodiscard]] QLabel* text_label(const QString& accessible_name = {}, QWidget* parent = nullptr);

void set_text_colour(QWidget& widget, const QColor& colour);

/// Scrolls up and down alone; without a frame.
void scroll_upright(QScrollArea& area);
/// Fills `panel` with `content`, which scrolls up and down.
QScrollArea* fill_with_scrolled(QWidget& panel, QWidget* content);

/// The ground of panels behind it.
void lay_ground(QWidget& widget);
/// ... behind all that it scrolls, but not behind its scroll bars.
void lay_scrolled_ground(QScrollArea& area);
/// The room around and between what is in a panel.
void space_out(QLayout& content);

} // namespace zbuf::gui
