// SPDX-License-Identifier: BSD-2-Clause
// Captures as they lie about: packed (.gz, .zst), or coming out of a pipe.
#pragma once

#include "core/base/result.h"

#include <string>

namespace zbuf {

/// What is in the stream `descriptor`, unpacked if its first bytes say that gzip or zstd packed it, in a file
/// without a name; -1 if that is not needed: it is a file, and not packed. The result is the caller's to
/// close. At most 4 GiB, because a packed file of some kilobytes can hold more than a disk. `name` stands for
/// it in messages. Errors: io; bad_input: damaged, cut off, or larger than that.
Result<int> unpack(int descriptor, const std::string& name);

/// Do its first bytes say that the file is a capture (pcap, pcapng), or packed as captures are (gzip, zstd)?
/// Its name does not matter. False also where it cannot be read.
[[nodiscard]] bool looks_like_capture(const std::string& path);

} // namespace zbuf
