// SPDX-License-Identifier: BSD-2-Clause
// The vocabulary of scripted processes: what is understood, what is refused with which words, and what each
// operation reports.
#include "core/observation/operation.h"

#include "core/emulated/test_machine.h"
#include "core/observation/emulated_bed.h"

namespace zbuf::testing {
namespace {

TEST(Operations, AreTakenApartAtBlanks) {
  const Operation op = parse_operation("  pkt\t1000   4 ");
  EXPECT_EQ(op.name, "pkt");
  EXPECT_EQ(op.arguments, (std::vector<std::string>{"1000", "4"}));
  EXPECT_EQ(parse_operation("").name, "");
  EXPECT_EQ(parse_operation("   ").name, "");
}

TEST(Operations, UnknownOnesListTheKnown) {
  const auto checked = check_operation(parse_operation("packet 60"));
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().message.find("\"packet\""), std::string::npos);
  for (const std::string_view name : operation_names())
    EXPECT_NE(checked.error().message.find(name), std::string::npos);
}

TEST(Operations, WrongArgumentsSayWhatIsExpected) {
  for (const char* bad : {"pkt",
                          "pkt 13",
                          "pkt 65537",
                          "pkt 60 4 4",
                          "pkt sixty",
                          "pkt -60",
                          "pkt 60 100000001",
                          "pkt 0x40",
                          "ack",
                          "ack c",
                          "ack A",
                          "setkgen a",
                          "setkgen a -1",
                          "setkgen a 4294967296",
                          "filter",
                          "filter some",
                          "filter accept x",
                          "close 1",
                          "setzbuf 1073741825",
                          "setzbuf 4096 4097",
                          "setzbuf 4096 0 1000000000000",
                          "setzbuf_live -1",
                          "write 65537",
                          "read 1073741825",
                          "poll soon",
                          "setblen 99999999999999999999"}) {
    const Operation op = parse_operation(bad);
    const auto checked = check_operation(op);
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().code, Error::Code::bad_input);
    EXPECT_NE(checked.error().message.find(op.name), std::string::npos) << bad;
    EXPECT_NE(checked.error().message.find("expected"), std::string::npos) << bad;
  }
  for (const char* good : {"pkt 14", "pkt 65536 100000000", "ack a", "setkgen b 4294967295", "filter odd",
                           "filter accept 0 nr", "open", "open nonblock", "setzbuf 4096 -1 4096", "poll",
                           "poll 4294967295", "setif", "setif nosuch0", "read", "write 0"})
    EXPECT_TRUE(check_operation(parse_operation(good))) << good;
}

class Script : public ::testing::Test {
 protected:
  OperationResult run(const std::string& text) {
    const Operation op = parse_operation(text);
    EXPECT_TRUE(check_operation(op)) << text;
    return process.run(op);
  }
  Machine machine{};
  EmulatedBed bed{machine.kernel, "em0"};
  Operator process{bed};
};

TEST_F(Script, WithoutADescriptorOrALoanIsEbadf) {
  for (const char* op : {"close", "setbufmode 2", "pkt 60", "rotzbuf", "poll", "read", "write 60", "flush"})
    EXPECT_EQ(run(op).error, std::string(op) == "pkt 60" ? 0 : ZB_EBADF) << op;
  run("open");
  for (const char* op : {"ack a", "setugen b 1", "records a", "setzbuf_live 4096"})
    EXPECT_EQ(run(op).error, ZB_EBADF) << op;
}

