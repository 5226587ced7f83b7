// SPDX-License-Identifier: BSD-2-Clause
// Live captures of the loopback interface, in a network namespace of their own: with root only.
#include "core/live/capture.h"

#include "core/live/bpf_stats.h"
#include "core/trace/recording.h"
#include "core/traffic/capture.h"

#include <arpa/inet.h>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__linux__)
#include <sched.h>
#endif

namespace zbuf {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

// ---- Without an interface ----

TEST(PacketFile, SaysThatTheDiskIsFullOnce) {
  const auto refused = PacketFile::create("/dev/full", 1, 65535);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("/dev/full"));
  EXPECT_THAT(refused.error().text(), HasSubstr("No space left"));
  const auto nowhere = PacketFile::create("/dev/null/f.pcap", 1, 65535);
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().text(), HasSubstr("folder that you may write to"));
}

TEST(BpfStats, ReadsWhatTheModuleWrites) {
  const auto found = parse_proc_net_bpf(
      "number pid interface flags recv drop match store hold bufsize written wmatch wdrop zcopy mode\n"
      "3 1 veth0 pifsl-- 10 1 9 200 0 4064 0 0 0 18 2\n"
      "4 1 - ------- 0 0 0 0 0 4096 0 0 0 0 1\n");
  ASSERT_TRUE(found) << found.error().text();
  ASSERT_EQ(found->size(), 2u);
  const zb_xbpf_d& first = found->front().bpf;
  EXPECT_STREQ(first.ifname, "veth0");
  EXPECT_EQ(first.dcount, 1u);
  EXPECT_EQ(first.slen, 200);
  EXPECT_EQ(first.zcopy, 18u);
  EXPECT_EQ(first.bufmode, ZB_BUFMODE_ZBUF);
  EXPECT_EQ(flags_of(first), "pifs--l");
  EXPECT_STREQ(found->back().bpf.ifname, "");
  EXPECT_EQ(flags_of(found->back().bpf), "-------");

  const auto refused = parse_proc_net_bpf("header\n3 1 veth0\n");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("/proc/net/bpf:2"));
}

// ---- With one ----

class Live : public testing::Test {
 protected:
  void SetUp() override {
#if defined(__linux__)
    if (::geteuid() != 0 || ::unshare(CLONE_NEWNET) != 0)
      GTEST_SKIP() << "needs root: it captures in a network namespace of its own";
    const int control = ::socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    std::snprintf(request.ifr_name, sizeof(request.ifr_name), "lo");
    request.ifr_flags = IFF_UP;
    ASSERT_EQ(::ioctl(control, SIOCSIFFLAGS, &request), 0);
    ::close(control);
#else
    GTEST_SKIP() << "needs Linux: it captures in a network namespace of its own";
#endif
    folder_ = fs::temp_directory_path() / ("zbuf-live-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (!folder_.empty())
      fs::remove_all(folder_);
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_ / name).string();
  }

  static LiveOptions options() {
    LiveOptions options;
    options.interface = "lo";
    options.buffer_bytes = 65536;
    options.timeout_ns = 20'000'000;
    return options;
  }
  static std::unique_ptr<LiveCapture> started(LiveOptions options) {
    auto capture = LiveCapture::open(std::move(options));
    EXPECT_TRUE(capture) << capture.error().text();
    const auto begun = (*capture)->start();
    EXPECT_TRUE(begun) << begun.error().text();
    return std::move(*capture);
  }
  /// UDP to ourselves; nobody listens, and each is answered by an ICMP message.
  static void send(int packets, std::uint16_t port = 9) {
    const int out = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < packets; ++i) {
      const std::string text(static_cast<std::size_t>(100 + i % 900), 'x');
      (void)!::sendto(out, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
    }
    ::close(out);
  }
  static std::uint64_t packets_in(const std::string& path) {
    const auto source = open_capture(path, {});
    EXPECT_TRUE(source) << source.error().text();
    std::uint64_t packets = 0;
    while (true) {
      const auto next = (*source)->next();
      EXPECT_TRUE(next) << next.error().text();
      if (!next || !*next)
        return packets;
      ++packets;
    }
  }

 private:
  fs::path folder_;
};

