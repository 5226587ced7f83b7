// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/preload/walk.h"

extern "C" {
#include "kernel/engine/abi.h"
#include "kernel/engine/shared_header.h"
}

#include <cstring>
#include <initializer_list>

namespace zbuf::exec {

namespace {

// Of struct bpf_hdr (spec 1.3).
constexpr std::size_t at_caplen = 16, at_datalen = 20, at_hdrlen = 24, header_bytes = 32;

struct Record {
  std::size_t hdrlen, caplen, datalen;
};

Record record_at(const unsigned char* fill, std::size_t at) {
  std::uint32_t caplen = 0, datalen = 0;
  std::uint16_t hdrlen = 0;
  std::memcpy(&caplen, fill + at + at_caplen, sizeof(caplen));
  std::memcpy(&datalen, fill + at + at_datalen, sizeof(datalen));
  std::memcpy(&hdrlen, fill + at + at_hdrlen, sizeof(hdrlen));
  return {hdrlen, caplen, datalen};
}

std::size_t aligned(std::size_t length) {
  return (length + 7) / 8 * 8;
}

std::size_t true_step(const Record& r) {
  return aligned(r.hdrlen + r.caplen);
}
std::size_t wrong_step(WalkFault fault, const Record& r) {
  switch (fault) {
  case WalkFault::unaligned:
    return r.hdrlen + r.caplen;
  case WalkFault::by_sizeof:
    return aligned(header_bytes + r.caplen);
  default:
    return aligned(r.hdrlen + r.datalen);
  }
}

/// Something looked for a record here. Its length may be read alone, or with all of the header at once.
bool is_visited(const Places& places, std::size_t record) {
  return places.has(record + at_caplen) || places.has(record) || places.has(record + 8);
}

/// Where a walk with that fault leaves the right one: it goes there, and passes a record unseen.
std::size_t departure(WalkFault fault, const Places& places, const unsigned char* fill, std::size_t end) {
  for (std::size_t at = ZB_HEADER_SIZE; at + header_bytes <= end && is_visited(places, at);) {
    const Record record = record_at(fill, at);
    const std::size_t next = at + true_step(record);
    const std::size_t wrong = at + wrong_step(fault, record);
    if (wrong + header_bytes > end || next + header_bytes > end || true_step(record) == 0)
      return 0;
    if (wrong != next)
      return is_visited(places, wrong) && !is_visited(places, next) ? wrong : 0;
    at = next;
  }
  return 0;
}

/// A record whose length on the wire and header were read, but not how much of it is there.
std::size_t by_datalen(const Places& places, const unsigned char* fill, std::size_t end) {
  unsigned found = 0;
  for (std::size_t at = ZB_HEADER_SIZE; at + header_bytes <= end;) {
    if (is_visited(places, at) || !places.has(at + at_datalen) || !places.has(at + at_hdrlen))
      return 0;
    if (++found == 3)
      return at;
    const std::size_t step = true_step(record_at(fill, at));
    if (step == 0)
      return 0;
    at += step;
  }
  return 0;
}

} // namespace

WalkVerdict judge_walk(const Places& places, const unsigned char* fill) {
  std::uint32_t length = 0;
  std::memcpy(&length, fill + 4, sizeof(length));
  const std::size_t end = length < Places::page - ZB_HEADER_SIZE ? length + ZB_HEADER_SIZE : Places::page;
  for (const WalkFault fault : {WalkFault::unaligned, WalkFault::by_sizeof, WalkFault::by_datalen})
    if (const std::size_t at = departure(fault, places, fill, end); at != 0)
      return {fault, at};
  if (const std::size_t at = by_datalen(places, fill, end); at != 0)
    return {WalkFault::by_datalen, at};
  // Words of the shared header that are always 0, one by one: a copy of it is made in larger pieces.
  const bool is_copy = places.has(12) || places.has(17) || places.has(28);
  if (places.has(at_caplen) && places.has(at_hdrlen) && !is_copy && !is_visited(places, ZB_HEADER_SIZE))
    return {WalkFault::no_header, 0};
  return {};
}

} // namespace zbuf::exec
