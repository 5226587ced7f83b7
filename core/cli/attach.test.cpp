// SPDX-License-Identifier: BSD-2-Clause
// zbuf attach, beside tcpdump, on a veth pair between two network namespaces: with root, ip(8) and tcpdump
// only.
#include "core/cli/test_namespaces.h"
#include "core/cli/test_process.h"
#include "core/trace/recording.h"
#include "core/traffic/capture.h"
#include "core/traffic/pcap_reader.h"

#include <arpa/inet.h>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>

namespace zbuf {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto& shell = TestNamespaces::shell;

struct Kept {
  std::uint64_t time_ns;
  std::vector<std::byte> bytes;
  bool operator==(const Kept&) const = default;
};

std::vector<Kept> packets_of(const std::string& path) {
  std::vector<Kept> all;
  const auto rewind = rewind_of_file(path);
  EXPECT_TRUE(rewind) << path;
  PcapReader reader;
  if (!rewind || reader.open(*rewind, path))
    return all;
  pcap_pkthdr header{};
  const u_char* data = nullptr;
  PcapReader::Read status{};
  while ((status = reader.read(header, data, true)) == PcapReader::Read::packet) {
    const auto bytes = std::as_bytes(std::span(data, header.caplen));
    all.push_back({static_cast<std::uint64_t>(header.ts.tv_sec) * 1'000'000'000 +
                       static_cast<std::uint64_t>(header.ts.tv_usec),
                   {bytes.begin(), bytes.end()}});
  }
  EXPECT_EQ(status, PcapReader::Read::end) << path << " ends within a packet";
  return all;
}

std::string contents(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Attach : public testing::Test {
 protected:
  void SetUp() override {
    if (shell("command -v tcpdump") != 0)
      GTEST_SKIP() << "needs tcpdump, and it is not here";
    spaces_ = TestNamespaces::make();
    if (spaces_ == nullptr)
      GTEST_SKIP() << TestNamespaces::needs;
    folder_ = fs::temp_directory_path() / ("zbuf-attach-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override {
    spaces_.reset();
    if (!disk_.empty())
      ::umount2(disk_.c_str(), MNT_DETACH);
    if (!folder_.empty())
      fs::remove_all(folder_);
  }

  [[nodiscard]] const std::string& near() const { return spaces_->near(); }
  [[nodiscard]] const std::string& far() const { return spaces_->far(); }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

  /// A program in the namespace that captures.
  [[nodiscard]] ChildProcess run(const std::string& command) const {
    return ChildProcess({"/bin/sh", "-c", "exec ip netns exec " + near() + " " + command});
  }
  [[nodiscard]] ChildProcess attach(const std::string& arguments) const {
    return run(ZBUF_PROGRAM " attach va " + arguments);
  }

  static std::size_t length_of(int packet) { return static_cast<std::size_t>(50 + packet * 7 % 1400); }
  /// UDP from the other namespace, by a process of its own.
  void send(int packets, std::chrono::microseconds gap = 200us) const {
    const std::string name = "/var/run/netns/" + far(); // of this process, not of the child
    const pid_t child = ::fork();
    if (child == 0) {
      const int space = ::open(name.c_str(), O_RDONLY);
      if (::setns(space, CLONE_NEWNET) != 0)
        ::_exit(1);
      const int out = ::socket(AF_INET, SOCK_DGRAM, 0);
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(9999);
      ::inet_pton(AF_INET, "10.9.0.1", &to.sin_addr);
      for (int i = 0; i < packets; ++i) {
        const std::string text(length_of(i), 'x');
        (void)!::sendto(out, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
        std::this_thread::sleep_for(gap);
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  /// In a capture, of what send() sends.
  static std::uintmax_t bytes_of(int packets) {
    std::uintmax_t bytes = 0;
    for (int i = 0; i < packets; ++i)
      bytes += 16 + 14 + 20 + 8 + length_of(i);
    return bytes;
  }
  static bool has(const std::string& file, std::uintmax_t bytes) {
    std::error_code error; // not there yet: then the size is the largest number
    return fs::exists(file, error) && fs::file_size(file, error) >= bytes;
  }
  /// Until the file is there and has so many bytes.
  static void await(const std::string& file, std::uintmax_t bytes) {
    for (int i = 0; i < 6000 && !has(file, bytes); ++i)
      std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(has(file, bytes)) << file << " has not got " << bytes << " bytes in a minute";
  }

  /// A disk of so many bytes ("64k"), until the test ends.
  const std::string& mount_disk(const std::string& size) {
    const std::string disk = path("disk");
    fs::create_directory(disk);
    EXPECT_EQ(::mount("tmpfs", disk.c_str(), "tmpfs", 0, ("size=" + size).c_str()), 0);
    return disk_ = disk;
  }
  /// Sends single packets until the first has come to the file: nobody else knows when a capture has begun.
  void send_until_in(const std::string& file) const {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!has(file, 25) && std::chrono::steady_clock::now() < end)
      send(1, 50ms);
    EXPECT_TRUE(has(file, 25)) << file << ": no packet came in a minute";
  }

 private:
  std::unique_ptr<TestNamespaces> spaces_{};
  fs::path folder_;
  std::string disk_;
};

TEST_F(Attach, AgreesWithTcpdumpPacketByPacket) {
  constexpr int count = 3000;
  const std::string tcpdump_file = path("tcpdump.pcap"), our_file = path("zbuf.pcap");
  auto tcpdump = run("tcpdump -i va -nn -U -B 65536 -w " + tcpdump_file + " --nano 'udp port 9999'");
  auto zbuf = attach("'udp port 9999' --mode both --write " + our_file + " --json " + path("zbuf.json"));
  for (const std::string& file : {tcpdump_file, our_file})
    send_until_in(file);
  send(count);
  // Whole: before these came some of the first one's size, more to the one file than to the other.
  const auto whole = [&](const std::string& file) {
    const std::uintmax_t least = 24 + bytes_of(1) + bytes_of(count);
    return has(file, least) && (fs::file_size(file) - least) % bytes_of(1) == 0;
  };
  for (const std::string& file : {tcpdump_file, our_file}) {
    for (int i = 0; i < 6000 && !whole(file); ++i)
      std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(whole(file)) << file << " has not got all packets in a minute";
  }
  zbuf.signal(SIGINT);
  tcpdump.signal(SIGINT);
  const Finished finished = zbuf.wait();
  (void)tcpdump.wait();
  EXPECT_EQ(finished.status, 130) << finished.err;
  const std::vector<Kept> ours = packets_of(our_file);
  const std::vector<Kept> theirs = packets_of(tcpdump_file);
  ASSERT_GE(ours.size(), std::size_t{count}) << finished.out;
  ASSERT_GE(theirs.size(), std::size_t{count});
  for (std::size_t i = 1; i <= std::size_t{count}; ++i)
    ASSERT_TRUE(ours[ours.size() - i] == theirs[theirs.size() - i]) << "packet " << i << " from the end";
  std::ifstream in(path("zbuf.json"));
  const auto json = nlohmann::json::parse(in);
  EXPECT_EQ(json["partial"], true);
  for (const auto& reader : json["readers"])
    EXPECT_EQ(reader["total"]["delivered"], ours.size());
  EXPECT_EQ(json["tap"]["lost"], 0);
  EXPECT_THAT(finished.out, HasSubstr("dropped"));
}

TEST_F(Attach, EndsWhenTheInterfaceGoesAway) {
  auto zbuf = attach("'udp port 9999' --write " + path("f.pcap") + " --trace " + path("f.zbt"));
  send_until_in(path("f.pcap"));
  send(100);
  await(path("f.pcap"), 24 + bytes_of(1) + bytes_of(100));
  ASSERT_EQ(shell("ip -n " + near() + " link del va"), 0);
  const Finished finished = zbuf.wait();
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("va went away"));
  EXPECT_GE(packets_of(path("f.pcap")).size(), 100u);
  const auto recording = Recording::open(path("f.zbt"));
  ASSERT_TRUE(recording) << recording.error().text();
  EXPECT_EQ(recording->event_count(ZB_EV_IF_GONE), 1u);
}

TEST_F(Attach, KilledItLeavesWhatWasCapturedUntilThen) {
  auto zbuf = attach("'udp port 9999' -q --write " + path("f.pcap") + " --trace " + path("f.zbt"));
  send_until_in(path("f.pcap"));
  send(500);
  await(path("f.pcap"), 24 + bytes_of(1) + bytes_of(500));
  for (int i = 0; i < 6000; ++i) { // the recording is written by a thread of its own
    const auto so_far = Recording::open(path("f.zbt"), Recording::Damage::salvage);
    if (so_far && so_far->event_count(ZB_EV_STORED) >= 500)
      break;
    std::this_thread::sleep_for(10ms);
  }
  // ip netns exec has become zbuf itself.
  zbuf.signal(SIGKILL);
  EXPECT_EQ(zbuf.wait().status, -1);
  EXPECT_GE(packets_of(path("f.pcap")).size(), 500u);
  EXPECT_FALSE(Recording::open(path("f.zbt")));
  const auto salvaged = Recording::open(path("f.zbt"), Recording::Damage::salvage);
  ASSERT_TRUE(salvaged);
  EXPECT_GE(salvaged->event_count(ZB_EV_STORED), 500u);
  EXPECT_EQ(shell("ip -n " + near() + " link show va"), 0) << "and the interface alone";
}

TEST_F(Attach, GoesOnWithAFullDiskAsFarAsItHolds) {
  const std::string file = mount_disk("64k") + "/f";
  {
    auto zbuf = attach("'udp port 9999' --seconds 90 --write " + file);
    send_until_in(file);
    send(1000); // and it ends by itself
    const Finished finished = zbuf.wait();
    EXPECT_EQ(finished.status, 2) << finished.out;
    EXPECT_THAT(finished.err, HasSubstr("No space left on device"));
    EXPECT_GT(packets_of(file).size(), 50u) << "64 KiB hold more";
    fs::remove(file);
  }
  // A recording that cannot go on does not end the capture: all of them come to the other file.
  auto zbuf = attach("'udp port 9999' --seconds 90 --trace " + file + " --write " + path("f.pcap") + " 2> " +
                     path("errors"));
  send_until_in(path("f.pcap"));
  send(1000);
  await(path("f.pcap"), 24 + bytes_of(1) + bytes_of(1000));
  await(path("errors"), 1); // it is said while it goes on
  EXPECT_THAT(contents(path("errors")), testing::StartsWith("The recording cannot go on"));
  zbuf.signal(SIGINT);
  EXPECT_EQ(zbuf.wait().status, 2);
  EXPECT_THAT(contents(path("errors")), HasSubstr("No space left on device"));
  EXPECT_TRUE(Recording::open(file, Recording::Damage::salvage));
}

TEST_F(Attach, SaysWhatIsWrong) {
  EXPECT_THAT(run(ZBUF_PROGRAM " attach nosuch0").wait().err, HasSubstr("there are lo, va"));
  ASSERT_EQ(shell("ip -n " + near() + " link set va down"), 0);
  EXPECT_THAT(attach("").wait().err, HasSubstr("va is down. Bring it up first: ip link set va up"));
  ASSERT_EQ(shell("ip -n " + near() + " link set va up"), 0);
  EXPECT_THAT(attach("--buffer 1MB2").wait().err, HasSubstr("expected a size"));
  EXPECT_THAT(attach("'tcp prot 80'").wait().err, HasSubstr("tcp prot 80"));
  const Finished nobody =
      run("setpriv --reuid 65534 --clear-groups --inh-caps=-all -- " ZBUF_PROGRAM " attach va").wait();
  EXPECT_EQ(nobody.status, 2);
  EXPECT_THAT(nobody.err, testing::AnyOf(HasSubstr("setcap cap_net_raw"), HasSubstr("Permission denied")));
}

TEST_F(Attach, GivesRootUp) {
  auto zbuf =
      ChildProcess({"/bin/sh", "-c",
                    "SUDO_UID=65534 SUDO_GID=65534 exec ip netns exec " + near() +
                        " " ZBUF_PROGRAM " attach va -q --seconds 1 --write /tmp/" + near() + ".pcap"});
  const std::string file = "/tmp/" + near() + ".pcap";
  await(file, 24);
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 65534u) << "who called sudo has the file";
  EXPECT_EQ(zbuf.wait().status, 0);
  fs::remove(file);
}

} // namespace
} // namespace zbuf
