// SPDX-License-Identifier: BSD-2-Clause
// What a live capture looks like: a table that is drawn again and again on a terminal, a line a second
// elsewhere.
#pragma once

#include "core/live/capture.h"
#include "core/scenario/text_style.h"

#include <chrono>
#include <string>

namespace zbuf {

[[nodiscard]] const char* mode_name(BufferMode mode);

class LiveView {
 public:
  /// Writes to standard output (1) or standard error (2). The capture outlives it. Quiet: nothing at all.
  LiveView(const LiveCapture& capture, int descriptor, TextStyle style, bool quiet);

  void begin();
  /// How often to show() figures.
  [[nodiscard]] std::chrono::milliseconds interval() const;
  void show(const LiveFigures& figures);
  void finish(const LiveCapture::Outcome& outcome);

 private:
  struct Rate {
    double packets = 0; ///< per second
    double bits = 0;
    double calls = 0; ///< system calls per packet
  };

  [[nodiscard]] Rate rate_of(const LiveFigures& now, std::size_t descriptor) const;
  [[nodiscard]] std::string line(const LiveFigures& figures) const;
  [[nodiscard]] std::string table(const LiveFigures& figures, bool rates) const;
  [[nodiscard]] std::string row(const LiveFigures& figures, std::size_t descriptor, bool rates) const;
  void write(const std::string& text) const;

  const LiveCapture& capture_;
  const int descriptor_;
  const TextStyle style_;
  const bool quiet_;
  const bool terminal_;
  LiveFigures before_{};
  std::size_t drawn_lines_ = 0;
  bool told_of_recording_ = false;
};

} // namespace zbuf
