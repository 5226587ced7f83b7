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
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  int status = 0;
  while ((status = reader.next(header, data)) == 1) {
    const auto bytes = std::as_bytes(std::span(data, header->caplen));
    all.push_back({static_cast<std::uint64_t>(header->ts.tv_sec) * 1'000'000'000 +
                       static_cast<std::uint64_t>(header->ts.tv_usec),
                   {bytes.begin(), bytes.end()}});
  }
  EXPECT_EQ(status, PCAP_ERROR_BREAK) << path << " ends within a packet";
  return all;
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
  /// Until the file is there and has so many bytes.
  static void await(const std::string& file, std::uintmax_t bytes) {
    std::error_code error;
    for (int i = 0; i < 1000; ++i) {
      if (fs::exists(file, error) && fs::file_size(file, error) >= bytes)
        return;
      std::this_thread::sleep_for(10ms);
    }
    ADD_FAILURE() << file << " has not got " << bytes << " bytes";
  }

 private:
  std::unique_ptr<TestNamespaces> spaces_{};
  fs::path folder_;
};

TEST_F(Attach, AgreesWithTcpdumpPacketByPacket) {
  constexpr std::size_t count = 3000;
  const std::string tcpdump_file = path("tcpdump.pcap"), our_file = path("zbuf.pcap");
  auto tcpdump = run("tcpdump -i va -nn -U -B 65536 -w " + tcpdump_file + " --nano 'udp port 9999'");
  auto zbuf = attach("'udp port 9999' --mode both --write " + our_file + " --json " + path("zbuf.json"));
  const auto both_have = [&](std::uintmax_t bytes) {
    std::error_code error; // not there yet: then the size is the largest number
    for (const std::string& file : {tcpdump_file, our_file})
      if (!fs::exists(file, error) || fs::file_size(file, error) < bytes)
        return false;
    return true;
  };
  for (int i = 0; i < 100 && !both_have(25); ++i)
    send(1, 50ms); // until both capture
  const std::uintmax_t before = std::min(fs::file_size(tcpdump_file), fs::file_size(our_file));
  send(count);
  std::uintmax_t sent_bytes = 0;
  for (std::size_t i = 0; i < count; ++i)
    sent_bytes += 16 + 14 + 20 + 8 + length_of(static_cast<int>(i));
  for (int i = 0; i < 1000 && !both_have(before + sent_bytes - 25); ++i)
    std::this_thread::sleep_for(10ms);
  std::this_thread::sleep_for(300ms); // what is still on its way
  zbuf.signal(SIGINT);
  tcpdump.signal(SIGINT);
  const Finished finished = zbuf.wait();
  (void)tcpdump.wait();
  EXPECT_EQ(finished.status, 130) << finished.err;
  const std::vector<Kept> ours = packets_of(our_file);
  const std::vector<Kept> theirs = packets_of(tcpdump_file);
  ASSERT_GE(ours.size(), count) << finished.out;
  ASSERT_GE(theirs.size(), count);
  for (std::size_t i = 1; i <= count; ++i)
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
  auto zbuf = attach("--write " + path("f.pcap") + " --trace " + path("f.zbt"));
  await(path("f.pcap"), 24);
  send(100);
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
  auto zbuf = attach("-q --write " + path("f.pcap") + " --trace " + path("f.zbt"));
  await(path("f.pcap"), 24);
  send(500);
  std::uintmax_t bytes = 24;
  for (int i = 0; i < 500; ++i)
    bytes += 16 + 42 + length_of(i);
  await(path("f.pcap"), bytes);
  for (int i = 0; i < 1000; ++i) { // the recording is written by a thread of its own
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
  const std::string disk = path("disk");
  fs::create_directory(disk);
  ASSERT_EQ(::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k"), 0);
  for (const char* const option : {" --write ", " --trace "}) {
    auto zbuf = attach("--seconds 30" + std::string(option) + disk + "/f");
    await(disk + "/f", 24);
    std::this_thread::sleep_for(300ms);
    send(1000);
    if (option == std::string(" --trace "))
      zbuf.signal(SIGINT); // a recording that cannot go on does not end the capture
    const Finished finished = zbuf.wait();
    EXPECT_EQ(finished.status, 2) << finished.out;
    EXPECT_THAT(finished.err, HasSubstr("No space left on device"));
    if (option == std::string(" --write "))
      EXPECT_GT(packets_of(disk + "/f").size(), 50u) << "64 KiB hold more";
    else
      EXPECT_TRUE(Recording::open(disk + "/f", Recording::Damage::salvage));
    fs::remove(disk + "/f");
  }
  ::umount(disk.c_str());
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
