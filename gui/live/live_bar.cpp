// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/live/live_bar.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QHBoxLayout>
#include <QPainter>

namespace zbuf::gui {

namespace {

constexpr int refresh_ms = 200;

QString seconds(std::uint64_t time_ns) {
  return LiveBar::tr("%1 s").arg(QString::number(static_cast<double>(time_ns) / 1e9, 'f', 1));
}

/// "2:05", "1:02:05": how long it has been going on.
QString clock_text(std::uint64_t time_ns) {
  const std::uint64_t all = time_ns / 1'000'000'000;
  const QString text = QString("%1:%2")
                           .arg(all / 60 % 60, all >= 3600 ? 2 : 1, 10, QChar('0'))
                           .arg(all % 60, 2, 10, QChar('0'));
  return all >= 3600 ? QString("%1:%2").arg(all / 3600).arg(text) : text;
}

QString recording_slots(const Playback& playback) {
  return playback.focused() == nullptr ? QString()
         : playback.focused()->deduced ? LiveBar::tr("slots deduced")
                                       : LiveBar::tr("slots exact");
}

} // namespace

LiveBar::LiveBar(Playback& playback, Live& live, QWidget* parent)
    : QWidget(parent), playback_(playback), live_(live), edge_(new QToolButton), subject_(new QLabel),
      figures_(new QLabel), gone_(new QLabel), slots_(new QLabel), stop_(new QPushButton) {
  setObjectName("live_bar");
  edge_->setObjectName("live_edge");
  edge_->setFocusPolicy(Qt::StrongFocus);
  edge_->setToolButtonStyle(Qt::ToolButtonTextOnly);
  stop_->setObjectName("live_stop");
  slots_->setObjectName("live_slots");
  gone_->setObjectName("live_gone");
  for (QLabel* const label : {subject_, figures_, gone_, slots_})
    label->setTextFormat(Qt::PlainText);
  figures_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  figures_->setMinimumWidth(1);
  auto* const row = new QHBoxLayout(this);
  row->setContentsMargins(8, 5, 8, 5);
  row->setSpacing(9);
  row->addWidget(edge_);
  row->addWidget(subject_);
  row->addWidget(figures_, 1);
  row->addWidget(gone_);
  row->addWidget(slots_);
  row->addWidget(stop_);
  clock_.setInterval(refresh_ms);
  connect(&clock_, &QTimer::timeout, this, &LiveBar::show_state);
  connect(edge_, &QToolButton::clicked, this, [this] { playback_.follow(); });
  connect(stop_, &QPushButton::clicked, &live_, &Live::stop);
  connect(&live_, &Live::changed, this, &LiveBar::show_state);
  connect(&playback_, &Playback::following_changed, this, &LiveBar::show_state);
  connect(&playback_, &Playback::moved, this, &LiveBar::show_edge);
  connect(&playback_, &Playback::focus_changed, this, &LiveBar::show_state);
  connect(&theme(), &Theme::changed, this, &LiveBar::dress);
  dress();
}

void LiveBar::set_presenting(bool presenting) {
  presenting_ = presenting;
  show_state();
}

void LiveBar::dress() {
  edge_->setFont(theme().ui(10, true));
  subject_->setFont(theme().ui(10.5, true));
  figures_->setFont(theme().ui(10));
  gone_->setFont(theme().ui(9.5));
  slots_->setFont(theme().ui(9, true));
  QPalette muted;
  muted.setColor(QPalette::WindowText, theme().muted());
  gone_->setPalette(muted);
  const QColor ink = theme().kernel();
  slots_->setStyleSheet(
      QString("border: 1px solid %1; border-radius: 7px; padding: 1px 7px; color: %1;").arg(ink.name()));
  // As wide at the edge as far behind it, so that nothing jumps.
  const QFontMetrics metrics(edge_->font());
  edge_->setMinimumWidth(metrics.horizontalAdvance(tr("● LIVE  −%1").arg(seconds(999'900'000'000))) +
                         2 * metrics.height());
  show_state();
}

/// Filled at the edge, outlined behind it, plain when there is none any more.
void LiveBar::show_edge() {
  const bool growing = playback_.growing();
  const bool at_edge = growing && playback_.following();
  const std::uint64_t edge_ns = std::max(live_.figures().duration_ns, playback_.end_ns());
  const std::uint64_t behind_ns = edge_ns - std::min(edge_ns, playback_.time_ns());
  const QString text = !growing  ? tr("ENDED")
                       : at_edge ? tr("● LIVE")
                                 : tr("○ LIVE  −%1").arg(seconds(behind_ns));
  if (edge_->text() == text && edge_->isEnabled() == growing)
    return;
  edge_->setText(text);
  edge_->setEnabled(growing);
  edge_->setAccessibleName(!growing  ? tr("Ended")
                           : at_edge ? tr("At the live edge")
                                     : tr("Behind the live edge"));
  const QString tip = !growing  ? tr("Nothing more comes")
                      : at_edge ? tr("The view shows now. Blank pauses the view, not the recording.")
                                : tr("The recording goes on. To the live edge: L or End.");
  edge_->setToolTip(tip);
  edge_->setAccessibleDescription(tip);
  const QColor ground = at_edge ? theme().danger() : theme().panel();
  const QColor ink = !growing ? theme().muted() : at_edge ? theme().on_accent() : theme().danger();
  edge_->setStyleSheet(
      QString("QToolButton { background: %1; color: %2; border: 1px solid %3; border-radius: 4px; "
              "padding: 3px 9px; } QToolButton:focus { border: 2px solid %4; padding: 2px 8px; }")
          .arg(ground.name(), ink.name(), (growing ? theme().danger() : theme().border()).name(),
               theme().accent().name()));
}

void LiveBar::show_state() {
  const bool shown = live_.running() || live_.open();
  setVisible(shown);
  if (live_.running() != clock_.isActive())
    live_.running() ? clock_.start() : clock_.stop();
  if (!shown)
    return;
  const Live::Figures figures = live_.figures();
  subject_->setText(figures.subject);
  QStringList parts;
  if (!live_.open())
    parts += tr("waiting for the first event …");
  else {
    parts += {clock_text(figures.duration_ns), tr("%1 packets").arg(count(figures.arrived))};
    if (figures.rate)
      parts += rate(*figures.rate);
    parts += figures.dropped == 0 ? tr("none dropped") : tr("%1 dropped").arg(count(figures.dropped));
  }
  if (live_.running() && live_.open() && figures.silent_ms > Live::silence_ms)
    parts += tr("nothing new for %1").arg(seconds(figures.silent_ms * 1'000'000));
  full_figures_ = parts.join(" · ");
  gone_->setText(live_.holding() ? tr("kept only while you look at it")
                 : figures.gone_ns == 0
                     ? QString()
                     : tr("the first %1 are no longer kept").arg(seconds(figures.gone_ns)));
  gone_->setToolTip(
      live_.holding()
          ? tr("The recording is of bounded size and no longer has this part. It goes on: the view follows "
               "again when it goes to the live edge (L).")
          : tr("The recording is of bounded size: its oldest part is dropped as it goes on."));
  gone_->setVisible(!gone_->text().isEmpty());
  slots_->setText(recording_slots(playback_));
  slots_->setVisible(live_.open());
  const bool deduced = playback_.focused() != nullptr && playback_.focused()->deduced;
  slots_->setToolTip(
      deduced ? tr("This kernel does not tell what is in its slots: they are deduced from what the reader "
                   "sees, its headers and the kernel's counters.")
              : tr("Every step of the kernel was seen: slots and drops are as they were."));
  slots_->setAccessibleDescription(slots_->toolTip());
  stop_->setText(live_.capturing() ? tr("Stop capturing") : tr("Stop following"));
  stop_->setVisible(live_.running() && !presenting_);
  setAccessibleName(text());
  show_edge();
  fit();
}

void LiveBar::fit() {
  figures_->setText(
      QFontMetrics(figures_->font()).elidedText(full_figures_, Qt::ElideRight, figures_->width()));
  figures_->setToolTip(full_figures_);
}

QString LiveBar::text() const {
  QStringList parts{edge_->text(), subject_->text(), full_figures_};
  for (const QLabel* const label : {gone_, slots_})
    if (!label->isHidden())
      parts += label->text();
  return parts.join(" · ");
}

void LiveBar::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit();
}

void LiveBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme().window());
  painter.fillRect(0, height() - 1, width(), 1, theme().border());
}

} // namespace zbuf::gui
