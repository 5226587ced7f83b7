// SPDX-License-Identifier: BSD-2-Clause
// What FreeBSD's kernel can be seen doing from outside: dtrace(1) on functions of bpf (spec 6.6).
#pragma once

#include "core/base/result.h"
#include "core/trace/event.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

/// The D program: a line for each step of a descriptor that the process attaches from now on.
[[nodiscard]] std::string dtrace_program(int process);

/// From its lines to events. The first descriptor that is attached is 0, the next one 1, ...
///
/// DROPPED (of zero-copy descriptors; full or lent, spec 2.8), TIMED_OUT, and LOST_EVENTS where dtrace could
/// not keep up. Rotations and reclaims are only followed: they tell why a packet was dropped.
class DtraceLines {
 public:
  /// The next bytes of its output, cut anywhere. Appends events; times are nanoseconds since 1970. Lines that
  /// are none of ours are left out.
  void take(std::string_view bytes, std::vector<Event>& into);

  /// The probes are on.
  [[nodiscard]] bool begun() const { return begun_; }
  /// The last line that is none of ours: what dtrace complains of.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

 private:
  struct Known {
    std::uint16_t number = 0;
    bool lent = false; ///< its store: a drop has had it published
  };
  void take_line(std::string_view line, std::vector<Event>& into);
  bool take_step(std::uint64_t time_ns, std::string_view what, std::uint64_t address,
                 std::vector<Event>& into);

  std::string rest_;
  std::string complaint_;
  bool begun_ = false;
  std::uint64_t shift_ns_ = 0; ///< from dtrace's time to that since 1970
  std::uint64_t last_ns_ = 0;
  std::map<std::uint64_t, Known> known_; ///< by address of the kernel's bpf_d
};

/// Where it has nothing to look at, what to do instead.
[[nodiscard]] Error no_dtrace_here();

/// The program, running.
class Dtrace {
 public:
  /// dtrace(1) with the program for this process; returns once the probes are on. It takes root; later on
  /// nothing does. It ends by itself, a second after this process. Errors: unsupported (not FreeBSD),
  /// not_found (no dtrace), io (no permission, or its own words).
  static Result<Dtrace> start();

  /// The same with any command that prints such lines.
  static Result<Dtrace> start(const std::vector<std::string>& command);

  ~Dtrace();
  Dtrace(Dtrace&& other) noexcept;
  Dtrace& operator=(Dtrace&&) = delete;

  /// Appends what has come. Does not wait. Of one thread.
  void read(std::vector<Event>& into);

 private:
  explicit Dtrace(int pipe) : pipe_(pipe) {}
  Result<void> await_begin();

  int pipe_;
  DtraceLines lines_;
  std::vector<Event> early_; ///< came with the line that says that the probes are on
};

} // namespace zbuf
