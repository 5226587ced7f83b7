// SPDX-License-Identifier: BSD-2-Clause
// What a simulated run is made of. A scenario file says this in words (core/scenario); here it is checked
// data.
#pragma once

#include "core/emulated/kernel.h"
#include "core/observation/operation.h"
#include "core/reader/options.h"
#include "core/sim/costs.h"
#include "core/trace/event.h"
#include "core/trace/state.h"
#include "core/traffic/source.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace zbuf {

/// An interface and its own queue, which fills when packets come faster than the kernel takes them.
struct SimInterface {
  InterfaceConfig config{};
  std::uint32_t ring_packets = 1024; ///< 1 to 65536
  std::uint32_t link_bits = 0;       ///< of the capture replayed there (CaptureSource::link_bits())
};

/// Packets that arrive at an interface. Made anew for each run, so that runs can be compared.
struct SimTraffic {
  std::string interface = "em0";
  std::function<Result<std::unique_ptr<Source>>(std::uint64_t seed)> make_source{};
};

/// One step of a scripted process.
struct SimStep {
  enum class Kind {
    operation, ///< `operation`, as in device/operation.h
    sleep,     ///< for `time_ns`
    at,        ///< until `time_ns` since the start of the run, if that is not past
  };
  Kind kind = Kind::operation;
  Operation operation{};
  std::uint64_t time_ns = 0;
};

/// A process with one descriptor.
struct SimReader {
  std::string name = "reader";
  std::string interface = "em0";
  ReaderOptions options{}; ///< how it prepares its descriptor and waits (reader/options.h)
  std::uint64_t start_ns = 0;
  std::optional<std::uint64_t> handle_ns{};      ///< instead of Costs::handle_ns
  std::optional<std::uint64_t> handle_byte_ps{}; ///< instead of Costs::handle_byte_ps
  /// Takes both buffers before it returns either, and returns the younger one first (spec 2.9 v).
  bool acknowledges_out_of_order = false;
  /// A scripted process does these steps and nothing else.
  std::vector<SimStep> script{};
};

/// Something that goes wrong, or is done from outside, in the course of a run.
struct SimFault {
  enum class Kind {
    stall,          ///< the reader stops for `duration_ns` (0: for ever), keeping what it has
    kill,           ///< the reader dies; the kernel closes its descriptor
    flush,          ///< the reader issues BIOCFLUSH
    set_filter,     ///< the reader issues BIOCSETF with its filter again
    set_zbuf_again, ///< the reader issues BIOCSETZBUF again with the buffers in use (spec 4.5b)
    scribble,       ///< the reader writes `value` into header word `word` of `buffer`
    interface_down,
    interface_up,
    interface_gone,
    sysctl, ///< `name` := `value`
  };
  Kind kind = Kind::stall;
  std::string target{};          ///< reader or interface
  std::uint64_t duration_ns = 0; ///< stall
  zb_which buffer = ZB_A;        ///< scribble
  unsigned word = 0;             ///< scribble: 0 kernel_gen, 1 kernel_len, 2 user_gen
  std::uint64_t value = 0;       ///< scribble, sysctl
  std::string name{};            ///< sysctl

  // When: at an instant, or right after the first event for which `when` says true.
  std::optional<std::uint64_t> at_ns{};
  KindMask kinds = 0;
  std::function<bool(const State&, const Event&)> when{};
};

/// An instant worth a caption: marked in the trace right after the first event for which `when` says true.
struct SimChapter {
  KindMask kinds = 0;
  std::function<bool(const State&, const Event&)> when{};
};

struct SimConfig {
  EmulatedKernel::Config kernel{};
  Costs costs{};
  std::uint64_t seed = 1;
  std::vector<SimInterface> interfaces{};
  std::vector<SimTraffic> traffic{};
  std::vector<SimReader> readers{};
  std::vector<SimFault> faults{};
  std::vector<SimChapter> chapters{};

  /// Every round of an idle reader is played, however long the silence: for tests, which compare.
  bool plays_silences = false;
  /// Traffic begins this long after the readers do, so that they are attached before the first packet.
  std::uint64_t lead_in_ns = 100'000;
  /// The run ends at this instant; without it, `linger_ns` after the last packet.
  std::optional<std::uint64_t> duration_ns{};
  std::uint64_t linger_ns = 100'000'000;
  /// The run ends right after the first event for which this says true.
  KindMask stop_kinds = 0;
  std::function<bool(const State&, const Event&)> stop_when{};
};

} // namespace zbuf
