// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/notice_bar.h"

#include "gui/theme/icons.h"
#include "gui/theme/theme.h"

#include <QGridLayout>
#include <QPainter>

#include <algorithm>

namespace zbuf::gui {

NoticeBar::NoticeBar(QWidget* parent)
    : QWidget(parent), title_(new QLabel), body_(new QLabel), area_(new QScrollArea), bar_(new QProgressBar),
      again_(new QPushButton(tr("Try again"))), stop_(new QPushButton(tr("Stop"))), close_(new QToolButton) {
  setObjectName("notice");
  title_->setWordWrap(true);
  title_->setTextFormat(Qt::PlainText);
  body_->setWordWrap(true);
  body_->setTextFormat(Qt::PlainText);
  body_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  body_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  area_->setWidget(body_);
  area_->setWidgetResizable(true);
  area_->setFrameShape(QFrame::NoFrame);
  area_->setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }");
  bar_->setTextVisible(false);
  bar_->setAccessibleName(tr("How far it is"));
  close_->setProperty("flat", true);
  close_->setAccessibleName(tr("Close this message"));
  close_->setToolTip(tr("Close this message (Escape)"));
  again_->setObjectName("again");
  stop_->setObjectName("stop");
  auto* const grid = new QGridLayout(this);
  grid->setContentsMargins(14, 8, 8, 8);
  grid->addWidget(title_, 0, 0);
  grid->addWidget(bar_, 0, 1);
  grid->addWidget(again_, 0, 2);
  grid->addWidget(stop_, 0, 3);
  grid->addWidget(close_, 0, 4);
  grid->addWidget(area_, 1, 0, 1, 5);
  grid->setColumnStretch(0, 1);
  connect(close_, &QToolButton::clicked, this, &NoticeBar::clear);
  connect(again_, &QPushButton::clicked, this, &NoticeBar::again_wanted);
  connect(stop_, &QPushButton::clicked, this, &NoticeBar::stop_wanted);
  connect(&theme(), &Theme::changed, this, &NoticeBar::dress);
  dress();
  set_kind(Kind::none);
}

void NoticeBar::dress() {
  title_->setFont(theme().ui(10, true));
  body_->setFont(theme().mono(9));
  close_->setIcon(icon(Sign::close, theme().text()));
  fit();
  update();
}

void NoticeBar::set_kind(Kind kind) {
  kind_ = kind;
  setVisible(kind != Kind::none);
  bar_->setVisible(kind == Kind::progress);
  stop_->setVisible(kind == Kind::progress);
  close_->setVisible(kind == Kind::notice || kind == Kind::error);
  again_->setVisible(false);
  area_->setVisible(!body_->text().isEmpty());
  fit();
  update();
}

/// As high as what it says, up to eight lines; then it scrolls.
void NoticeBar::fit() {
  const int line = QFontMetrics(body_->font()).lineSpacing();
  const auto lines = static_cast<int>(body_->text().count('\n')) + 1;
  area_->setFixedHeight(line * std::clamp(lines + lines / 2 + 1, 1, 8));
}

void NoticeBar::show_errors(const QString& what, const QStringList& errors, bool again) {
  title_->setText(errors.size() == 1
                      ? tr("%1 cannot be used. What was open before is still here.").arg(what)
                      : tr("%1 cannot be used, for %2 reasons. What was open before is still here.")
                            .arg(what)
                            .arg(errors.size()));
  body_->setText(errors.join('\n'));
  setAccessibleName(text());
  set_kind(Kind::error);
  again_->setVisible(again);
}

void NoticeBar::show_failure(const QString& what, const QStringList& errors) {
  title_->setText(what);
  body_->setText(errors.join('\n'));
  setAccessibleName(text());
  set_kind(Kind::error);
}

void NoticeBar::show_notice(const QString& text) {
  title_->setText(text.section('\n', 0, 0));
  body_->setText(text.section('\n', 1));
  setAccessibleName(text);
  set_kind(Kind::notice);
}

void NoticeBar::show_outcome(const std::optional<QString>& error, const QString& done) {
  show_notice(error.value_or(done));
}

void NoticeBar::show_progress(const QString& what) {
  title_->setText(what);
  body_->clear();
  setAccessibleName(what);
  bar_->setRange(0, 0);
  set_kind(Kind::progress);
}

void NoticeBar::set_fraction(double fraction) {
  constexpr int steps = 1000;
  bar_->setRange(0, fraction < 0 ? 0 : steps);
  bar_->setValue(static_cast<int>(std::clamp(fraction, 0.0, 1.0) * steps));
}

void NoticeBar::end_progress() {
  if (kind_ == Kind::progress)
    clear();
}

void NoticeBar::clear() {
  title_->clear();
  body_->clear();
  set_kind(Kind::none);
}

QString NoticeBar::text() const {
  return body_->text().isEmpty() ? title_->text() : title_->text() + '\n' + body_->text();
}

void NoticeBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const bool error = kind_ == Kind::error;
  painter.fillRect(rect(), error                   ? theme().danger_ground()
                           : kind_ == Kind::notice ? theme().highlight()
                                                   : theme().sunken());
  painter.fillRect(0, 0, 4, height(),
                   error                   ? theme().danger()
                   : kind_ == Kind::notice ? theme().user()
                                           : theme().accent());
  painter.fillRect(0, height() - 1, width(), 1, theme().border());
}

} // namespace zbuf::gui
