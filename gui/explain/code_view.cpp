// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/explain/code_view.h"

#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace zbuf::gui::explain {

namespace {

constexpr int row_gap_percent = 16; ///< of the font's height, between rows

/// Where a line may be broken: the last space that leaves something to continue with.
qsizetype break_of(const QString& text, qsizetype room) {
  const qsizetype indent =
      std::distance(text.begin(), std::find_if(text.begin(), text.end(), [](QChar c) { return c != ' '; }));
  const qsizetype space = text.lastIndexOf(' ', room);
  return space > indent + 4 ? space : room;
}

} // namespace

CodeView::CodeView(Side side, QWidget* parent) : QWidget(parent), side_(side) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  setAccessibleName(heading());
  connect(&theme(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
}

QString CodeView::heading() const {
  return side_ == Side::kernel ? tr("KERNEL") : tr("YOUR READER");
}

void CodeView::set_step(const CodeStep& step) {
  step_ = step;
  QString marked;
  for (std::size_t i = step_.first; i <= step_.last; ++i)
    marked += QString(marked.isEmpty() ? "" : "\n") +
              (i == 0 ? step_.listing.title : QString(step_.listing.lines[i - 1].text).trimmed());
  setAccessibleDescription(tr("%1 Current line: %2").arg(step_.listing.title, marked));
  setToolTip(step_.listing.file);
  updateGeometry();
  update();
}

int CodeView::row_height() const {
  const QFontMetrics metrics(theme().mono(9));
  return metrics.height() * (100 + row_gap_percent) / 100;
}

int CodeView::margin() const {
  return QFontMetrics(theme().mono(9)).horizontalAdvance('0') * 2;
}

int CodeView::heading_height() const {
  return QFontMetrics(theme().ui(9, true)).height() * 3 / 2;
}

std::vector<CodeView::Row> CodeView::rows(int width) const {
  const QFontMetrics metrics(theme().mono(9, true));
  const int character = std::max(1, metrics.horizontalAdvance('0'));
  const qsizetype room = std::max(16, (width - margin() - character) / character);
  std::vector<Row> rows;
  const auto add = [&](QString text, std::size_t line) {
    bool begins = true;
    qsizetype indent = 0;
    while (indent < text.size() && text[indent] == ' ')
      ++indent;
    while (text.size() > room) {
      const qsizetype at = break_of(text, room);
      rows.push_back({text.left(at), line, begins});
      text = QString(indent + 4, ' ') + text.mid(at).trimmed();
      begins = false;
    }
    rows.push_back({text, line, begins});
  };
  if (step_.listing.title == nullptr)
    return rows;
  add(step_.listing.title, 0);
  for (std::size_t i = 0; i < step_.listing.lines.size(); ++i)
    add(QString("  ") + step_.listing.lines[i].text, i + 1);
  return rows;
}

int CodeView::heightForWidth(int width) const {
  return heading_height() + static_cast<int>(rows(width).size()) * row_height();
}

QSize CodeView::sizeHint() const {
  const int width = QFontMetrics(theme().mono(9)).horizontalAdvance('0') * 50;
  return {width, heightForWidth(width)};
}

QSize CodeView::minimumSizeHint() const {
  const int width = QFontMetrics(theme().mono(9)).horizontalAdvance('0') * 24;
  return {width, heading_height() + row_height()};
}

bool CodeView::is_marked(const Row& row) const {
  return row.line >= step_.first && row.line <= step_.last;
}

void CodeView::paint_heading(QPainter& painter) const {
  const QRect line(0, 0, width(), heading_height());
  const QFont font = theme().ui(9, true);
  painter.setFont(font);
  painter.setPen(side_ == Side::kernel ? theme().kernel() : theme().user());
  painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, heading());
  const int used = QFontMetrics(font).horizontalAdvance(heading()) + margin();
  const QFont small = theme().ui(9);
  painter.setFont(small);
  painter.setPen(theme().muted());
  const QString right = step_.note.isEmpty() ? QString(step_.listing.file) : step_.note;
  painter.drawText(line.adjusted(used, 0, 0, 0), Qt::AlignRight | Qt::AlignVCenter,
                   QFontMetrics(small).elidedText(right, Qt::ElideLeft, width() - used));
}

void CodeView::paint_row(QPainter& painter, const Row& row, int top) const {
  const bool marked = is_marked(row);
  const QRect band(0, top, width(), row_height());
  if (marked) {
    QColor ground = theme().highlight();
    if (!step_.acting)
      ground.setAlphaF(0.45F);
    painter.fillRect(band, ground);
  }
  const QFont font = theme().mono(9, (marked && step_.acting) || row.line == 0);
  const QFontMetrics metrics(font);
  const int character = metrics.horizontalAdvance('0');
  if (marked && row.begins && row.line == step_.first) {
    const QColor colour = side_ == Side::kernel ? theme().kernel() : theme().user();
    const qreal size = character * 0.9;
    const QPointF tip(margin() - character * 0.5, band.center().y() + 0.5);
    QPainterPath pointer;
    pointer.moveTo(tip);
    pointer.lineTo(tip + QPointF(-size, -size * 0.7));
    pointer.lineTo(tip + QPointF(-size, size * 0.7));
    pointer.closeSubpath();
    painter.setPen(QPen(colour, 1.2));
    painter.setBrush(step_.acting ? QBrush(colour) : QBrush(Qt::NoBrush));
    painter.drawPath(pointer);
  }
  painter.setFont(font);
  const qsizetype comment = row.text.indexOf("//");
  const QString code = comment < 0 ? row.text : row.text.left(comment);
  const int baseline = top + (row_height() - metrics.height()) / 2 + metrics.ascent();
  painter.setPen(theme().text());
  painter.drawText(margin(), baseline, code);
  if (comment < 0)
    return;
  painter.setPen(theme().muted());
  painter.drawText(margin() + metrics.horizontalAdvance(code), baseline, row.text.mid(comment));
}

void CodeView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  paint_heading(painter);
  int top = heading_height();
  for (const Row& row : rows(width())) {
    paint_row(painter, row, top);
    top += row_height();
  }
}

} // namespace zbuf::gui::explain