TEST_F(Script, GoesThroughAWholeLoan) {
  EXPECT_EQ(run("open").error, 0);
  EXPECT_EQ(run("sysctl 1").error, 0);
  EXPECT_EQ(run("setbufmode 2").error, 0);
  EXPECT_EQ(run("getbufmode").value, 2);
  EXPECT_EQ(run("getzmax").value, 2097152);
  EXPECT_EQ(run("setzbuf 4096").error, 0);
  EXPECT_EQ(run("getblen").value, 4064);
  EXPECT_EQ(run("setif").error, 0);
  EXPECT_EQ(run("getdlt").value, 1);
  EXPECT_EQ(run("pkt 1000 4").error, 0);
  EXPECT_EQ(run("poll").ready, 1);
  EXPECT_EQ(run("fionread").value, 2 * 1032 + 1026 + 1026);
  const OperationResult a = run("records a");
  ASSERT_TRUE(a.records);
  ASSERT_EQ(a.records->size(), 3u);
  const auto& last = a.records->back();
  EXPECT_EQ(last.offset, 2 * 1032u);
  EXPECT_EQ(last.hdrlen, 26u);
  EXPECT_EQ(last.caplen, 1000u);
  EXPECT_EQ(last.datalen, 1000u);
  EXPECT_EQ(last.sequence, 2u);
  EXPECT_FALSE(a.bad_record_offset);
  run("ack a");
  EXPECT_EQ(run("poll").ready, 0);
  EXPECT_EQ(run("pkt 100").error, 0);
  const OperationResult rotated = run("rotzbuf");
  ASSERT_TRUE(rotated.rotated);
  EXPECT_EQ(rotated.rotated->buffer, 'b');
  EXPECT_EQ(rotated.rotated->length, 1032u + 126);
  EXPECT_EQ(run("rotzbuf").rotated->buffer, 0);
  EXPECT_EQ(run("gstats").stat->recv, 5u);
  EXPECT_EQ(run("write 60").value, 60);
  EXPECT_EQ(run("write 6000").value, -1);
  EXPECT_EQ(run("ifgone").error, 0);
  EXPECT_EQ(run("getdlt").error, ZB_EINVAL);
  EXPECT_EQ(run("close").error, 0);
  EXPECT_EQ(run("close").error, ZB_EBADF);
}

TEST_F(Script, ReadsInReadMode) {
  run("open nonblock");
  EXPECT_EQ(run("setblen 8192").value, 8192);
  run("setif");
  EXPECT_EQ(run("read").error, ZB_EWOULDBLOCK);
  run("pkt 100 2");
  const OperationResult got = run("read");
  EXPECT_EQ(got.value, 128 + 126);
  ASSERT_TRUE(got.records);
  EXPECT_EQ(got.records->size(), 2u);
  EXPECT_EQ(run("read 4096").error, ZB_EINVAL);
  EXPECT_EQ(run("read 4096").value, -1);
}

TEST_F(Script, PollsAndTimesOutInVirtualTime) {
  run("open");
  run("setif");
  EXPECT_EQ(run("rtimeout 1500").error, 0);
  EXPECT_EQ(run("getrtimeout").value, 1'500'000);
  EXPECT_EQ(run("poll 250").ready, 0);
  EXPECT_EQ(machine.clock.now_ns(), 250 * ms);
  EXPECT_EQ(run("read").value, 0);
  EXPECT_EQ(machine.clock.now_ns(), 1750 * ms);
}

TEST_F(Script, FiltersByTheFifteenthByte) {
  run("open");
  run("setif");
  run("filter odd");
  run("pkt 60 10");
  EXPECT_EQ(run("gstats").stat->recv, 10u);
  EXPECT_EQ(bed.stats(*process.device())->fcount, 5u);
  run("filter reject 1 nr");
  run("pkt 60 10");
  EXPECT_EQ(bed.stats(*process.device())->fcount, 5u);
  run("filter accept 20");
  run("pkt 60");
  EXPECT_EQ(run("fionread").value, 46);
}

