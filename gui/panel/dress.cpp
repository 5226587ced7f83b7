// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/panel/dress.h"

#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QVBoxLayout>

namespace zbuf::gui {

namespace {

void set_ground_colour(QWidget& widget) {
  QPalette palette = widget.palette();
  palette.setColor(QPalette::Window, theme().panel());
  widget.setPalette(palette);
}

} // namespace

QLabel* text_label(const QString& accessible_name, QWidget* parent) {
  auto* const label = new QLabel(parent);
  label->setWordWrap(true);
  label->setTextFormat(Qt::PlainText);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  label->setAccessibleName(accessible_name);
  return label;
}

void set_text_colour(QWidget& widget, const QColor& colour) {
  QPalette palette = widget.palette();
  palette.setColor(QPalette::WindowText, colour);
  palette.setColor(QPalette::Text, colour);
  widget.setPalette(palette);
}

void scroll_upright(QScrollArea& area) {
  area.setWidgetResizable(true);
  area.setFrameShape(QFrame::NoFrame);
  area.setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

QScrollArea* fill_with_scrolled(QWidget& panel, QWidget* content) {
  auto* const area = new QScrollArea;
  area->setWidget(content);
  scroll_upright(*area);
  auto* const column = new QVBoxLayout(&panel);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(area);
  return area;
}

void lay_ground(QWidget& widget) {
  set_ground_colour(widget);
  widget.setAutoFillBackground(true);
}

void lay_scrolled_ground(QScrollArea& area) {
  set_ground_colour(area);
  set_ground_colour(*area.widget()); // a style sheet stops inheritance
  lay_ground(*area.viewport());
}

void space_out(QLayout& content) {
  const int em = QFontMetrics(theme().ui()).height();
  const int around = em * 3 / 4;
  content.setContentsMargins(around, around, around, around);
  content.setSpacing(em / 2);
}

} // namespace zbuf::gui
