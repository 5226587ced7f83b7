// SPDX-License-Identifier: BSD-2-Clause
// What the program writes to: a terminal with colours, a pipe, a log; and a progress bar for those who wait.
#pragma once

#include "core/scenario/runner.h"
#include "core/scenario/text_style.h"

#include <chrono>
#include <string>

namespace zbuf {

enum class Colour { automatic, always, never };

/// Of standard output (1) or standard error (2). Colours: on a terminal, unless NO_COLOR is set or TERM is
/// dumb. Blocks and marks: where the locale is UTF-8, or not set at all. Width: of the terminal, else
/// $COLUMNS, else 80.
[[nodiscard]] TextStyle style_of(int descriptor, Colour colour);

[[nodiscard]] bool is_terminal(int descriptor);

/// On standard error, if that is a terminal, of runs that take more than a second.
class ProgressBar {
 public:
  /// `title` is told which scenario it is.
  ProgressBar(std::string title, bool enabled, Colour colour);
  /// Takes itself off the screen.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const RunProgress& progress);

 private:
  using Clock = std::chrono::steady_clock;
  std::string title_;
  bool enabled_;
  TextStyle style_;
  bool drawn_ = false;
  Clock::time_point began_ = Clock::now();
  Clock::time_point last_ = began_;
};

} // namespace zbuf
