// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/chapter_bar.h"

#include "gui/theme/icons.h"
#include "gui/theme/theme.h"

#include <QGridLayout>
#include <QPainter>

#include <algorithm>

namespace zbuf::gui {

namespace {

/// Paragraphs are apart by blank lines; the lines within one were broken for an editor.
QString as_html(const std::string& lesson) {
  QString html;
  for (const QString& paragraph : QString::fromStdString(lesson).split("\n\n", Qt::SkipEmptyParts))
    html += "<p style='margin-top:0; margin-bottom:8px; line-height:130%'>" +
            paragraph.simplified().toHtmlEscaped() + "</p>";
  return html;
}

QToolButton* flat_button(const char* name, const QString& accessible, const QString& tip) {
  auto* made = new QToolButton;
  made->setObjectName(name);
  made->setProperty("flat", true);
  made->setAccessibleName(accessible);
  made->setToolTip(tip);
  made->setFocusPolicy(Qt::StrongFocus);
  return made;
}

} // namespace

ChapterBar::ChapterBar(Playback& playback, Session& session, QWidget* parent)
    : QWidget(parent), playback_(playback), session_(session),
      previous_(flat_button("previous_chapter", tr("Previous chapter"), tr("Previous chapter (Page Up)"))),
      next_(flat_button("next_chapter", tr("Next chapter"), tr("Next chapter (Page Down)"))),
      place_(new QLabel), text_(new QLabel),
      about_(flat_button("about_lesson", tr("About this lesson"), tr("The text of the lesson (L)"))),
      lesson_(new QScrollArea), lesson_text_(new QLabel) {
  text_->setWordWrap(true);
  text_->setTextFormat(Qt::PlainText);
  text_->setAccessibleName(tr("What the author says here"));
  text_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  about_->setText(tr("About"));
  about_->setCheckable(true);
  lesson_text_->setWordWrap(true);
  lesson_text_->setTextFormat(Qt::RichText);
  lesson_text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  lesson_text_->setAlignment(Qt::AlignTop);
  lesson_->setWidget(lesson_text_);
  lesson_->setWidgetResizable(true);
  lesson_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  lesson_->setObjectName("lesson_text");
  lesson_->setAccessibleName(tr("Text of the lesson"));
  auto* const grid = new QGridLayout(this);
  grid->setContentsMargins(8, 5, 8, 5);
  grid->setVerticalSpacing(4);
  grid->addWidget(previous_, 0, 0);
  grid->addWidget(place_, 0, 1);
  grid->addWidget(next_, 0, 2);
  grid->addWidget(text_, 0, 3);
  grid->addWidget(about_, 0, 4);
  grid->setColumnStretch(3, 1);
  connect(previous_, &QToolButton::clicked, this, [this] { playback_.jump(Landmark::chapter, false); });
  connect(next_, &QToolButton::clicked, this, [this] { playback_.jump(Landmark::chapter, true); });
  connect(about_, &QToolButton::clicked, this, [this](bool shown) {
    until_it_moves_ = false;
    set_lesson_shown(shown);
  });
  connect(&session_, &Session::opened, this, &ChapterBar::show_opened);
  connect(&playback_, &Playback::moved, this, &ChapterBar::show_place);
  connect(&playback_, &Playback::focus_changed, this, &ChapterBar::show_place);
  connect(&playback_, &Playback::playing_changed, this, [this](bool playing) {
    if (playing)
      set_lesson_shown(false);
  });
  connect(&theme(), &Theme::changed, this, &ChapterBar::dress);
  lesson_->hide();
  dress();
}

std::optional<std::size_t> ChapterBar::chapter_at(const VariantReport& run, std::uint64_t events_done) {
  std::optional<std::size_t> latest;
  for (std::size_t i = 0; i < run.chapters.size(); ++i)
    if (run.chapters[i].reached && run.chapters[i].event < events_done &&
        (!latest || run.chapters[i].event >= run.chapters[*latest].event))
      latest = i;
  return latest;
}

void ChapterBar::set_presenting(bool presenting) {
  presenting_ = presenting;
  about_->setVisible(!presenting);
  if (presenting)
    set_lesson_shown(false);
  dress();
}

void ChapterBar::dress() {
  text_->setFont(theme().ui(presenting_ ? 12 : 10.5));
  place_->setFont(theme().ui(9, true));
  lesson_text_->setFont(theme().ui(10.5));
  QPalette muted;
  muted.setColor(QPalette::WindowText, theme().muted());
  place_->setPalette(muted);
  lesson_text_->setMargin(QFontMetrics(lesson_text_->font()).height() * 7 / 10);
  lesson_->setStyleSheet(QString("#lesson_text { border: 1px solid %1; border-top: none; background: %2; }"
                                 "#lesson_text > QWidget > QWidget { background: %2; }")
                             .arg(theme().border().name(), theme().panel().name()));
  previous_->setIcon(icon(Sign::previous, theme().text()));
  next_->setIcon(icon(Sign::next, theme().text()));
  fit();
  show_place();
  update();
}

/// Room for two lines of the author's, so that the stage does not move from chapter to chapter; the lesson's
/// text over the stage.
void ChapterBar::fit() {
  text_->setMinimumHeight(QFontMetrics(text_->font()).lineSpacing() * 2 + 2);
  if (lesson_->isHidden())
    return;
  constexpr int frame = 2;
  const int most = parentWidget()->height() - geometry().bottom() - frame;
  const int needed = lesson_text_->heightForWidth(width() - 2 * frame) + 2 * frame;
  lesson_->setGeometry(x(), geometry().bottom(), width(), std::clamp(needed, 20, std::max(20, most)));
  lesson_->raise();
}

void ChapterBar::set_lesson_shown(bool shown) {
  shown = shown && !lesson_text_->text().isEmpty() && !presenting_ && parentWidget() != nullptr;
  if (lesson_->parentWidget() != parentWidget())
    lesson_->setParent(parentWidget()); // before it is shown, or it would be a window
  lesson_->setVisible(shown);
  about_->setChecked(shown);
  fit();
}

void ChapterBar::show_opened() {
  const Opened& opened = *session_.opened_now();
  const bool again = !opened.what_if.empty() || !opened.complete;
  lesson_text_->setText(as_html(opened.report.lesson));
  about_->setEnabled(!opened.report.lesson.empty());
  until_it_moves_ = !again && playback_.events_done(playback_.focus()) == 0;
  set_lesson_shown(until_it_moves_);
  show_place();
}

void ChapterBar::show_place() {
  const Track* const track = playback_.focused();
  const bool live = session_.opened_now() != nullptr && session_.opened_now()->live; // has a bar of its own
  setVisible(track != nullptr && !live);
  if (track == nullptr || session_.opened_now() == nullptr || live)
    return;
  const auto& chapters = track->report.chapters;
  const std::uint64_t done = playback_.events_done(playback_.focus());
  if (done > 0 && until_it_moves_)
    set_lesson_shown(false);
  const auto current = chapter_at(track->report, done);
  const QString count = QString::number(chapters.size());
  place_->setText(chapters.empty() ? QString() : tr("%1 of %2").arg(current ? *current + 1 : 0).arg(count));
  place_->setAccessibleName(tr("Chapter %1").arg(place_->text()));
  for (QWidget* const part : std::initializer_list<QWidget*>{previous_, place_, next_})
    part->setVisible(!chapters.empty());
  previous_->setEnabled(previous_->hasFocus() || playback_.can_jump(Landmark::chapter, false));
  next_->setEnabled(next_->hasFocus() || playback_.can_jump(Landmark::chapter, true));
  const ScenarioReport& report = session_.opened_now()->report;
  QString text =
      current ? QString::fromStdString(chapters[*current].text) : QString::fromStdString(report.summary);
  if (text.isEmpty())
    text = QString::fromStdString(report.title);
  text_->setText(text);
  const bool at_end = playback_.time_ns() >= playback_.end_ns();
  const bool at_last = !chapters.empty() && current && *current + 1 == chapters.size();
  if ((at_end || at_last) && done > 0)
    Q_EMIT finished();
}

void ChapterBar::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit();
}

void ChapterBar::moveEvent(QMoveEvent* event) {
  QWidget::moveEvent(event);
  fit();
}

void ChapterBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme().panel());
  painter.fillRect(0, height() - 1, width(), 1, theme().border());
}

} // namespace zbuf::gui
