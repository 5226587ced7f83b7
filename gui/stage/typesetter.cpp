// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/typesetter.h"

#include "gui/theme/theme.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace zbuf::gui::stage {

namespace {

constexpr double smallest = 0.75; ///< of the size asked for
constexpr int remembered_widths = 4096;

} // namespace

QFont font_of(Face face, double points) {
  const bool bold = face == Face::ui_bold || face == Face::mono_bold;
  const bool mono = face == Face::mono || face == Face::mono_bold;
  return mono ? theme().mono(points, bold) : theme().ui(points, bold);
}

Typesetter::Typesetter(double scale) : scale_(scale) {}

QFont Typesetter::font(Face face, double points) const {
  return font_of(face, points * scale_);
}

double Typesetter::width(const QString& text, Face face, double points) const {
  const QString key =
      QString::number(static_cast<int>(face)) + QString::number(std::lround(points * 16)) + text;
  const auto known = widths_.constFind(key);
  if (known != widths_.constEnd())
    return *known;
  if (widths_.size() > remembered_widths)
    widths_.clear();
  const double width = QFontMetricsF(font(face, points)).horizontalAdvance(text);
  widths_.insert(key, width);
  return width;
}

double Typesetter::line(Face face, double points) const {
  const QString key = QStringLiteral("|") + QString::number(static_cast<int>(face)) +
                      QString::number(std::lround(points * 16));
  const auto known = widths_.constFind(key);
  if (known != widths_.constEnd())
    return *known;
  const double height = QFontMetricsF(font(face, points)).height();
  widths_.insert(key, height);
  return height;
}

Text Typesetter::set(const QRectF& rect, const QString& text, Face face, double points, Ink ink,
                     Qt::Alignment align) const {
  // Step by step, for letters come in whole pixels and do not shrink in proportion.
  constexpr double steps = 8;
  const auto fits = [&](double size) {
    return width(text, face, size) <= rect.width() && line(face, size) <= rect.height() + 0.5;
  };
  double size = points;
  for (double step = 1; step <= steps && !fits(size); ++step)
    size = points * (1 - (1 - smallest) * step / steps);
  Text result{rect, text, {}, face, size * scale_, ink, align};
  if (width(text, face, size) > rect.width() + 0.5) {
    result.whole = text;
    result.text = QFontMetricsF(font(face, size)).elidedText(text, Qt::ElideRight, rect.width());
  }
  return result;
}

void Typesetter::set_lines(std::vector<Text>& into, const QRectF& rect, const QString& text, Face face,
                           double points, Ink ink, Qt::Alignment align) const {
  const double height = line(face, points);
  const int room = std::max(1, static_cast<int>(std::floor((rect.height() + 0.5) / height)));
  QStringList words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  QStringList lines;
  while (!words.isEmpty() && lines.size() < room) {
    if (lines.size() == room - 1) { // the last one takes what is left
      lines.append(words.join(QLatin1Char(' ')));
      break;
    }
    QString next = words.takeFirst();
    while (!words.isEmpty() && width(next + QLatin1Char(' ') + words.first(), face, points) <= rect.width())
      next += QLatin1Char(' ') + words.takeFirst();
    lines.append(next);
  }
  double y = rect.top();
  for (const QString& each : lines) {
    into.push_back(
        set({rect.left(), y, rect.width(), height}, each, face, points, ink, align | Qt::AlignVCenter));
    y += height;
  }
}

} // namespace zbuf::gui::stage