TEST_F(Live, BothModesAreDeliveredTheSamePackets) {
  LiveOptions both = options();
  both.modes = {BufferMode::zbuf, BufferMode::buffer};
  both.buffer_bytes = 1 << 20;
  both.filter = "udp dst port 9 and host 127.0.0.1"; // and not what the answers quote
  both.write_path = path("f.pcap");
  both.trace_path = path("f.zbt");
  const auto capture = started(both);
  send(500);
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (capture->figures().state.total().delivered < 1000 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(10ms);
  capture->stop();
  EXPECT_TRUE(capture->wait(60s));
  const LiveCapture::Outcome outcome = capture->finish();
  EXPECT_TRUE(outcome.errors.empty());
  EXPECT_EQ(outcome.end, LiveCapture::End::interrupted);
  ASSERT_EQ(outcome.figures.state.descriptors.size(), 2u);
  for (const DescriptorState& d : outcome.figures.state.descriptors) {
    EXPECT_EQ(d.total.delivered, 500u);
    EXPECT_EQ(d.total.dropped, 0u);
    EXPECT_EQ(d.total.received, d.total.rejected + 500);
  }
  EXPECT_FALSE(outcome.figures.state.any_broken());
  EXPECT_EQ(packets_in(both.write_path), 500u);

  const auto recording = Recording::open(both.trace_path);
  ASSERT_TRUE(recording) << recording.error().text();
  EXPECT_TRUE(recording->partial());
  const State end = recording->state_after(recording->event_count());
  EXPECT_FALSE(end.any_broken());
  EXPECT_EQ(end.total().delivered, 1000u);
  const auto metadata = nlohmann::json::parse(recording->metadata());
  EXPECT_EQ(metadata["slots"], "exact");
  EXPECT_EQ(metadata["readers"].size(), 2u);
}

TEST_F(Live, StopsAtSoManyPackets) {
  LiveOptions few = options();
  few.packets = 7;
  few.filter = "udp dst port 9";
  few.write_path = path("f.pcap");
  const auto capture = started(few);
  send(100);
  EXPECT_TRUE(capture->wait(60s));
  EXPECT_EQ(capture->finish().end, LiveCapture::End::limit);
  EXPECT_EQ(packets_in(few.write_path), 7u);
}

TEST_F(Live, StopsAfterSoLong) {
  LiveOptions brief = options();
  brief.duration_ns = 200'000'000;
  brief.trace_path = path("f.zbt");
  const auto capture = started(brief);
  EXPECT_TRUE(capture->wait(60s));
  EXPECT_EQ(capture->finish().end, LiveCapture::End::limit);
  const auto recording = Recording::open(brief.trace_path);
  ASSERT_TRUE(recording);
  EXPECT_FALSE(recording->partial());
}

TEST_F(Live, CanBeFollowedWhileItGoesOn) {
  LiveOptions traced = options();
  traced.trace_path = path("f.zbt");
  const auto capture = started(traced);
  auto recording = Recording::open(traced.trace_path, Recording::Damage::salvage);
  ASSERT_TRUE(recording);
  send(100);
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (recording->event_count(ZB_EV_HANDLED) < 100 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(20ms);
    ASSERT_TRUE(recording->refresh());
  }
  EXPECT_GE(recording->event_count(ZB_EV_HANDLED), 100u);
  EXPECT_FALSE(recording->complete());
  (void)capture->finish();
  ASSERT_TRUE(recording->refresh());
  EXPECT_TRUE(recording->complete());
}

TEST_F(Live, SaysWhatIsWrong) {
  LiveOptions none = options();
  none.interface = "nosuch0";
  const auto missing = LiveCapture::open(none);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().text(), HasSubstr("there are lo"));

  LiveOptions filter = options();
  filter.filter = "tcp prot 80";
  auto capture = LiveCapture::open(filter);
  ASSERT_TRUE(capture);
  const auto begun = (*capture)->start();
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error().text(), HasSubstr("tcp prot 80"));

  LiveOptions huge = options();
  huge.buffer_bytes = 4u << 20;
  capture = LiveCapture::open(huge);
  ASSERT_TRUE(capture);
  EXPECT_THAT((*capture)->start().error().text(), HasSubstr("BIOCGETZMAX"));

  LiveOptions unwritable = options();
  unwritable.trace_path = "/dev/null/f.zbt";
  capture = LiveCapture::open(unwritable);
  ASSERT_TRUE(capture);
  EXPECT_FALSE((*capture)->start());
}

std::size_t entries(const char* folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// A thread that was joined may stand in /proc for an instant: the kernel wakes who joins it before it is
/// gone. So the count until it has not fallen for 50 ms.
std::size_t settled_threads() {
  std::size_t least = entries("/proc/self/task");
  const auto end = std::chrono::steady_clock::now() + 5s;
  auto fell = std::chrono::steady_clock::now();
  for (auto now = fell; now < end && now < fell + 50ms; now = std::chrono::steady_clock::now()) {
    std::this_thread::sleep_for(2ms);
    const std::size_t count = entries("/proc/self/task");
    if (count < least)
      fell = std::chrono::steady_clock::now();
    least = std::min(least, count);
  }
  return least;
}

/// As many as are expected, as soon as there are; or those that there are 5 seconds later.
std::size_t threads_when(std::size_t expected) {
  const auto end = std::chrono::steady_clock::now() + 5s;
  while (entries("/proc/self/task") != expected && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(2ms);
  return entries("/proc/self/task");
}

TEST_F(Live, StartedAndStoppedAHundredTimesLeavesNothingBehind) {
  LiveOptions both = options();
  both.modes = {BufferMode::zbuf, BufferMode::buffer};
  both.ring_bytes = 2u << 20;
  both.timeout_ns = 2'000'000;
  both.trace_path = path("f.zbt");
  both.write_path = path("f.pcap");
  const auto capture_once = [&] {
    const auto capture = started(both);
    send(5);
    const LiveCapture::Outcome outcome = capture->finish();
    EXPECT_TRUE(outcome.errors.empty());
    EXPECT_EQ(outcome.figures.state.total().dropped, 0u);
  };
  capture_once(); // what is made once for all is there now; a sanitizer's own thread too
  const std::size_t descriptors = entries("/proc/self/fd");
  const std::size_t threads = settled_threads();
  for (int turn = 0; turn < 100; ++turn)
    capture_once();
  EXPECT_EQ(entries("/proc/self/fd"), descriptors);
  EXPECT_EQ(threads_when(threads), threads);
}

} // namespace
} // namespace zbuf
