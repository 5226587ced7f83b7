// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/stage_model.h"

#include "gui/stage/scene_builder.h"
#include "gui/stage/words.h"
#include "gui/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace zbuf::gui::stage {

namespace {

constexpr double window_s = 0.75;           ///< of the viewer's time
constexpr double sampled_every_s = 0.5;     ///< while buffers are too fast to follow
constexpr double longest_run_shown_s = 1.5; ///< at the highest speed; as in Playback

/// The stage grows with its window. The larger type of a presenter can add little to that: all must fit.
double font_scale_for(const Layout& layout) {
  constexpr double most = 1.1;
  return layout.font_scale * std::min(theme().scale(), most) / theme().scale();
}

Scene empty_scene(const Input& input, const QString& text) {
  const Layout layout = layout_for(input.size, 1);
  const Typesetter type(font_scale_for(layout));
  Scene scene;
  scene.size = input.size;
  scene.unit = layout.unit;
  scene.user_area = layout.user;
  scene.kernel_area = layout.kernel;
  const QRectF line(16, input.size.height() / 2 - 20 * layout.unit, input.size.width() - 32,
                    40 * layout.unit);
  scene.texts.push_back(type.set(line, text, Face::ui, 11, Ink::muted, Qt::AlignCenter));
  return scene;
}

} // namespace

std::uint64_t window_of(double speed, std::uint64_t end_ns) {
  const double longest = std::max(1.0, static_cast<double>(end_ns));
  const double model_s_per_s = std::isinf(speed) ? longest / 1e9 / longest_run_shown_s : speed;
  return static_cast<std::uint64_t>(std::clamp(model_s_per_s * window_s * 1e9, 1.0, longest));
}

Input input_of(const Playback& playback, std::size_t track) {
  Input input;
  if (track >= playback.track_count())
    return input;
  input.track = &playback.track(track);
  input.state = &playback.state(track);
  input.done = playback.events_done(track);
  input.time_ns = playback.time_ns();
  input.descriptor = playback.descriptor(track);
  input.speed = playback.speed();
  input.playing = playback.playing();
  input.quiz = track == playback.focus();
  input.selection = playback.selection();
  return input;
}

StageModel::StageModel() = default;
StageModel::~StageModel() = default;

void StageModel::forget() {
  fills_.clear();
  flows_.clear();
  typesetter_.reset();
  recording_ = nullptr;
  sampled_done_ = ~std::uint64_t{0};
}

Scene StageModel::build(const Input& input) {
  quiz_ = {};
  if (input.track == nullptr)
    return empty_scene(input, Words::tr("Nothing is open. Choose a lesson, or open a scenario or a trace."));
  const Recording& recording = *input.track->recording;
  if (recording_ != &recording) {
    forget();
    recording_ = &recording;
    facts_ = facts_of(*input.track);
  }
  const std::size_t descriptors = std::max(input.state->descriptors.size(), std::size_t{1});
  const Layout layout = layout_for(input.size, descriptors);
  if (const double wanted = font_scale_for(layout); typesetter_ == nullptr || font_scale_ != wanted) {
    font_scale_ = wanted;
    typesetter_ = std::make_unique<Typesetter>(font_scale_);
  }
  const std::uint64_t window = window_of(input.speed, recording.last_ns());
  Motion motion = motion_at(
      {&recording, input.state, input.done, input.time_ns, input.descriptor, window, input.settled});
  if (!input.playing && !input.filming)
    motion.hurried = false; // who stopped has the time to look at this very instant
  const State* shown = input.state;
  std::uint64_t shown_done = input.done;
  if (motion.hurried) {
    const auto every = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(static_cast<double>(window) / window_s * sampled_every_s));
    shown_done = std::min(input.done, recording.events_until(input.time_ns / every * every));
    if (shown_done != sampled_done_) {
      sampled_ = recording.state_after(shown_done);
      sampled_done_ = shown_done;
    }
    shown = &sampled_;
  }
  if (input.quiz && !input.playing)
    quiz_ = quiz_at(recording, *input.state, input.done, input.descriptor);
  const SceneBuilder::Context context{input,  *shown, shown_done, layout, *typesetter_,
                                      facts_, motion, quiz_,      fills_, flows_};
  return SceneBuilder(context).build();
}

const DescriptorState* StageModel::descriptor_of(const Input& input) const {
  return input.track != nullptr && input.descriptor < input.state->descriptors.size()
             ? &input.state->descriptors[input.descriptor]
             : nullptr;
}

std::optional<StageModel::Hit> StageModel::hit(const Input& input, std::uint8_t which, std::size_t index) {
  const DescriptorState& d = *descriptor_of(input);
  const BufferState& b = d.buffers[which];
  const auto& records = fills_.records(*input.track->recording, input.descriptor, d, which, input.done);
  Hit hit{records[index], 0, b.handled != 0 && records[index].offset <= b.handled_offset};
  if (records.size() == b.records)
    hit.number = static_cast<std::uint32_t>(index + 1);
  return hit;
}

std::optional<StageModel::Hit> StageModel::record_at(const Input& input, const Card& card,
                                                     const QPointF& point) {
  const DescriptorState* d = descriptor_of(input);
  if (d == nullptr || card.ghost || !card.strip.contains(point) || card.strip.width() <= 0)
    return {};
  const BufferState& b = d->buffers[card.which];
  const double at = (point.x() - card.strip.left()) / card.strip.width() * b.size;
  const auto& records = fills_.records(*input.track->recording, input.descriptor, *d, card.which, input.done);
  const auto after = std::upper_bound(records.begin(), records.end(), at,
                                      [](double x, const FillRecord& record) { return x < record.offset; });
  if (after == records.begin() || at > std::prev(after)->end)
    return {};
  return hit(input, card.which, static_cast<std::size_t>(after - records.begin() - 1));
}

std::optional<StageModel::Hit> StageModel::neighbour(const Input& input, std::uint8_t which,
                                                     std::optional<std::uint32_t> offset, bool forward) {
  const DescriptorState* d = descriptor_of(input);
  if (d == nullptr || which > ZB_USER_COPY)
    return {};
  const auto& records = fills_.records(*input.track->recording, input.descriptor, *d, which, input.done);
  if (records.empty())
    return {};
  std::size_t index = forward ? 0 : records.size() - 1;
  if (offset) {
    const auto at =
        std::lower_bound(records.begin(), records.end(), *offset,
                         [](const FillRecord& record, std::uint32_t x) { return record.offset < x; });
    const auto place = static_cast<std::size_t>(at - records.begin());
    if (forward)
      index =
          std::min(records.size() - 1, place < records.size() && at->offset == *offset ? place + 1 : place);
    else
      index = place == 0 ? 0 : place - 1;
  }
  return hit(input, which, index);
}

} // namespace zbuf::gui::stage
