// SPDX-License-Identifier: BSD-2-Clause
// Link types have two numberings: DLT_, in kernels and in libpcap's calls, where a few numbers differ from
// system to system, and LINKTYPE_, in files, which are the same everywhere (pcap-linktype(7)).
#pragma once

#include <cstdint>

namespace zbuf {

/// The LINKTYPE_ number that a file has for this DLT_ number of this system: 101 for raw IP, where a kernel
/// says 12. What has no number of its own in files keeps its DLT_ number, as libpcap reads it back.
[[nodiscard]] std::uint32_t link_type_in_file(std::uint32_t dlt);

} // namespace zbuf
