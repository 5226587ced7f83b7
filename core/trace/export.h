// SPDX-License-Identifier: BSD-2-Clause
// A recording in the words of other tools: a spreadsheet, jq, Perfetto, Wireshark.
//
// Each streams: memory does not grow with the recording. Errors: io, when the stream fails (a full disk).
#pragma once

#include "core/base/result.h"
#include "core/trace/recording.h"

#include <cstdint>
#include <ostream>

namespace zbuf {

/// One line per event: event,time_ns,kind,category,descriptor,buffer,packet,a,b,c,d,description. The first
/// line names the columns; a, b, c, d are raw numbers; descriptor, buffer and packet are empty where there is
/// none.
Result<void> export_csv(const Recording& recording, std::ostream& out);

/// One JSON object per event and line, with the fields of its kind by name and enumerations in words:
/// {"event":7,"time_ns":1200,"kind":"rotated","descriptor":0,"buffer":"A","length":3600,"store":"B","cause":"packet"}
Result<void> export_json_lines(const Recording& recording, std::ostream& out);

/// The Trace Event Format of chrome://tracing, which Perfetto opens. Process "kernel" has a track per buffer
/// with its slot and owner, the store length as a counter, and drops, wake-ups and resets as instants;
/// process "reader" has the system calls and sleeps, and the fills being read. Marks of the scenario are
/// global.
Result<void> export_chrome(const Recording& recording, std::ostream& out);

/// What one descriptor's reader was delivered, in the order in which it handled it: pcap with nanoseconds,
/// little endian, or pcapng. Times count from 1970 where the metadata has "boot_time_ns", the begin of the
/// run in nanoseconds since then; else from the begin of the run. Holds the bytes that the recording kept of
/// each packet; the original length is the one on the wire. Records that were overwritten or handled twice
/// are left out. Returns how many packets were written. Errors also: not_found (the descriptor was never
/// attached), unsupported (its link type changed on the way).
Result<std::uint64_t> export_pcap(const Recording& recording, std::ostream& out, std::uint16_t descriptor = 0,
                                  bool pcapng = false);

} // namespace zbuf
