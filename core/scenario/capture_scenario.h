// SPDX-License-Identifier: BSD-2-Clause
// A capture by itself, without a scenario: the one that plays it.
#pragma once

#include <string>

namespace zbuf {

/// How the one reader takes it.
struct CaptureReader {
  std::string mode = "zbuf";      ///< or "read"
  std::string buffer = "512 KiB"; ///< of each of two
  std::string revision = "zbuf";  ///< of the kernel
};

/// TOML: the capture at `path`, from its first packet to its last, in the time in which it was recorded, to
/// one reader. The interface holds as many packets as one can (65536), so that what arrives at one instant is
/// not missed. It plays the same from any folder.
[[nodiscard]] std::string scenario_of_capture(const std::string& path, const CaptureReader& reader = {});

} // namespace zbuf
