// SPDX-License-Identifier: BSD-2-Clause
// What a program does with the buffers that it lent, as far as it shows, and what is wrong about it.
//
// A process returns a buffer by a store into shared memory: no call tells the kernel. But whenever the kernel
// is entered, by a packet or a call, it can compare the headers with what they were. What happened in between
// is seen then, and not earlier.
#pragma once

#include "core/clock/clock.h"
#include "core/exec/mistake_kinds.h"
#include "core/exec/protocol.h"

extern "C" {
#include "kernel/engine/event.h"
#include "kernel/engine/shared_header.h"
}

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace zbuf::exec {

/// One mistake of one buffer, or of the descriptor; when it was made again, it is only counted.
struct Mistake {
  MistakeKind kind{};
  zb_which buffer = ZB_A;     ///< ZB_NO_BUFFER: it is about none, or both
  std::uint64_t first_ns = 0; ///< since the start of the run
  std::uint64_t count = 1;
  std::uint32_t value = 0;    ///< what was stored; or the generation that it is about
  std::uint32_t expected = 0; ///< what stood there, or should have
  std::uint64_t since_ns = 0; ///< when the fill that it is about was lent
  std::uint64_t offset = 0;   ///< in the buffer, of what was touched
  std::uint64_t dropped = 0;  ///< packets, in consequence
  std::string text{};         ///< refused_call: which, the error, and why
  bool harmless = false;      ///< to be told, but no mistake: the program may have meant to try
};

/// "at 0.003120 s it acknowledged generation 2 of buffer A, which was not lent to it: ..."
[[nodiscard]] std::string mistake_sentence(const Mistake& mistake);

/// How a program asks for more.
enum class Ask { poll, rotzbuf };

/// One loan, watched. Every function is called with the kernel at rest (the giant held).
class LoanWatch {
 public:
  /// What the program is seen to do goes to `emit` as well, as events of the trace, without time.
  using Emit = std::function<void(const zb_event&)>;
  /// How many packets the descriptor has dropped so far, over its life.
  using Dropped = std::function<std::uint64_t()>;

  /// The headers, in memory that outlives the watch; notes may be null.
  LoanWatch(std::array<const zb_shared_header*, 2> headers, const LoanNotes* notes,
            std::uint64_t clock_start_ns, Emit emit, Dropped dropped);

  /// The kernel is about to be entered: what has the program done since?
  void before(const Clock& clock) {
    both_lent_ = buffers_[ZB_A].lent && buffers_[ZB_B].lent;
    for (const zb_which which : {ZB_A, ZB_B})
      if (differs(which))
        program_wrote(which, clock.now_ns());
  }
  /// The kernel has been: what has it published?
  void after(const Clock& clock) {
    for (const zb_which which : {ZB_A, ZB_B})
      if (differs(which))
        kernel_wrote(which, clock.now_ns());
  }
  /// The program asks for more. Between before() and after().
  void asked(Ask how);
  /// BIOCSETZBUF has zeroed headers, as it may (spec 4.5b).
  void wiped();

  /// The descriptor is closed, or the run ends: what is to be said of the whole. More than once: the same
  /// again.
  [[nodiscard]] std::vector<Mistake> mistakes(std::uint64_t now_ns) const;

  [[nodiscard]] std::uint64_t published() const { return buffers_[0].published + buffers_[1].published; }
  [[nodiscard]] std::uint64_t acknowledged() const {
    return buffers_[0].acknowledged + buffers_[1].acknowledged;
  }

 private:
  struct Buffer {
    const zb_shared_header* header = nullptr;
    std::uint32_t kernel_gen = 0, kernel_len = 0, user_gen = 0; ///< as they were seen last
    std::uint32_t lent_gen = 0;                                 ///< the last that the kernel published
    bool lent = false;
    std::uint64_t lent_ns = 0;
    std::uint64_t lent_number = 0;  ///< of all publications, from 1
    std::uint64_t dropped_then = 0; ///< packets, when it was lent
    std::uint64_t published = 0, acknowledged = 0;
    std::uint64_t asks_alone = 0;                ///< while it is lent, and the other one is not
    std::optional<std::uint64_t> overtaken_ns{}; ///< while it is lent: when the younger one was returned
  };

  [[nodiscard]] bool differs(zb_which which) const {
    const Buffer& b = buffers_[which];
    return zb_header_user_gen(b.header) != b.user_gen || zb_header_kernel_gen(b.header) != b.kernel_gen ||
           zb_header_kernel_len(b.header) != b.kernel_len;
  }
  void program_wrote(zb_which which, std::uint64_t now_ns);
  void user_gen_changed(zb_which which, std::uint32_t value, std::uint64_t now_ns);
  void scribbled(zb_which which, unsigned word, std::uint32_t value, std::uint32_t before,
                 std::uint64_t now_ns);
  void kernel_wrote(zb_which which, std::uint64_t now_ns);
  void note(Mistake mistake);
  void note_patience(zb_which which);
  void add_touches(std::vector<Mistake>& all) const;
  void add_kept(std::vector<Mistake>& all) const;
  void add_idleness(std::vector<Mistake>& all, std::uint64_t now_ns) const;
  void emit(zb_event_kind kind, zb_which which, std::uint32_t a, std::uint32_t b = 0,
            std::uint32_t c = 0) const;

  std::array<Buffer, 2> buffers_{};
  const LoanNotes* notes_;
  std::uint64_t clock_start_ns_;
  Emit emit_;
  Dropped dropped_;
  std::uint64_t publications_ = 0;
  bool both_lent_ = false;                ///< when the kernel was entered last
  std::uint64_t asks_[2]{};               ///< [Ask]: for more, having some, since a buffer came back
  std::uint64_t waited_ = 0, prompt_ = 0; ///< fills that were left until both were full, and others
  std::uint64_t waited_ns_ = 0;           ///< when the first of them was lent
  std::uint64_t waited_for_ = 0;          ///< lent_number of the fill that was waited for last
  std::uint64_t dropped_waiting_ = 0;     ///< packets, when the first of them was lent
  std::vector<Mistake> mistakes_{};
};

} // namespace zbuf::exec
