// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/conversations.h"

#include "core/traffic/flow.h"

#include <algorithm>
#include <map>

namespace zbuf {

namespace {

constexpr std::uint64_t most_packets_read = 100'000;

void count(const PlannedCapture& capture, std::map<std::uint32_t, Conversation>& all) {
  ReplayConfig once = capture.replay;
  once.limit_packets =
      std::min(most_packets_read, once.limit_packets == 0 ? most_packets_read : once.limit_packets);
  auto source = open_capture(capture.path, once);
  if (!source)
    return;
  for (auto packet = (*source)->next(); packet && *packet; packet = (*source)->next()) {
    const int link = (*source)->link_type();
    Conversation& one = all[flow_hash((*packet)->bytes, link)];
    if (one.packets == 0 || one.protocol == "TCP") { // a connection begins with packets that carry nothing
      const PacketSummary summary = summarize_packet((*packet)->bytes, (*packet)->wire_length, link);
      if (one.packets == 0) {
        one.source = summary.source;
        one.destination = summary.destination;
      }
      one.protocol = summary.protocol;
    }
    ++one.packets;
    one.bytes += (*packet)->wire_length;
  }
}

} // namespace

std::vector<Conversation> conversations_of(const PlannedRun& run, std::size_t most) {
  std::map<std::uint32_t, Conversation> all;
  for (const PlannedTraffic& traffic : run.traffic)
    if (const auto* capture = std::get_if<PlannedCapture>(&traffic.packets))
      count(*capture, all);
  std::vector<Conversation> sorted;
  for (auto& [flow, conversation] : all)
    sorted.push_back(std::move(conversation));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Conversation& x, const Conversation& y) { return x.packets > y.packets; });
  sorted.resize(std::min(sorted.size(), most));
  return sorted;
}

} // namespace zbuf
