// SPDX-License-Identifier: BSD-2-Clause
// A scenario as its author wrote it, checked: what is to be run, what is to be seen, and what must hold.
//
// scenarios/README.md documents the file format; keys.cpp has its keys.
#pragma once

#include "core/scenario/diagnostics.h"
#include "core/scenario/expression.h"
#include "core/sim/config.h"
#include "core/traffic/capture.h"
#include "core/traffic/synthetic.h"

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

namespace zbuf {

/// Everything that is wrong with a scenario.
using Errors = std::vector<Error>;

struct PlannedInterface {
  SimInterface interface {};
  bool has_link = false; ///< the file says which; else the first capture replayed there does, or Ethernet
};

/// A capture to be replayed. Nothing has been opened yet.
struct PlannedCapture {
  std::string path{};  ///< relative ones were taken from the folder of the scenario
  std::string shown{}; ///< as the author wrote it
  ReplayConfig replay{};
};

struct PlannedTraffic {
  std::string interface {};
  std::variant<SyntheticConfig, PlannedCapture> packets{};
  Place place{}; ///< of what to complain about, should it not be usable
};

struct PlannedReader {
  SimReader reader{};      ///< without its filter's program
  bool has_filter = false; ///< without one, every packet is accepted, whole
  LocatedText filter{};
  std::uint32_t snaplen = 262144;
};

struct PlannedFault {
  SimFault fault{};     ///< without `kinds` and `when`
  LocatedText target{}; ///< the reader or interface that it names; empty: the first one
  LocatedText when{};   ///< empty: at_ns says when
};

/// One of the runs that a scenario compares.
struct PlannedRun {
  std::string name{};
  SimConfig config{}; ///< kernel, costs, seed, how long; the rest is below
  std::vector<PlannedInterface> interfaces{};
  std::vector<PlannedTraffic> traffic{};
  std::vector<PlannedReader> readers{};
  std::vector<PlannedFault> faults{};
  LocatedText stop_when{};         ///< empty: never
  std::string until{};             ///< one more condition to stop at; empty: none
  std::vector<Invariant> breaks{}; ///< it shows a known fault: these must break, the others must hold
};

struct PlannedChapter {
  LocatedText when{};
  std::string text{};
};

struct PlannedCheck {
  LocatedText expression{};
  std::string text{}; ///< empty: the expression speaks for itself
};

/// What the columns of a drawing stand for.
enum class PictureAxis { time, steps };

struct Scenario {
  std::string file{};
  std::string title{};
  std::uint32_t number = 0; ///< of the lesson; 0: none
  std::string summary{};    ///< one line, for lists
  std::string lesson{};     ///< paragraphs, for students
  PictureAxis axis = PictureAxis::time;
  std::vector<PlannedRun> runs{}; ///< at least one; the first is the base run
  std::vector<PlannedChapter> chapters{};
  std::vector<PlannedCheck> checks{};

  /// What the names in the checks mean, and (of one run) in everything that is asked while it goes on.
  [[nodiscard]] Scope scope_at_end() const;
  [[nodiscard]] Scope scope_of(std::size_t run) const;
};

/// What the command line says in place of the file.
struct Overrides {
  std::optional<std::uint64_t> seed{};
  std::optional<std::string> revision{}; ///< where a run of the comparison does not set its own
  std::optional<std::string> capture{};  ///< a path: replayed instead of all traffic
  std::optional<std::string> until{};    ///< one more condition to stop at
  std::optional<Costs> costs{};          ///< instead of [costs], in every run
  bool strict = false;                   ///< no record of a capture may be left out (ReplayConfig)
};

/// Parses and checks a scenario. `file` stands for it in messages; captures are looked for in `folder`.
/// Nothing is opened, and no filter is compiled: that is make_config().
tl::expected<Scenario, Errors> parse_scenario(std::string_view toml, const std::string& file,
                                              const std::string& folder, const Overrides& overrides = {});

/// The same from a file.
tl::expected<Scenario, Errors> load_scenario(const std::string& path, const Overrides& overrides = {});

/// Costs from a file that zbuf calibrate wrote: TOML, with a table [costs] as in a scenario and nothing else.
/// What it does not have keeps its default.
tl::expected<Costs, Errors> load_costs(const std::string& path);

/// A configuration to simulate, made anew for each run, because conditions and sources are used up. Compiles
/// filters and opens captures. `run`: which of Scenario::runs.
tl::expected<SimConfig, Errors> make_config(const Scenario& scenario, std::size_t run);

/// A line for each source of a run: "em0: Poisson, 812000 packets/s, IMIX, 4 flows".
std::vector<std::string> traffic_lines(const PlannedRun& run);

} // namespace zbuf
