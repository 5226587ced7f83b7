// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/explain/explain_panel.h"

#include "gui/explain/code_view.h"
#include "gui/explain/pseudo_code.h"
#include "gui/explain/values_view.h"
#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QLabel>
#include <QVBoxLayout>

namespace zbuf::gui {

namespace {

constexpr int reading_ms = 100;

QLabel* text_label(QWidget* parent) {
  auto* label = new QLabel(parent);
  label->setWordWrap(true);
  label->setTextFormat(Qt::PlainText);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  return label;
}

void colour(QWidget* widget, const QColor& text) {
  QPalette palette = widget->palette();
  palette.setColor(QPalette::WindowText, text);
  palette.setColor(QPalette::Text, text);
  widget->setPalette(palette);
}

} // namespace

ExplainPanel::ExplainPanel(Playback& playback, QWidget* parent) : QScrollArea(parent), playback_(playback) {
  setAccessibleName(tr("Explain"));
  setAccessibleDescription(tr("What just happened, why, and what comes next"));
  build();
  restyle();
  later_.setSingleShot(true);
  later_.setInterval(reading_ms);
  connect(&later_, &QTimer::timeout, this, &ExplainPanel::refresh);
  connect(&playback_, &Playback::tracks_changed, this, &ExplainPanel::forget_tracks);
  connect(&playback_, &Playback::moved, this, &ExplainPanel::follow);
  connect(&playback_, &Playback::focus_changed, this, &ExplainPanel::follow);
  connect(&playback_, &Playback::playing_changed, this, &ExplainPanel::follow);
  connect(&theme(), &Theme::changed, this, &ExplainPanel::restyle);
  refresh();
}

ExplainPanel::~ExplainPanel() = default;

void ExplainPanel::build() {
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* content = new QWidget(this);
  auto* column = new QVBoxLayout(content);
  headline_ = text_label(content);
  headline_->setAccessibleName(tr("What happened"));
  where_ = text_label(content);
  where_->setAccessibleName(tr("Event, time and packet"));
  author_ = text_label(content);
  author_->setAccessibleName(tr("The lesson’s own words"));
  text_ = text_label(content);
  text_->setAccessibleName(tr("Explanation"));
  values_ = new explain::ValuesView(content);
  source_ = text_label(content);
  source_->setAccessibleName(tr("Rule and manual page"));
  kernel_ = new explain::CodeView(explain::CodeView::Side::kernel, content);
  reader_ = new explain::CodeView(explain::CodeView::Side::reader, content);
  for (QWidget* widget :
       std::initializer_list<QWidget*>{headline_, where_, author_, text_, values_, source_, kernel_, reader_})
    column->addWidget(widget);
  column->addStretch(1);
  setWidget(content);
}

void ExplainPanel::restyle() {
  headline_->setFont(theme().ui(13, true));
  where_->setFont(theme().mono(9));
  author_->setFont(theme().ui(10.5));
  text_->setFont(theme().ui(10.5));
  source_->setFont(theme().ui(9));
  colour(headline_, theme().text());
  colour(where_, theme().muted());
  colour(author_, theme().text());
  colour(text_, theme().text());
  colour(source_, theme().muted());
  const int em = QFontMetrics(theme().ui()).height();
  author_->setStyleSheet(QString("background: %1; border-left: 3px solid %2; padding: %3px %4px;")
                             .arg(theme().sunken().name(), theme().accent().name())
                             .arg(em / 3)
                             .arg(em / 2));
  auto* column = qobject_cast<QVBoxLayout*>(widget()->layout());
  column->setContentsMargins(em * 3 / 4, em * 3 / 4, em * 3 / 4, em * 3 / 4);
  column->setSpacing(em / 2);
  QPalette palette = this->palette();
  palette.setColor(QPalette::Window, theme().panel());
  for (QWidget* ground :
       {static_cast<QWidget*>(this), viewport(), widget()}) // a style sheet stops inheritance
    ground->setPalette(palette);
  viewport()->setAutoFillBackground(true);
}

void ExplainPanel::forget_tracks() {
  facts_of_ = nullptr;
  later_.stop();
  stale_ = true;
  if (isVisible())
    refresh();
}

void ExplainPanel::follow() {
  stale_ = true;
  if (!isVisible())
    return;
  if (!playback_.playing())
    refresh();
  else if (!later_.isActive())
    later_.start();
}

void ExplainPanel::showEvent(QShowEvent* event) {
  QScrollArea::showEvent(event);
  if (stale_)
    refresh();
}

void ExplainPanel::refresh() {
  later_.stop();
  stale_ = false;
  const Track* const track = playback_.focused();
  const auto event = playback_.event();
  const auto index = playback_.event_index();
  if (track == nullptr || !event || !index)
    show_nothing();
  else
    show_event(*track, *event, *index);
}

void ExplainPanel::show_nothing() {
  const bool open = playback_.focused() != nullptr;
  headline_->setText(open ? tr("Nothing has happened yet") : tr("Nothing is open"));
  text_->setText(open ? tr("This is the start of the run. Play it, or step to the first event; every event "
                           "is explained here.")
                      : tr("Choose a lesson from the list, or open a scenario or a recording."));
  for (QWidget* widget : std::initializer_list<QWidget*>{where_, author_, values_, source_, kernel_, reader_})
    widget->hide();
}

void ExplainPanel::show_event(const Track& track, const Event& event, std::uint64_t index) {
  if (facts_of_ != track.recording.get()) {
    facts_ = explain::run_facts(track.recording->metadata());
    facts_of_ = track.recording.get();
  }
  const explain::Moment moment{
      event, index, playback_.state_before(), playback_.state(), track.recording.get(), &facts_};
  const explain::Caption caption = explain::caption_of(moment);
  headline_->setText(caption.headline);
  where_->setText(where_text(track, event, index));
  where_->show();
  const QString author = author_text(track, event, index);
  author_->setText(author);
  author_->setVisible(!author.isEmpty());
  text_->setText(caption.text);
  values_->set_values(caption.values);
  QStringList sources;
  if (!caption.rules.isEmpty())
    sources.append(caption.rules.contains(',') || caption.rules.contains(QChar(0x2013))
                       ? tr("rules %1").arg(caption.rules)
                       : tr("rule %1").arg(caption.rules));
  if (!caption.manual.isEmpty())
    sources.append(caption.manual);
  source_->setText(sources.join(" · "));
  source_->setVisible(!sources.isEmpty());
  kernel_->set_step(explain::kernel_code(moment, playback_.descriptor()));
  reader_->set_step(explain::reader_code(moment, playback_.descriptor()));
  kernel_->show();
  reader_->show();
}

QString ExplainPanel::where_text(const Track& track, const Event& event, std::uint64_t index) const {
  QStringList parts{tr("event %1").arg(count(index)), tr("t = %1").arg(time(event.time_ns))};
  if (event.packet != ZB_NO_PACKET)
    parts.append(tr("packet %1").arg(count(event.packet)));
  if (event.descriptor != ZB_NO_DESCRIPTOR && track.report.readers.size() > 1)
    if (const explain::ReaderFacts* reader = facts_.reader(event.descriptor);
        reader != nullptr && !reader->name.isEmpty())
      parts.append(reader->name);
  return parts.join(" · ");
}

QString ExplainPanel::author_text(const Track& track, const Event& event, std::uint64_t index) const {
  const auto& chapters = track.report.chapters;
  if (event.kind == ZB_EV_MARK && event.b == 0 && event.a < chapters.size())
    return QString::fromStdString(chapters[event.a].text);
  QStringList texts;
  for (const ChapterReport& chapter : chapters)
    if (chapter.reached && chapter.event == index)
      texts.append(QString::fromStdString(chapter.text));
  return texts.join('\n');
}

} // namespace zbuf::gui
