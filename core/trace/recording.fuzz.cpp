// SPDX-License-Identifier: BSD-2-Clause
// Any bytes may be opened as a recording: what is salvaged can be walked from end to end.
#include "core/trace/recording.h"
#include "core/trace/export.h"
#include "core/trace/fold.h"
#include "core/trace/format.h"

#include <cstdlib>
#include <sstream>
#include <vector>

namespace {

using namespace zbuf;

/// Checksums stop nearly every changed byte; with good ones the fuzzer gets to what lies behind.
void mend_checksums(std::span<std::byte> bytes) {
  using namespace zbuf::format;
  const auto mend = [&]<typename Header>(std::size_t offset, Header header) {
    header.crc = header_crc(header);
    std::memcpy(bytes.data() + offset, &header, sizeof(header));
  };
  if (bytes.size() < sizeof(FileHeader))
    return;
  mend(0, load<FileHeader>(bytes, 0));
  for (std::size_t offset = sizeof(FileHeader); bytes.size() - offset >= sizeof(RecordHeader);) {
    auto header = load<RecordHeader>(bytes, offset);
    const std::size_t room = bytes.size() - offset - sizeof(RecordHeader);
    if (header.payload_bytes <= room)
      header.payload_crc = crc(bytes.subspan(offset + sizeof(RecordHeader), header.payload_bytes));
    mend(offset, header);
    if (header.payload_bytes > room)
      return;
    offset += sizeof(RecordHeader) + header.payload_bytes;
  }
}

void walk(const Recording& r) {
  State state;
  r.for_each(0, r.event_count(), [&](std::uint64_t n, const Event& event) {
    fold(state, event);
    if (n < 64 || n + 1 == r.event_count()) {
      if (r.state_at_event(n).events != n + 1)
        std::abort();
      for (std::uint8_t which = 0; which <= ZB_NO_BUFFER; ++which)
        (void)r.records_in(event.descriptor, which, n + 1);
      (void)r.event_at_time(event.time_ns);
      (void)r.events_until(event.time_ns);
      (void)r.packet(event.packet);
    }
  });
  for (const std::size_t count : {1u, 100u}) {
    (void)r.buckets(r.first_ns(), r.last_ns(), count);
    (void)r.buckets(0, ~std::uint64_t{0}, count, 0);
  }
  (void)r.next(mask_of({ZB_EV_DROPPED}), 0);
  (void)r.next(mask_of({ZB_EV_DROPPED}), r.event_count(), Recording::Direction::backward);
  std::ostringstream out;
  (void)export_csv(r, out);
  (void)export_json_lines(r, out);
  (void)export_chrome(r, out);
  (void)export_pcap(r, out);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto given = std::as_bytes(std::span(data, size));
  if (const auto recording = Recording::open(given, Recording::Damage::salvage))
    walk(*recording);
  std::vector<std::byte> mended(given.begin(), given.end());
  mend_checksums(mended);
  if (const auto recording = Recording::open(mended, Recording::Damage::salvage))
    walk(*recording);
  return 0;
}
