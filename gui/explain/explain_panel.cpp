// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/explain/explain_panel.h"

#include "gui/explain/code_view.h"
#include "gui/explain/pseudo_code.h"
#include "gui/explain/values_view.h"
#include "gui/panel/dress.h"
#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QLabel>
#include <QVBoxLayout>

namespace zbuf::gui {

ExplainPanel::ExplainPanel(Playback& playback, QWidget* parent)
    : QScrollArea(parent), playback_(playback), refresher_(playback, *this, [this] { show_instant(); }) {
  setAccessibleName(tr("Explain"));
  setAccessibleDescription(tr("What just happened, why, and what comes next"));
  build();
  restyle();
  connect(&theme(), &Theme::changed, this, &ExplainPanel::restyle);
  refresher_.refresh();
}

ExplainPanel::~ExplainPanel() = default;

void ExplainPanel::build() {
  scroll_upright(*this);
  auto* content = new QWidget(this);
  auto* column = new QVBoxLayout(content);
  headline_ = text_label(tr("What happened"), content);
  where_ = text_label(tr("Event, time and packet"), content);
  author_ = text_label(tr("The lesson’s own words"), content);
  text_ = text_label(tr("Explanation"), content);
  values_ = new explain::ValuesView(content);
  source_ = text_label(tr("Rule and manual page"), content);
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
  for (QLabel* const label : {headline_, author_, text_})
    set_text_colour(*label, theme().text());
  for (QLabel* const label : {where_, source_})
    set_text_colour(*label, theme().muted());
  const int em = QFontMetrics(theme().ui()).height();
  author_->setStyleSheet(QString("background: %1; border-left: 3px solid %2; padding: %3px %4px;")
                             .arg(theme().sunken().name(), theme().accent().name())
                             .arg(em / 3)
                             .arg(em / 2));
  space_out(*widget()->layout());
  lay_scrolled_ground(*this);
}

void ExplainPanel::show_instant() {
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
  if (facts_of_ != track.recording) {
    facts_ = explain::run_facts(track.recording->metadata());
    facts_of_ = track.recording;
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
