// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/checks_panel.h"

#include "gui/panel/dress.h"
#include "gui/theme/icons.h"
#include "gui/theme/theme.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace zbuf::gui {

namespace {

using Line = ChecksPanel::Line;

QString value_text(double value) {
  return QString::number(value, 'g', 10);
}

Line line_of(const CheckReport& check) {
  Line line;
  line.state = !check.evaluated ? Line::State::unknown
               : check.holds    ? Line::State::holds
                                : Line::State::fails;
  line.text = QString::fromStdString(check.text.empty() ? check.expression : check.text);
  line.details = QString::fromStdString(check.expression);
  QStringList readings;
  for (const Reading& reading : check.readings)
    readings += QString("%1 = %2").arg(QString::fromStdString(reading.name), value_text(reading.value));
  if (!readings.isEmpty())
    line.details += '\n' + readings.join('\n');
  return line;
}

/// All invariants that came out as they should are one line; each of the others has its own.
void add_invariants(const VariantReport& run, const QString& of_run, QList<Line>& lines) {
  QStringList holding;
  QStringList texts;
  for (const InvariantReport& invariant : run.invariants) {
    const QString name = invariant_name(invariant.invariant);
    const QString text = invariant_text(invariant.invariant);
    if (!invariant.checked)
      continue;
    if (invariant.holds() && !invariant.must_break) {
      holding += name;
      texts += name + ": " + text;
      continue;
    }
    const QString verdict =
        invariant.holds()      ? ChecksPanel::tr("%1%2 should have been broken, and was not: %3")
        : invariant.must_break ? ChecksPanel::tr("%1%2 is broken, as this run is to show: %3")
                               : ChecksPanel::tr("%1%2 is broken: %3");
    lines +=
        {invariant.as_expected() ? Line::State::holds : Line::State::fails, verdict.arg(of_run, name, text),
         ChecksPanel::tr("%1 times, first at event %2")
             .arg(invariant.violation.count)
             .arg(invariant.violation.first_event)};
  }
  if (!holding.isEmpty())
    lines += {Line::State::holds, ChecksPanel::tr("%1Invariants %2 hold").arg(of_run, holding.join(' ')),
              texts.join('\n')};
}

Sign sign_of(Line::State state) {
  return state == Line::State::holds   ? Sign::check
         : state == Line::State::fails ? Sign::cross
                                       : Sign::pending;
}

QColor colour_of(Line::State state) {
  return state == Line::State::holds   ? theme().good()
         : state == Line::State::fails ? theme().danger()
                                       : theme().user();
}

QString word_of(Line::State state) {
  return state == Line::State::holds   ? ChecksPanel::tr("holds")
         : state == Line::State::fails ? ChecksPanel::tr("fails")
                                       : ChecksPanel::tr("not known yet");
}

QWidget* row_of(const Line& line) {
  auto* const row = new QWidget;
  auto* const layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 1, 8, 1);
  auto* const sign = new QLabel;
  const int side = QFontMetrics(theme().ui()).ascent();
  sign->setPixmap(
      icon(sign_of(line.state), colour_of(line.state)).pixmap(QSize(side, side), row->devicePixelRatioF()));
  sign->setAlignment(Qt::AlignTop);
  sign->setContentsMargins(0, 2, 0, 0);
  auto* const text = new QLabel(line.text);
  text->setTextFormat(Qt::PlainText);
  text->setWordWrap(true);
  text->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  if (line.state == Line::State::fails)
    text->setStyleSheet(QString("color: %1").arg(theme().danger().name()));
  layout->addWidget(sign);
  layout->addWidget(text, 1);
  row->setToolTip(line.details);
  row->setAccessibleName(QString("%1: %2").arg(word_of(line.state), line.text));
  row->setAccessibleDescription(line.details);
  return row;
}

} // namespace

QList<Line> ChecksPanel::lines(const Opened& opened) {
  QList<Line> lines;
  for (const CheckReport& check : opened.report.checks)
    lines += line_of(check);
  for (const VariantReport& run : opened.report.runs)
    add_invariants(run, opened.report.runs.size() > 1 ? QString::fromStdString(run.name) + ": " : QString(),
                   lines);
  return lines;
}

ChecksPanel::ChecksPanel(Session& session, QWidget* parent)
    : QWidget(parent), session_(session), heading_(new QLabel(tr("CHECKS"))), area_(new QScrollArea) {
  scroll_upright(*area_);
  area_->setAccessibleName(tr("Checks"));
  auto* const column = new QVBoxLayout(this);
  column->setContentsMargins(14, 8, 6, 6);
  column->setSpacing(4);
  column->addWidget(heading_);
  column->addWidget(area_, 1);
  connect(&session_, &Session::opened, this, &ChecksPanel::show_report);
  connect(&session_, &Session::updated, this, &ChecksPanel::show_report);
  connect(&theme(), &Theme::changed, this, &ChecksPanel::show_report);
  show_report();
}

void ChecksPanel::show_report() {
  heading_->setFont(theme().ui(8.5, true));
  QPalette muted;
  muted.setColor(QPalette::WindowText, theme().muted());
  heading_->setPalette(muted);
  area_->setStyleSheet(QString("QScrollArea, QScrollArea > QWidget > QWidget { background: %1; }")
                           .arg(theme().window().name()));
  rows_.clear();
  auto* const body = new QWidget;
  auto* const column = new QVBoxLayout(body);
  column->setContentsMargins(0, 0, 0, 0);
  grid_ = new ArrangedGrid;
  grid_->setVerticalSpacing(0);
  column->addLayout(grid_);
  column->addStretch(1);
  if (const Opened* const opened = session_.opened_now()) {
    const QList<Line> all = lines(*opened);
    qsizetype failing = 0;
    for (const Line& line : all) {
      rows_.push_back(row_of(line));
      failing += line.state == Line::State::fails ? 1 : 0;
    }
    heading_->setText(failing == 0 ? tr("CHECKS") : tr("CHECKS · %1 FAIL").arg(failing));
  }
  arrange();
  area_->setWidget(body);
}

/// In two columns where they are wide enough to be read.
void ChecksPanel::arrange() {
  const int readable = QFontMetrics(theme().ui()).averageCharWidth() * 42;
  const int columns = columns_in(width(), readable, 2);
  if (grid_->arrange(in_columns(rows_, columns, Order::down)))
    for (int column = 0; column < 2; ++column)
      grid_->setColumnStretch(column, column < columns ? 1 : 0);
}

void ChecksPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

} // namespace zbuf::gui
