// SPDX-License-Identifier: BSD-2-Clause
#include "core/trace/export.h"

#include "core/trace/test_recording.h"

#include <gmock/gmock.h>
#include <map>
#include <nlohmann/json.hpp>
#include <pcap/pcap.h>
#include <sstream>

namespace zbuf {
namespace {

using namespace testing_support;
using nlohmann::json;
using ::testing::HasSubstr;

Recording recorded(const std::vector<Event>& events, std::uint32_t packet_snap = 96) {
  static std::vector<std::unique_ptr<TemporaryFile>> files;
  files.push_back(std::make_unique<TemporaryFile>());
  record(*files.back(), events, packet_snap);
  return opened(*files.back());
}

const Recording& sample() {
  static const Recording r = recorded(synthetic::run(1, 2000, 4064));
  return r;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

/// A stream that takes nothing: a full disk.
class FullDisk : public std::streambuf {};

TEST(ExportCsv, HasOneLinePerEvent) {
  std::ostringstream out;
  ASSERT_TRUE(export_csv(sample(), out));
  const std::vector<std::string> lines = lines_of(out.str());
  ASSERT_EQ(lines.size(), sample().event_count() + 1);
  EXPECT_EQ(lines[0], "event,time_ns,kind,category,descriptor,buffer,packet,a,b,c,d,description");
  EXPECT_EQ(lines[1],
            "0,10,opened,descriptor,0,,,3,1000,0,0,\"The descriptor was opened (revision 3, 1000 ticks a "
            "second)\"");
  EXPECT_THAT(lines[3], ::testing::StartsWith("2,30,loaned,buffer,0,A,,4064,0,0,0,\"A was loaned"));
  for (const std::string& line : lines) {
    const std::string columns = line.substr(0, line.find('"')); // the description comes last, quoted
    ASSERT_EQ(std::count(columns.begin(), columns.end(), ','), 11) << line;
    ASSERT_EQ(std::count(line.begin(), line.end(), '"'), line == lines[0] ? 0 : 2) << line;
  }
}

TEST(ExportJsonLines, ParsesBack) {
  std::ostringstream out;
  ASSERT_TRUE(export_json_lines(sample(), out));
  const std::vector<std::string> lines = lines_of(out.str());
  ASSERT_EQ(lines.size(), sample().event_count());
  for (std::uint64_t n = 0; n < lines.size(); ++n) {
    const json line = json::parse(lines[n]);
    const Event e = sample().event(n);
    ASSERT_EQ(line["event"], n);
    ASSERT_EQ(line["time_ns"], e.time_ns);
    ASSERT_EQ(line["kind"], kind_name(e.kind));
    ASSERT_EQ(line.contains("descriptor"), e.descriptor != ZB_NO_DESCRIPTOR);
    if (e.kind == ZB_EV_STORED) {
      ASSERT_EQ(line["offset"], e.a);
      ASSERT_EQ(line["caplen"], e.b);
      ASSERT_EQ(line["hdrlen"], 26);
      ASSERT_EQ(line["pad"], e.c >> 16);
      ASSERT_EQ(line["packet"], e.packet);
    }
    if (e.kind == ZB_EV_ROTATED) {
      ASSERT_EQ(line["store"], e.b == ZB_A ? "A" : "B");
      ASSERT_EQ(line["cause"], "packet");
    }
  }
}

TEST(ExportJsonLines, HasWordsForEveryFieldOfEveryKind) {
  synthetic::Pencil p;
  for (std::uint8_t kind = 1; kind < 63; ++kind)
    p.put(static_cast<zb_event_kind>(kind), ZB_A, 1, 1, 1, 1);
  p.put(ZB_EV_CALL, ZB_NO_BUFFER, ZB_CALL_IOCTL, 0x20004268)
      .put(ZB_EV_CALL, ZB_NO_BUFFER, ZB_CALL_IOCTL, 0x1234);
  std::ostringstream out;
  ASSERT_TRUE(export_json_lines(recorded(p.events), out));
  for (const std::string& line : lines_of(out.str()))
    ASSERT_TRUE(json::accept(line)) << line;
  EXPECT_THAT(out.str(), HasSubstr(R"("request":"BIOCFLUSH")"));
  EXPECT_THAT(out.str(), HasSubstr(R"("request":"0x00001234")"));
  EXPECT_THAT(out.str(), HasSubstr(R"("reason":"full")"));
  EXPECT_THAT(out.str(), HasSubstr(R"("size":1,"distance":4294967297})"));
}

TEST(ExportChrome, IsAListOfEventsWhoseSpansAreClosed) {
  std::ostringstream out;
  ASSERT_TRUE(export_chrome(sample(), out));
  const json trace = json::parse(out.str());
  std::map<std::pair<int, int>, int> depth;
  std::map<std::string, int> phases;
  std::set<std::string> spans, tracks;
  double last = 0;
  for (const json& event : trace["traceEvents"]) {
    const std::string phase = event["ph"];
    ++phases[phase];
    if (phase == "M") {
      tracks.insert(event["args"]["name"]);
      continue;
    }
    ASSERT_GE(event["ts"].get<double>(), last);
    last = event["ts"];
    if (phase == "B") {
      ++depth[{event["pid"], event["tid"]}];
      spans.insert(event["name"]);
    } else if (phase == "E") {
      ASSERT_GT((depth[{event["pid"], event["tid"]}]--), 0);
    }
  }
  for (const auto& [track, open] : depth)
    EXPECT_EQ(open, 0) << track.second;
  EXPECT_GT(phases["B"], 100);
  EXPECT_GT(phases["C"], 1000);
  EXPECT_EQ(phases["i"],
            static_cast<int>(sample().event_count(ZB_EV_DROPPED) + sample().event_count(ZB_EV_WOKEN) +
                             sample().event_count(ZB_EV_ATTACHED)));
  for (const char* name : {"kernel", "reader", "descriptor 0: buffer A", "descriptor 1: system calls"})
    EXPECT_TRUE(tracks.contains(name)) << name;
  for (const char* name :
       {"store, the kernel's", "hold, the user's", "store, the user's", "free, the kernel's", "read"})
    EXPECT_TRUE(spans.contains(name)) << name;
}

TEST(ExportChrome, ClosesACallThatNeverReturned) {
  synthetic::Pencil p;
  p.open().put(ZB_EV_CALL, ZB_NO_BUFFER, ZB_CALL_POLL).put(ZB_EV_SLEPT, ZB_NO_BUFFER, ZB_CALL_POLL);
  p.put(ZB_EV_READER, ZB_NO_BUFFER, ZB_READER_DIED).put(ZB_EV_MARK, ZB_NO_BUFFER, 2);
  std::ostringstream out;
  ASSERT_TRUE(export_chrome(recorded(p.events), out));
  const json trace = json::parse(out.str());
  int balance = 0;
  for (const json& event : trace["traceEvents"])
    balance += event["ph"] == "B" ? 1 : event["ph"] == "E" ? -1 : 0;
  EXPECT_EQ(balance, 0);
  EXPECT_THAT(out.str(), HasSubstr("Chapter 2"));
}

/// The packets of a capture, as libpcap reads them.
struct Captured {
  std::uint64_t time_ns;
  std::uint32_t length;
  std::vector<unsigned char> bytes;
};
std::vector<Captured> read_pcap(const std::string& text, int& link_type) {
  const TemporaryFile file;
  std::ofstream(file.path(), std::ios::binary) << text;
  char error[PCAP_ERRBUF_SIZE] = {};
  pcap_t* pcap =
      pcap_open_offline_with_tstamp_precision(file.path().c_str(), PCAP_TSTAMP_PRECISION_NANO, error);
  EXPECT_NE(pcap, nullptr) << error;
  if (pcap == nullptr)
    return {};
  link_type = pcap_datalink(pcap);
  std::vector<Captured> packets;
  pcap_pkthdr* header = nullptr;
  const unsigned char* bytes = nullptr;
  int got = 0;
  while ((got = pcap_next_ex(pcap, &header, &bytes)) == 1)
    packets.push_back({static_cast<std::uint64_t>(header->ts.tv_sec) * 1'000'000'000 +
                           static_cast<std::uint64_t>(header->ts.tv_usec),
                       header->len,
                       {bytes, bytes + header->caplen}});
  EXPECT_EQ(got, PCAP_ERROR_BREAK) << pcap_geterr(pcap);
  pcap_close(pcap);
  return packets;
}

TEST(ExportPcap, HoldsWhatTheReaderHandled) {
  for (const std::uint16_t descriptor : {std::uint16_t{0}, std::uint16_t{1}}) {
    std::ostringstream out;
    const auto count = export_pcap(sample(), out, descriptor);
    ASSERT_TRUE(count) << count.error().text();
    int link_type = 0;
    const std::vector<Captured> packets = read_pcap(out.str(), link_type);
    EXPECT_EQ(link_type, 1);
    ASSERT_EQ(packets.size(), *count);
    std::size_t i = 0;
    sample().for_each(0, sample().event_count(), [&](std::uint64_t, const Event& e) {
      if (e.kind != ZB_EV_HANDLED || e.descriptor != descriptor)
        return;
      const Captured& packet = packets.at(i++);
      ASSERT_EQ(packet.length, e.d);
      ASSERT_EQ(packet.bytes.size(), std::min(e.d, 96u));
      ASSERT_EQ(packet.bytes[0], static_cast<unsigned char>(e.packet));
      ASSERT_EQ(packet.time_ns, sample().packet(e.packet)->time_ns);
    });
    EXPECT_EQ(i, packets.size());
  }
}

TEST(ExportPcap, LeavesOutWhatWasOverwritten) {
  synthetic::Pencil p;
  p.open(300).store(ZB_A, 0).store(ZB_A, 128).rotate(ZB_A, 254).publish(ZB_A, 254, 1);
  p.take(ZB_A, 254, 1)
      .handle(ZB_A, 0)
      .reclaim(ZB_A, ZB_BY_FLUSH)
      .store(ZB_A, 0)
      .store(ZB_A, 128)
      .handle(ZB_A, 128);
  std::ostringstream out;
  const auto count = export_pcap(recorded(p.events), out, 0);
  ASSERT_TRUE(count);
  EXPECT_EQ(*count, 1u);
}

TEST(ExportPcap, WorksWithoutPacketBytes) {
  std::ostringstream out;
  const auto count = export_pcap(recorded(synthetic::run(1, 200, 4064), 0), out, 0);
  ASSERT_TRUE(count);
  int link_type = 0;
  const std::vector<Captured> packets = read_pcap(out.str(), link_type);
  ASSERT_EQ(packets.size(), *count);
  ASSERT_FALSE(packets.empty());
  EXPECT_EQ(packets[0].bytes.size(), 0u);
  EXPECT_GE(packets[0].length, 60u);
}

TEST(ExportPcap, SaysWhyItCannot) {
  std::ostringstream out;
  const auto unknown = export_pcap(sample(), out, 9);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Error::Code::not_found);
  EXPECT_THAT(unknown.error().message, HasSubstr("descriptor 9"));

  synthetic::Pencil p;
  p.open().put(ZB_EV_ATTACHED, ZB_NO_BUFFER, 0, 12, 0);
  const auto changed = export_pcap(recorded(p.events), out, 0);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Error::Code::unsupported);
}

TEST(Exports, TellOfAFullDisk) {
  FullDisk disk;
  std::ostream out(&disk);
  EXPECT_EQ(export_csv(sample(), out).error().code, Error::Code::io);
  EXPECT_EQ(export_json_lines(sample(), out).error().code, Error::Code::io);
  EXPECT_EQ(export_chrome(sample(), out).error().code, Error::Code::io);
  EXPECT_EQ(export_pcap(sample(), out).error().code, Error::Code::io);
}

} // namespace
} // namespace zbuf
