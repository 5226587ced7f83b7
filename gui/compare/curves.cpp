// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/compare/curves.h"

#include "core/trace/fold.h"
#include "gui/timeline/run_survey.h"

#include <algorithm>

namespace zbuf::gui {

namespace {

Sample counted(const DescriptorState& d, std::uint64_t waiting) {
  return {d.total.delivered, d.total.dropped, d.total.bytes_copied_kernel + d.total.bytes_copied_user,
          d.total.syscalls,  waiting,         0};
}

std::uint64_t instant(std::size_t i, std::uint64_t end_ns) {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(end_ns) * i / sample_steps);
}

/// Folds event by event, and puts a sample down whenever time goes past the next step.
class Sampler {
 public:
  /// `begin`: where a recording has lost its beginning, what it had led to.
  Sampler(State begin, std::uint16_t descriptor, std::uint64_t end_ns)
      : descriptor_(descriptor), end_ns_(end_ns), state_(std::move(begin)) {}

  void add(const Event& event) {
    put_until(event.time_ns);
    fold(state_, event);
    if (event.kind == ZB_EV_STORED && event.descriptor == descriptor_ && known())
      waiting_ = std::max(waiting_, now().in_buffers());
  }
  Samples finish() {
    put_until(~std::uint64_t{0});
    return std::move(samples_);
  }

 private:
  [[nodiscard]] bool known() const { return descriptor_ < state_.descriptors.size(); }
  [[nodiscard]] const DescriptorState& now() const { return state_.descriptors[descriptor_]; }

  /// Those of instants before `time_ns`: they have seen all that happened until then, and at it.
  void put_until(std::uint64_t time_ns) {
    while (samples_.size() <= sample_steps && instant(samples_.size(), end_ns_) < time_ns) {
      samples_.push_back(known() ? counted(now(), waiting_) : Sample{});
      waiting_ = known() ? now().in_buffers() : 0;
    }
  }

  std::uint16_t descriptor_;
  std::uint64_t end_ns_;
  State state_{};
  std::uint64_t waiting_ = 0;
  Samples samples_{};
};

double awake_part(const Span& span) {
  if (!span.mixed())
    return span.activity() == Activity::awake ? 1 : 0;
  return span.share[static_cast<std::size_t>(Activity::awake)] / 255.0;
}

/// Spreads the spans of the reader over the steps that they lie in.
void add_awake(Samples& samples, const Spans& reader, std::uint64_t spans_end_ns, std::uint64_t end_ns) {
  std::size_t step = 1;
  for (std::size_t s = 0; s < reader.size(); ++s) {
    std::uint64_t from = reader[s].begin_ns;
    const std::uint64_t until = s + 1 < reader.size() ? reader[s + 1].begin_ns : spans_end_ns;
    const double part = awake_part(reader[s]);
    while (from < until && step <= sample_steps) {
      const std::uint64_t begin = instant(step - 1, end_ns);
      const std::uint64_t end = instant(step, end_ns);
      if (end <= from) {
        ++step;
        continue;
      }
      const std::uint64_t reach = std::min(until, end);
      samples[step].awake += part * static_cast<double>(reach - std::max(from, begin)) /
                             static_cast<double>(std::max<std::uint64_t>(end - begin, 1));
      from = reach;
    }
  }
}

} // namespace

std::optional<Samples> sample_run(const std::shared_ptr<const Recording>& recording, std::uint16_t descriptor,
                                  std::uint64_t end_ns, const std::atomic<bool>& stop) {
  Sampler sampler(recording->state_after(0), descriptor, end_ns);
  Recording::Room room;
  for (std::uint64_t n = 0; n < recording->event_count();) {
    if (stop)
      return std::nullopt;
    const std::span<const Event> block = recording->events_from(n, room);
    for (const Event& event : block)
      sampler.add(event);
    n += block.size();
  }
  Samples samples = sampler.finish();
  const std::shared_ptr<const Survey> survey = survey_of(recording, stop);
  if (!survey)
    return std::nullopt;
  if (descriptor < survey->descriptors.size())
    add_awake(samples, survey->descriptors[descriptor].reader, survey->until_ns, end_ns);
  return samples;
}

} // namespace zbuf::gui
