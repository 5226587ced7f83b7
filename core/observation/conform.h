// SPDX-License-Identifier: BSD-2-Clause
// Conformance: recorded observations of a real kernel (tests/vectors/README.md), replayed and compared.
#pragma once

#include "core/base/result.h"
#include "core/observation/operation.h"

extern "C" {
#include "kernel/engine/revision.h"
}

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

/// One field of one observation that came out otherwise than recorded.
struct Difference {
  std::string case_name;
  std::uint32_t line = 0; ///< of the file, from 1
  std::string operation;  ///< with its arguments
  std::string field;      ///< "obs.slen"
  std::string expected;
  std::string found;
};

struct Conformance {
  std::uint64_t cases = 0;
  std::uint64_t observations = 0;
  std::uint64_t differing = 0;           ///< observations with at least one difference
  std::vector<Difference> differences{}; ///< the first `keep` of them
};

/// A fresh machine for each case; what it needs is kept alive with it.
using MakeBed = std::function<std::shared_ptr<TestBed>()>;

/// An emulated machine as recorded: the revision, hz 100, one Ethernet interface.
[[nodiscard]] MakeBed emulated_beds(const zb_revision& revision);

/// Replays JSON Lines. `name` is for messages. Errors, with the line: not JSON, not an observation, an
/// operation that does not exist; what went before is lost. Adds to `into`.
Result<void> replay_observations(std::string_view bytes, const std::string& name, const MakeBed& make_bed,
                                 Conformance& into, std::size_t keep = 20);

} // namespace zbuf
