// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/filter/filter_panel.h"

#include "core/traffic/flow.h"
#include "gui/panel/dress.h"
#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QLabel>
#include <QVBoxLayout>

namespace zbuf::gui {

namespace {

/// "34.5 %"
QString percent(std::uint64_t part, std::uint64_t whole) {
  const std::uint64_t permille = whole == 0 ? 0 : (part * 1000 + whole / 2) / whole;
  return QString("%1.%2 %").arg(permille / 10).arg(permille % 10);
}

} // namespace

FilterPanel::FilterPanel(Playback& playback, QWidget* parent)
    : QWidget(parent), playback_(playback), refresher_(playback, *this, [this] { show_instant(); }) {
  setAccessibleName(tr("Filter"));
  setAccessibleDescription(tr("The filter expression, its program, and the way of a packet through it"));
  build();
  connect(&theme(), &Theme::changed, this, &FilterPanel::restyle);
  restyle();
}

FilterPanel::~FilterPanel() = default;

void FilterPanel::build() {
  auto* column = new QVBoxLayout(this);
  expression_ = text_label(tr("Filter expression"), this);
  counts_ = text_label(tr("Accepted and rejected"), this);
  packet_ = text_label(tr("Packet"), this);
  verdict_ = text_label(tr("Verdict"), this);
  program_ = new ProgramView(model_, this);
  for (QWidget* widget : std::initializer_list<QWidget*>{expression_, counts_, packet_, verdict_})
    column->addWidget(widget);
  column->addWidget(program_, 1);
  column->addStretch(0);
}

void FilterPanel::restyle() {
  expression_->setFont(theme().mono(11, true));
  counts_->setFont(theme().ui(10));
  packet_->setFont(theme().ui(9));
  verdict_->setFont(theme().ui(10.5, true));
  set_text_colour(*expression_, theme().text());
  set_text_colour(*counts_, theme().text());
  set_text_colour(*packet_, theme().muted());
  space_out(*layout());
  lay_ground(*this);
  refresher_.refresh();
}

void FilterPanel::learn(const Track& track) {
  if (recording_ == track.recording && descriptor_ == playback_.descriptor())
    return;
  recording_ = track.recording;
  descriptor_ = playback_.descriptor();
  const State end = recording_->state_after(recording_->event_count());
  link_type_ =
      descriptor_ < end.descriptors.size() ? static_cast<int>(end.descriptors[descriptor_].link_type) : 1;
  model_.set_program(filter_of(*recording_, end, descriptor_));
}

void FilterPanel::show_instant() {
  const Track* const track = playback_.focused();
  if (track == nullptr) {
    recording_.reset();
    model_.set_program({});
    expression_->setText(tr("Nothing is open"));
    for (QWidget* widget : std::initializer_list<QWidget*>{counts_, packet_, verdict_, program_})
      widget->hide();
    return;
  }
  learn(*track);
  show_program();
  show_counts();
  show_path();
}

void FilterPanel::show_program() {
  const FilterProgram& program = model_.program();
  switch (program.known) {
  case FilterProgram::Known::none:
    expression_->setText(tr("No filter: every packet is accepted"));
    break;
  case FilterProgram::Known::program:
    expression_->setText(program.expression.isEmpty()
                             ? tr("No expression: every packet is accepted, cut to length")
                             : program.expression);
    break;
  case FilterProgram::Known::length:
    expression_->setText(
        tr("A filter of %1 instructions, which the recording does not have").arg(program.length));
    break;
  }
  program_->setVisible(program.known == FilterProgram::Known::program);
}

void FilterPanel::show_counts() {
  const State& state = playback_.state();
  counts_->show();
  if (descriptor_ >= state.descriptors.size() || state.descriptors[descriptor_].total.received == 0) {
    counts_->setText(tr("No packet has come by yet."));
    return;
  }
  const Counters& total = state.descriptors[descriptor_].total;
  counts_->setText(tr("Packets so far: %1. Accepted: %2 (%3). Rejected: %4.")
                       .arg(count(total.received), count(total.accepted),
                            percent(total.accepted, total.received), count(total.rejected)));
}

std::optional<std::uint32_t> FilterPanel::packet() const {
  if (playback_.selection().packet)
    return playback_.selection().packet;
  const auto event = playback_.event();
  if (event && event->packet != ZB_NO_PACKET && kind_info(event->kind).category == Category::packet)
    return event->packet;
  return std::nullopt;
}

QString FilterPanel::verdict() const {
  const PacketPath& path = *model_.path();
  if (path.undecided)
    return tr("… The recording kept %1 of it, and the filter asks for more.").arg(bytes(path.kept_bytes));
  if (path.path.ran_out)
    return tr("✗ Rejected: it asks for bytes beyond the end of the packet.");
  if (path.path.verdict == 0)
    return tr("✗ Rejected, after %1 instructions").arg(path.path.steps.size());
  return tr("✓ Accepted, after %1 instructions: up to %2 may be kept")
      .arg(path.path.steps.size())
      .arg(bytes(path.path.verdict));
}

void FilterPanel::show_path() {
  const auto number = packet();
  packet_->show();
  if (!number || model_.program().known != FilterProgram::Known::program) {
    model_.set_path({});
    verdict_->hide();
    packet_->setVisible(model_.program().known == FilterProgram::Known::program);
    packet_->setText(tr("Select a packet to see its way through the program."));
    return;
  }
  model_.set_path(path_of(*recording_, model_.program(), *number));
  verdict_->setVisible(model_.path().has_value());
  if (!model_.path()) {
    packet_->setText(tr("The recording did not keep the bytes of packet %1.").arg(count(*number)));
    return;
  }
  const auto kept = recording_->packet(*number);
  const PacketSummary summary = summarize_packet(kept->bytes, kept->wire_length, link_type_);
  packet_->setText(tr("Packet %1: %2").arg(count(*number), QString::fromStdString(summary.info)));
  verdict_->setText(verdict());
  const bool accepted = model_.path()->path.verdict != 0;
  set_text_colour(*verdict_, model_.path()->undecided ? theme().muted()
                             : accepted               ? theme().good()
                                                      : theme().danger());
  program_->scrollTo(model_.index(static_cast<int>(model_.path()->path.steps.back().instruction), 0));
}

} // namespace zbuf::gui
