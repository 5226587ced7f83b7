// SPDX-License-Identifier: GPL-3.0-or-later
// From what Playback says to a scene. No widget, no painter: this is what the tests of the stage look at.
#pragma once

#include "gui/model/playback.h"
#include "gui/stage/facts.h"
#include "gui/stage/fills.h"
#include "gui/stage/motion.h"
#include "gui/stage/quiz.h"
#include "gui/stage/scene.h"

#include <memory>
#include <optional>

namespace zbuf::gui::stage {

class Typesetter;

struct Input {
  const Track* track = nullptr; ///< null: nothing is open
  const State* state = nullptr; ///< after `done` events of the track
  std::uint64_t done = 0;
  std::uint64_t time_ns = 0;
  std::uint16_t descriptor = 0;
  double speed = 1e-3;
  double settled = 1; ///< see Instant
  bool playing = false;
  bool filming = false; ///< nobody can answer questions
  bool quiz = true;     ///< the question what comes next is asked
  Selection selection{};
  std::optional<Answer> answer{}; ///< to the last question
  QSizeF size{};
};

/// What Playback says of a track.
[[nodiscard]] Input input_of(const Playback& playback, std::size_t track);

/// Builds scenes, and remembers what the next one can use. Forgetting it never changes a scene.
class StageModel {
 public:
  StageModel();
  ~StageModel();

  [[nodiscard]] Scene build(const Input& input);
  /// The question that the scene asked last.
  [[nodiscard]] const Quiz& quiz() const { return quiz_; }
  /// The record under a point of a buffer's strip.
  struct Hit {
    FillRecord record{};
    std::uint32_t number = 0; ///< from 1; 0: not known, for the fill was sampled
    bool handled = false;
  };
  [[nodiscard]] std::optional<Hit> record_at(const Input& input, const Card& card, const QPointF& point);
  /// The record after, or before, the one at `offset`; the first, or last, if there is none there.
  [[nodiscard]] std::optional<Hit> neighbour(const Input& input, std::uint8_t which,
                                             std::optional<std::uint32_t> offset, bool forward);
  /// To be called when tracks or fonts have changed.
  void forget();

 private:
  [[nodiscard]] const DescriptorState* descriptor_of(const Input& input) const;
  [[nodiscard]] std::optional<Hit> hit(const Input& input, std::uint8_t which, std::size_t index);

  Fills fills_;
  Flows flows_;
  Quiz quiz_;
  std::unique_ptr<Typesetter> typesetter_;
  double font_scale_ = 0;
  const Recording* recording_ = nullptr;
  Facts facts_;
  State sampled_{}; ///< while buffers change places too fast: the state some moments ago
  std::uint64_t sampled_done_ = ~std::uint64_t{0};
};

/// How long a step is drawn out, in model time: a constant time for the eye.
[[nodiscard]] std::uint64_t window_of(double speed, std::uint64_t end_ns);

} // namespace zbuf::gui::stage
