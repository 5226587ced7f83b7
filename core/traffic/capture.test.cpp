// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/capture.h"
#include "core/traffic/capture_bytes.h"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace zbuf {
namespace {

using testing::CaptureBytes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// All packets of a capture until its end or its fault.
struct Played {
  std::vector<std::uint64_t> times_ns;
  std::vector<std::uint32_t> lengths;
  std::vector<std::size_t> at_hand;
  std::vector<unsigned> first_bytes;
  std::vector<bool> outgoing;
  std::optional<Error> error;
  std::uint64_t held_back = 0;
  SourceRemarks remarks;
  int link_type = -1;
};

Played play(CaptureSource& source, std::size_t at_most = 1000) {
  Played played;
  played.link_type = source.link_type();
  while (played.times_ns.size() < at_most) {
    const auto packet = source.next();
    if (!packet) {
      played.error = packet.error();
      EXPECT_FALSE(source.next()->has_value()) << "after an error, the stream is at its end";
      break;
    }
    if (!*packet)
      break;
    played.times_ns.push_back((*packet)->time_ns);
    played.lengths.push_back((*packet)->wire_length);
    played.at_hand.push_back((*packet)->bytes.size());
    played.first_bytes.push_back((*packet)->bytes.empty() ? 0
                                                          : std::to_integer<unsigned>((*packet)->bytes[0]));
    played.outgoing.push_back((*packet)->outgoing);
  }
  played.held_back = source.held_back_count();
  played.remarks = source.remarks();
  return played;
}

Played play(const CaptureBytes& capture, const ReplayConfig& config = {}, std::size_t at_most = 1000) {
  auto source = open_capture(capture.bytes(), "test.pcap", config);
  if (!source) {
    Played refused;
    refused.error = source.error();
    return refused;
  }
  return play(**source, at_most);
}

CaptureBytes three_packets(bool big_endian = false, bool nanoseconds = false) {
  CaptureBytes capture(big_endian);
  capture.pcap(nanoseconds).record(1'700'000'000, 999'999, 60, 60, 1);
  return capture.record(1'700'000'001, 1, 40, 1514, 2).record(1'700'000'003, 0, 14, 14, 3);
}

// ---- Formats ----------------------------------------------------------------------------------------------

TEST(Capture, PcapInEitherByteOrderAndResolution) {
  for (const bool big_endian : {false, true}) {
    const Played micro = play(three_packets(big_endian));
    EXPECT_FALSE(micro.error.has_value());
    EXPECT_THAT(micro.times_ns, ElementsAre(0, 2'000, 2'000'001'000)) << "big-endian: " << big_endian;
    EXPECT_THAT(micro.lengths, ElementsAre(60, 1514, 14));
    EXPECT_THAT(micro.at_hand, ElementsAre(60, 40, 14));
    EXPECT_THAT(micro.first_bytes, ElementsAre(1, 2, 3));
    EXPECT_EQ(micro.link_type, 1);

    const Played nano = play(three_packets(big_endian, true));
    EXPECT_THAT(nano.times_ns, ElementsAre(0, 999'000'002, 2'999'000'001));
  }
}

TEST(Capture, PcapngInEitherByteOrderAndResolution) {
  for (const bool big_endian : {false, true}) {
    CaptureBytes nano(big_endian);
    nano.pcapng().interface(1, 9).enhanced(5'000'000'000, 60, 60, 1).enhanced(5'000'000'007, 20, 100, 2);
    const Played played = play(nano);
    EXPECT_FALSE(played.error.has_value()) << played.error->text();
    EXPECT_THAT(played.times_ns, ElementsAre(0, 7)) << "big-endian: " << big_endian;
    EXPECT_THAT(played.lengths, ElementsAre(60, 100));
    EXPECT_THAT(played.at_hand, ElementsAre(60, 20));

    CaptureBytes micro(big_endian);
    micro.pcapng().interface(1, 6).enhanced(1, 60, 60).enhanced(8, 60, 60);
    EXPECT_THAT(play(micro).times_ns, ElementsAre(0, 7'000));
  }
}

TEST(Capture, EveryLinkType) {
  for (const auto& [in_file, expected] : {std::pair(1, 1),
                                          {0, 0},
                                          {101, 12},
                                          {12, 12},
                                          {108, 108},
                                          {113, 113},
                                          {276, 276},
                                          {105, 105},
                                          {220, 220},
                                          {999, 999}}) {
    CaptureBytes capture;
    capture.pcap(false, static_cast<std::uint32_t>(in_file)).record(0, 0, 20, 20);
    const Played played = play(capture);
    EXPECT_FALSE(played.error.has_value()) << in_file << played.error->text();
    EXPECT_EQ(played.link_type, expected);
    EXPECT_EQ(played.times_ns.size(), 1u);
  }
}

TEST(Capture, CookedHeadersTellWhatWasSent) {
  CaptureBytes sll;
  sll.pcap(false, 113).record(0, 0, 20, 20, 0).u32(0).u32(1).u32(20).u32(20).u8(0).u8(4).filler(18, 9);
  EXPECT_THAT(play(sll).outgoing, ElementsAre(false, true));
  CaptureBytes sll2;
  sll2.pcap(false, 276).record(0, 0, 5, 20, 4).u32(0).u32(1).u32(20).u32(20).filler(10, 0).u8(4).filler(9, 0);
  EXPECT_THAT(play(sll2).outgoing, ElementsAre(false, true));
}

// ---- Faults -----------------------------------------------------------------------------------------------

ReplayConfig strict() {
  ReplayConfig config;
  config.strict = true;
  return config;
}

TEST(CaptureFault, CutOffInTheThirdPacket) {
  constexpr std::size_t third = 24 + 16 + 60 + 16 + 40;
  for (const std::size_t size : {third + 5, third + 16, third + 16 + 13}) {
    const Played played = play(three_packets().cut_to(size));
    EXPECT_EQ(played.times_ns.size(), 2u) << "what came before is delivered";
    EXPECT_FALSE(played.error.has_value()) << size;
    EXPECT_EQ(played.remarks.skipped, 1u);
    ASSERT_EQ(played.remarks.lines.size(), 1u);
    EXPECT_THAT(played.remarks.lines[0],
                StartsWith("packet 3, at byte 156: from here on the capture cannot be read: "));
    EXPECT_THAT(played.remarks.lines[0], HasSubstr("truncated"));

    const Played refused = play(three_packets().cut_to(size), strict());
    EXPECT_EQ(refused.times_ns.size(), 2u);
    ASSERT_TRUE(refused.error.has_value());
    EXPECT_EQ(refused.error->code, Error::Code::bad_input);
    EXPECT_EQ(refused.error->file, "test.pcap");
    EXPECT_TRUE(refused.error->has_offset);
    EXPECT_EQ(refused.error->offset, third);
    EXPECT_THAT(refused.error->message, StartsWith("packet 3 of the capture cannot be played: "));
    EXPECT_THAT(refused.error->message, HasSubstr("2 before it were good"));
  }
}

TEST(CaptureFault, CutOffPcapng) {
  CaptureBytes capture;
  capture.pcapng().interface().enhanced(0, 60, 60);
  const std::size_t second = capture.size();
  capture.enhanced(1, 60, 60).cut_to(second + 50);
  EXPECT_EQ(play(capture).times_ns.size(), 1u);
  EXPECT_EQ(play(capture).remarks.skipped, 1u);
  const Played played = play(capture, strict());
  ASSERT_TRUE(played.error.has_value());
  EXPECT_EQ(played.error->offset, second);
  EXPECT_THAT(played.error->message, StartsWith("packet 2 "));
  EXPECT_THAT(played.error->message, HasSubstr("1 before it was good"));
}

/// Three packets, the second with these lengths.
CaptureBytes odd_second(std::uint32_t caplen, std::uint32_t length) {
  CaptureBytes capture;
  return capture.pcap(true).record(0, 0, 60, 60).record(0, 1, caplen, length).record(0, 2, 60, 60);
}

TEST(CaptureFault, MoreBytesThanTheWireHadArePlayedWhole) {
  const Played played = play(odd_second(61, 60), strict());
  EXPECT_FALSE(played.error.has_value());
  EXPECT_THAT(played.lengths, ElementsAre(60, 61, 60));
  EXPECT_THAT(played.at_hand, ElementsAre(60, 61, 60));
  EXPECT_EQ(played.remarks.mended, 1u);
  EXPECT_EQ(played.remarks.skipped, 0u);
  EXPECT_THAT(played.remarks.lines, ElementsAre(HasSubstr("packet 2, at byte 100: 61 bytes are there")));
}

TEST(CaptureFault, NoBytesOnTheWireAreLeftOut) {
  const Played played = play(odd_second(0, 0));
  EXPECT_FALSE(played.error.has_value());
  EXPECT_THAT(played.lengths, ElementsAre(60, 60));
  EXPECT_EQ(played.remarks.skipped, 1u);
  EXPECT_THAT(played.remarks.lines, ElementsAre(HasSubstr("packet 2, at byte 100: left out")));
  EXPECT_EQ(play(odd_second(0, 0), strict()).error.value().offset, 100u);
}

TEST(CaptureFault, ARecordMayClaimAnyLengthOnTheWire) {
  for (const std::uint32_t length : {32u << 20, 0x7fffffffu, 0xffffffffu}) {
    ReplayConfig line = strict();
    line.timing = ReplayTiming::line;
    for (const ReplayConfig& config : {strict(), line}) {
      const Played played = play(odd_second(60, length), config);
      EXPECT_FALSE(played.error.has_value());
      EXPECT_THAT(played.lengths, ElementsAre(60, length, 60));
    }
  }
}

TEST(CaptureFault, ZerosBehindTheLastPacketAreLeftOut) {
  for (const std::size_t zeros : {16u, 20u, 32u, 512u}) {
    CaptureBytes capture;
    const Played played = play(capture.pcap().record(1, 0, 60, 60).filler(zeros, 0));
    EXPECT_FALSE(played.error.has_value());
    EXPECT_EQ(played.times_ns.size(), 1u);
    EXPECT_EQ(played.remarks.skipped, (zeros + 15) / 16);
    EXPECT_LE(played.remarks.lines.size(), 9u);
  }
}

TEST(CaptureFault, NothingThatCanBePlayedIsAnError) {
  CaptureBytes empty, corrupt;
  EXPECT_THAT(play(empty.pcap().record(0, 0, 0, 0)).error.value().message, HasSubstr("no packet"));
  corrupt.pcap().u32(0).u32(0).u32(0xfffffff0).u32(0xfffffff0).filler(1000, 0);
  EXPECT_THAT(play(corrupt).error.value().message, HasSubstr("4294967280"));
}

TEST(CaptureFault, TimeStampsAtTheEndOfTime) {
  CaptureBytes capture;
  capture.pcapng().interface(1, 0).enhanced(0, 60, 60).enhanced(UINT64_MAX / 2, 60, 60);
  const Played played = play(capture);
  ASSERT_TRUE(played.error.has_value());
  EXPECT_THAT(played.error->message, HasSubstr("too far after that of the first"));

  ReplayConfig by_rate;
  by_rate.timing = ReplayTiming::rate;
  EXPECT_FALSE(play(capture, by_rate).error.has_value()) << "where time stamps mean nothing, none is wrong";
}

TEST(CaptureFault, NotACapture) {
  const Played played = play(CaptureBytes().filler(100, 'x'));
  ASSERT_TRUE(played.error.has_value());
  EXPECT_EQ(played.error->code, Error::Code::bad_input);
  EXPECT_THAT(played.error->text(), StartsWith("test.pcap: byte 0: this cannot be read as a capture"));
  EXPECT_THAT(played.error->message, HasSubstr("unknown file format"));
}

TEST(CaptureFault, EmptyAndCutOffInTheHeader) {
  const Played empty = play(CaptureBytes());
  ASSERT_TRUE(empty.error.has_value());
  EXPECT_THAT(empty.error->message, HasSubstr("truncated"));
  const Played cut = play(CaptureBytes().pcap().cut_to(13));
  ASSERT_TRUE(cut.error.has_value());
  EXPECT_THAT(cut.error->message, HasSubstr("(at byte 13 of its header)"));
}

TEST(CaptureFault, InterfacesOfDifferingLinkTypes) {
  CaptureBytes capture;
  capture.pcapng().interface(1).enhanced(0, 60, 60);
  const std::size_t place = capture.size();
  capture.interface(113).enhanced(0, 60, 60);
  EXPECT_EQ(play(capture).times_ns.size(), 1u);
  EXPECT_EQ(play(capture).remarks.skipped, 1u);
  const Played played = play(capture, strict());
  ASSERT_TRUE(played.error.has_value());
  EXPECT_EQ(played.error->offset, place);
  EXPECT_THAT(played.error->message, HasSubstr("type 113"));
}

// ---- Files ------------------------------------------------------------------------------------------------

class CaptureFile : public ::testing::Test {
 protected:
  CaptureFile() {
    std::string name = ::testing::TempDir() + "capture-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~CaptureFile() override {
    ::unlink(path().c_str());
    ::rmdir(folder_.c_str());
  }
  [[nodiscard]] std::string path() const { return folder_ + "/test.pcap"; }
  void write(const CaptureBytes& capture) const {
    std::ofstream(path(), std::ios::binary)
        .write(reinterpret_cast<const char*>(capture.bytes().data()),
               static_cast<std::streamsize>(capture.size()));
  }
  std::string folder_;
};

TEST_F(CaptureFile, IsReadAndLooped) {
  write(three_packets());
  ReplayConfig config;
  config.loop_count = 3;
  auto source = open_capture(path(), config);
  ASSERT_TRUE(source.has_value()) << source.error().text();
  EXPECT_EQ(play(**source).times_ns.size(), 9u);
}

TEST_F(CaptureFile, StaysOpenWhenItsNameIsGone) {
  write(three_packets());
  ReplayConfig config;
  config.loop_count = 2;
  auto source = open_capture(path(), config);
  ::unlink(path().c_str());
  EXPECT_EQ(play(**source).times_ns.size(), 6u);
}

TEST_F(CaptureFile, FaultHasItsOffset) {
  write(three_packets().cut_to(24 + 76 + 56 + 20));
  auto source = open_capture(path(), strict());
  const Played played = play(**source);
  EXPECT_EQ(played.times_ns.size(), 2u);
  EXPECT_EQ(played.error.value().offset, 156u);
  EXPECT_EQ(played.error.value().file, path());
}

TEST_F(CaptureFile, ChangedWhileItIsLooped) {
  write(three_packets());
  ReplayConfig config;
  config.loop_count = 0;
  auto source = open_capture(path(), config);
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE((*source)->next()->has_value());
  write(CaptureBytes().pcap(false, 113));
  const Played played = play(**source);
  EXPECT_TRUE(played.times_ns.empty());
  EXPECT_THAT(played.error.value().message, HasSubstr("the file has changed"));
}

TEST_F(CaptureFile, MissingOrNoFile) {
  const auto missing = open_capture(path(), {});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Error::Code::not_found);
  EXPECT_EQ(missing.error().text(), path() + ": the capture cannot be opened: No such file or directory");

  const auto folder = open_capture(folder_, {});
  ASSERT_FALSE(folder.has_value());
  EXPECT_THAT(folder.error().message, HasSubstr("this is not a file"));

  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_THAT(open_capture(path(), {}).error().message, HasSubstr("this is not a file"));
}

// ---- Timing -----------------------------------------------------------------------------------------------

TEST(CaptureTiming, ScaledGapsAreExact) {
  ReplayConfig config;
  config.timing = ReplayTiming::scaled;
  config.time_factor = 2;
  EXPECT_THAT(play(three_packets(), config).times_ns, ElementsAre(0, 4'000, 4'000'002'000));
  config.time_factor = 0.25;
  EXPECT_THAT(play(three_packets(), config).times_ns, ElementsAre(0, 500, 500'000'250));
  config.time_factor = 1e6;
  EXPECT_THAT(play(three_packets(), config).times_ns, ElementsAre(0, 2'000'000'000, 2'000'001'000'000'000));
}

TEST(CaptureTiming, Rate) {
  ReplayConfig config;
  config.timing = ReplayTiming::rate;
  config.packets_per_second = 3;
  config.loop_count = 2;
  EXPECT_THAT(play(three_packets(), config).times_ns,
              ElementsAre(0, 333'333'333, 666'666'666, 1'000'000'000, 1'333'333'333, 1'666'666'666));
}

TEST(CaptureTiming, BackToBackOnALine) {
  ReplayConfig config;
  config.timing = ReplayTiming::line; // 1 Gbit/s: 8 ns a byte
  EXPECT_THAT(play(three_packets(), config).times_ns,
              ElementsAre(84 * 8, 84 * 8 + 1538 * 8, 2 * 84 * 8 + 1538 * 8));
  config.line_bits_per_second = 3'000'000'000;
  EXPECT_THAT(play(three_packets(), config).times_ns,
              ElementsAre(224, 4325, 4549)); // 672, 12976, 13648 over 3
}

TEST(CaptureTiming, TimeStampsThatGoBackAreHeldAndCounted) {
  CaptureBytes capture;
  capture.pcap(true);
  for (const std::uint32_t ns : {500u, 700u, 600u, 100u, 800u})
    capture.record(10, ns, 60, 60);
  const Played played = play(capture);
  EXPECT_THAT(played.times_ns, ElementsAre(0, 200, 200, 200, 300));
  EXPECT_EQ(played.held_back, 2u);
  EXPECT_THAT(played.remarks.lines,
              ElementsAre(HasSubstr("the clock of the capture went back 2 times, by 5e-07 s at most")));
}

TEST(CaptureTiming, SecondsOfPcapHaveNoSign) {
  for (const bool big_endian : {false, true}) {
    CaptureBytes capture(big_endian);
    capture.pcap(true)
        .record(0x7fffffff, 0, 60, 60)
        .record(0x80000000, 5, 60, 60)
        .record(0xffffffff, 0, 60, 60);
    const Played played = play(capture);
    EXPECT_FALSE(played.error) << played.error->text();
    EXPECT_THAT(played.times_ns, ElementsAre(0, 1'000'000'005, 0x80000000 * std::uint64_t{1'000'000'000}));
    EXPECT_TRUE(played.remarks.lines.empty());
  }
}

TEST(CaptureTiming, ALoopGoesOnAfterTheMeanGap) {
  CaptureBytes capture;
  capture.pcap(true).record(0, 0, 60, 60).record(0, 2'000, 60, 60).record(0, 10'000, 60, 60);
  ReplayConfig config;
  config.loop_count = 3;
  EXPECT_THAT(play(capture, config).times_ns,
              ElementsAre(0, 2'000, 10'000, 15'000, 17'000, 25'000, 30'000, 32'000, 40'000));
  config.timing = ReplayTiming::scaled;
  config.time_factor = 3;
  config.loop_count = 2;
  EXPECT_THAT(play(capture, config).times_ns, ElementsAre(0, 6'000, 30'000, 45'000, 51'000, 75'000));
}

TEST(CaptureTiming, ALoopWithoutGapsTakesTheTimeOfItsLine) {
  CaptureBytes capture;
  capture.pcap(true).record(0, 0, 60, 60);
  ReplayConfig config;
  config.loop_count = 3;
  EXPECT_THAT(play(capture, config).times_ns, ElementsAre(0, 672, 1344));
}

// ---- Ends -------------------------------------------------------------------------------------------------

TEST(CaptureEnd, LimitDurationAndEndlessLoops) {
  ReplayConfig config;
  config.loop_count = 0;
  EXPECT_EQ(play(three_packets(), config, 500).times_ns.size(), 500u);
  config.limit_packets = 7;
  EXPECT_EQ(play(three_packets(), config).times_ns.size(), 7u);
  config = {};
  config.duration_ns = 2'000;
  EXPECT_THAT(play(three_packets(), config).times_ns, ElementsAre(0));
  config.duration_ns = 2'001;
  EXPECT_THAT(play(three_packets(), config).times_ns, ElementsAre(0, 2'000));
}

TEST(CaptureEnd, ACaptureWithoutPacketsEndsHoweverOftenItIsLooped) {
  ReplayConfig config;
  config.loop_count = 0;
  const Played played = play(CaptureBytes().pcap(), config);
  EXPECT_TRUE(played.times_ns.empty());
  EXPECT_FALSE(played.error.has_value());
}

TEST(CaptureConfig, FieldsOutOfRangeAreRefusedByName) {
  const auto refusal = [](ReplayTiming timing, double factor, double rate, std::uint64_t line) {
    ReplayConfig config;
    config.timing = timing;
    config.time_factor = factor;
    config.packets_per_second = rate;
    config.line_bits_per_second = line;
    return play(three_packets(), config).error.value_or(Error{}).message;
  };
  EXPECT_EQ(refusal(ReplayTiming::scaled, 0, 1, 1000), "time_factor is 0: it must be 0.000001 to 1000000");
  EXPECT_EQ(refusal(ReplayTiming::rate, 1, 0, 1000),
            "packets_per_second is 0: it must be 0.001 to 1000000000");
  EXPECT_EQ(refusal(ReplayTiming::line, 1, 1, 999),
            "line_bits_per_second is 999: it must be 1000 to 1000000000000");
  EXPECT_EQ(refusal(ReplayTiming::original, 0, 0, 1000), "") << "what is not used is not looked at";
}

TEST(CaptureConfig, DescribesItself) {
  ReplayConfig config;
  config.timing = ReplayTiming::scaled;
  config.time_factor = 0.5;
  config.loop_count = 0;
  EXPECT_EQ((*open_capture(three_packets().bytes(), "x.pcap", config))->description(),
            "capture x.pcap, time times 0.5, endless");
  EXPECT_EQ((*open_capture(three_packets().bytes(), "x.pcap", {}))->description(),
            "capture x.pcap, original timing, once");
}

// ---- Shipped captures -------------------------------------------------------------------------------------

TEST(ShippedCaptures, PlayToTheirEnd) {
  struct Expected {
    const char* name;
    std::size_t packets;
  };
  for (const Expected& expected :
       {Expected{"http-download.pcap", 222}, {"dns-and-ping.pcapng", 56}, {"tls-session.pcap", 69}}) {
    auto source = open_capture(std::string(ZBUF_SOURCE_DIR "/scenarios/captures/") + expected.name, {});
    ASSERT_TRUE(source.has_value()) << source.error().text();
    const Played played = play(**source);
    EXPECT_FALSE(played.error.has_value()) << played.error->text();
    EXPECT_EQ(played.times_ns.size(), expected.packets) << expected.name;
    EXPECT_EQ(played.link_type, 1);
    EXPECT_EQ(played.held_back, 0u);
    for (std::size_t i = 0; i < played.lengths.size(); ++i) {
      EXPECT_LE(played.lengths[i], 1514u);
      EXPECT_EQ(played.at_hand[i], played.lengths[i]) << "whole packets";
    }
  }
}

} // namespace
} // namespace zbuf
