// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/header_bar.h"

#include "gui/theme/icons.h"
#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QHBoxLayout>
#include <QPainter>

namespace zbuf::gui {

namespace {

constexpr int margin = 10;

/// "zero-copy, 2 × 64 KiB · kernel: freebsd (emulated, modelled times)"
QString details_of(const Track& track) {
  QStringList parts;
  if (!track.report.readers.empty())
    parts += QString::fromStdString(track.report.readers.front().description);
  if (track.report.readers.size() > 1)
    parts += HeaderBar::tr("%1 readers").arg(track.report.readers.size());
  if (!track.report.revision.empty())
    parts += HeaderBar::tr("kernel: %1").arg(QString::fromStdString(track.report.revision));
  parts += track.modelled ? HeaderBar::tr("modelled") : HeaderBar::tr("measured");
  if (track.deduced)
    parts += HeaderBar::tr("slots deduced");
  return parts.join(" · ");
}

} // namespace

HeaderBar::HeaderBar(Playback& playback, Session& session, QMenu& menu, QWidget* parent)
    : QWidget(parent), playback_(playback), session_(session), grid_(new ArrangedGrid(this)),
      menu_button_(new QToolButton), brand_(new QLabel(tr("zbuf lab"))), title_(new QLabel),
      details_(new QLabel), title_block_(new QWidget), transport_(new TransportBar(playback)),
      mode_(new ModeSwitch(playback)) {
  menu_button_->setObjectName("menu");
  menu_button_->setProperty("flat", true);
  menu_button_->setMenu(&menu);
  menu_button_->setPopupMode(QToolButton::InstantPopup);
  menu_button_->setAccessibleName(tr("Menu"));
  menu_button_->setToolTip(tr("Everything that can be done (F10); Ctrl+K finds it by name"));
  title_->setTextFormat(Qt::PlainText);
  details_->setTextFormat(Qt::PlainText);
  title_->setAccessibleName(tr("What is open"));
  auto* const row = new QHBoxLayout(title_block_);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(menu_button_);
  row->addWidget(brand_);
  row->addSpacing(margin);
  row->addWidget(title_);
  row->addWidget(details_, 1);
  details_->setMinimumWidth(1);
  details_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  grid_->setContentsMargins(margin, margin - 3, margin, margin - 3);
  grid_->setHorizontalSpacing(margin + 6);
  grid_->setVerticalSpacing(margin - 4);
  connect(&session_, &Session::opened, this, &HeaderBar::show_title);
  connect(&session_, &Session::updated, this, &HeaderBar::show_title);
  connect(&playback_, &Playback::focus_changed, this, &HeaderBar::show_title);
  connect(&playback_, &Playback::tracks_changed, this, [this] { arrange(); });
  connect(&theme(), &Theme::changed, this, &HeaderBar::dress);
  dress();
}

void HeaderBar::dress() {
  brand_->setFont(theme().ui(13, true));
  title_->setFont(theme().ui(11.5, true));
  details_->setFont(theme().ui(9.5));
  QPalette muted;
  muted.setColor(QPalette::WindowText, theme().muted());
  details_->setPalette(muted);
  menu_button_->setIcon(icon(Sign::menu, theme().text()));
  show_title();
}

void HeaderBar::show_title() {
  const Opened* const opened = session_.opened_now();
  title_->setText(opened == nullptr ? QString() : QString::fromStdString(opened->report.title));
  full_details_ = playback_.focused() == nullptr ? QString() : details_of(*playback_.focused());
  if (opened != nullptr && !opened->what_if.empty())
    full_details_ = tr("what if · ") + full_details_;
  details_->setToolTip(full_details_);
  arrange();
  fit_title();
}

void HeaderBar::fit_title() {
  details_->setText(
      QFontMetrics(details_->font()).elidedText(full_details_, Qt::ElideRight, details_->width()));
}

/// In one row the transport stands between what is open and the choice of the run.
void HeaderBar::arrange() {
  const int least_details = QFontMetrics(details_->font()).horizontalAdvance(full_details_.left(40)) + margin;
  const int needed = menu_button_->sizeHint().width() + brand_->sizeHint().width() +
                     title_->sizeHint().width() + least_details + transport_->sizeHint().width() +
                     mode_->sizeHint().width() + 6 * margin;
  const bool two = width() < needed;
  if (!grid_->arrange(two ? std::vector<Place>{{title_block_, 0, 0}, {mode_, 0, 1}, {transport_, 1, 0, 2}}
                          : std::vector<Place>{{title_block_, 0, 0}, {transport_, 0, 1}, {mode_, 0, 2}}))
    return;
  grid_->setColumnStretch(0, 1);
  grid_->setColumnStretch(1, two ? 0 : 2);
}

void HeaderBar::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
  grid_->activate();
  fit_title();
}

void HeaderBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme().window());
  painter.fillRect(0, height() - 1, width(), 1, theme().border());
}

} // namespace zbuf::gui