TEST_F(Script, WalksScribbledBuffersWithoutLeavingThem) {
  run("open");
  run("setbufmode 2");
  run("setzbuf 4096");
  run("setif");
  run("pkt 60");
  run("rotzbuf");
  run("setklen a 4294967295");
  EXPECT_EQ(run("records a").bad_record_offset, 0u) << "a length that no buffer has";
  run("setklen a 2000000");
  EXPECT_EQ(run("records a").bad_record_offset, 88u) << "what follows the record is zero";
  run("setklen a 87");
  EXPECT_EQ(run("records a").records->size(), 1u);
  run("setklen a 80");
  EXPECT_EQ(run("records a").bad_record_offset, 0u) << "the record is cut";
}

TEST_F(Script, AMisplacedLoanIsTheKernelsToRefuse) {
  run("open");
  run("setbufmode 2");
  EXPECT_EQ(run("setzbuf 4096 8").error, ZB_EINVAL);
  EXPECT_EQ(run("setzbuf 4096 0 -1").error, ZB_EINVAL);
  EXPECT_EQ(run("setzbuf 0").error, ZB_EINVAL);
  EXPECT_EQ(run("setzbuf 1073741824").error, ZB_EINVAL) << "and takes no gigabyte to say so";
  EXPECT_EQ(run("setzbuf 4096 4096").error, ZB_EFAULT) << "the page behind a buffer is not there";
  EXPECT_EQ(run("setzbuf_readonly 4096").error, ZB_EFAULT);
  EXPECT_EQ(run("setzbuf_unmapped 4096").error, ZB_EFAULT);
  EXPECT_TRUE(process.loan().empty());
  EXPECT_EQ(run("setzbuf_alias 4096").error, 0);
  EXPECT_EQ(process.loan().address(ZB_A), process.loan().address(ZB_B));
}

TEST_F(Script, TellsTheProbeWhatTheProcessDid) {
  struct Told final : ProcessObserver {
    std::string text;
    void looked(zb_which, std::uint32_t, std::uint32_t, std::uint64_t) override { text += "looked "; }
    void took(zb_which b, std::uint32_t n, std::uint32_t g) override {
      text += "took " + std::to_string(b) + ":" + std::to_string(n) + ":" + std::to_string(g) + " ";
    }
    void handled(zb_which, std::uint32_t at, std::uint32_t, std::uint32_t) override {
      text += "handled " + std::to_string(at) + " ";
    }
    void acknowledged(zb_which, std::uint32_t u, std::uint32_t k) override {
      text += "acknowledged " + std::to_string(u) + "/" + std::to_string(k) + " ";
    }
    void scribbled(zb_which, std::uint32_t w, std::uint32_t v, std::uint32_t before) override {
      text += "scribbled " + std::to_string(w) + ":" + std::to_string(before) + ">" + std::to_string(v) + " ";
    }
    void bad_record(zb_which, std::uint32_t at, std::uint32_t) override {
      text += "bad " + std::to_string(at) + " ";
    }
  } told;
  Operator watched(bed, &told);
  for (const char* op : {"open", "setbufmode 2", "setzbuf 4096", "setif", "pkt 60 2", "rotzbuf", "records a",
                         "ack a", "setkgen a 9", "setklen a 200", "records a"})
    watched.run(parse_operation(op));
  EXPECT_EQ(told.text, "looked took 0:174:1 handled 0 handled 88 acknowledged 1/1 scribbled 0:1>9 "
                       "scribbled 1:174>200 looked took 0:200:9 handled 0 handled 88 bad 176 ");
}

TEST(TestPacket, CarriesItsNumber) {
  std::array<std::byte, 20> packet{};
  fill_test_packet(packet, 0x01020304);
  EXPECT_EQ(packet[0], std::byte{0xff});
  EXPECT_EQ(packet[12], std::byte{0x88});
  EXPECT_EQ(packet[13], std::byte{0xb5});
  EXPECT_EQ(packet[14], std::byte{0x04});
  EXPECT_EQ(packet[17], std::byte{0x01});
  EXPECT_EQ(packet[18], std::byte{0x04 + 18});
}

} // namespace
} // namespace zbuf::testing
