// SPDX-License-Identifier: BSD-2-Clause
#include "tests/kernel/machine.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sstream>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace zbuf {

namespace {

std::string sysctl_path(std::string name) {
  for (char& c : name)
    if (c == '.')
      c = '/';
  return "/proc/sys/" + name;
}

std::vector<std::byte> frame_buffer() {
  return std::vector<std::byte>(70'000);
}

} // namespace

// ---- Figures ----

void set_sysctl(const std::string& name, std::uint64_t value) {
  std::ofstream file(sysctl_path(name));
  file << value << std::flush;
  if (!file)
    ADD_FAILURE() << "sysctl " << name << " = " << value << ": " << std::strerror(errno);
}

ScopedSysctl::ScopedSysctl(std::string name, std::uint64_t value) : name_(std::move(name)) {
  std::ifstream(sysctl_path(name_)) >> before_;
  set_sysctl(name_, value);
}

ScopedSysctl::~ScopedSysctl() {
  set_sysctl(name_, before_);
}

std::vector<StatisticsRow> statistics_rows() {
  std::ifstream file("/proc/net/bpf");
  std::string line;
  std::getline(file, line); // titles
  std::vector<StatisticsRow> rows;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    StatisticsRow r;
    words >> r.number >> r.pid >> r.interface >> r.flags >> r.recv >> r.drop >> r.match >> r.store >>
        r.hold >> r.bufsize >> r.written >> r.write_matched >> r.write_dropped >> r.zcopy >> r.mode;
    EXPECT_FALSE(words.fail()) << line;
    rows.push_back(r);
  }
  return rows;
}

std::optional<StatisticsRow> statistics_of(const Device& device) {
  for (const StatisticsRow& row : statistics_rows())
    if (row.number == device.number())
      return row;
  return std::nullopt;
}

std::uint64_t counter_of(const std::string& file, const std::string& name) {
  std::ifstream lines(file);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string key;
    std::uint64_t value = 0;
    if (words >> key >> value && (key == name || key == name + ":"))
      return value;
  }
  return 0;
}

std::uint64_t pinned_pages() {
  set_sysctl("vm.stat_refresh", 1); // each processor counts for itself until then
  return counter_of("/proc/vmstat", "nr_foll_pin_acquired") -
         counter_of("/proc/vmstat", "nr_foll_pin_released");
}

// ---- Interfaces ----

void shell(const std::string& command) {
  EXPECT_EQ(std::system(("/usr/bin/" + command).c_str()), 0) << command;
}

TapInterface::TapInterface(std::string name, Layer layer) : name_(std::move(name)) {
  descriptor_ = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ifreq request{};
  request.ifr_flags = static_cast<short>((layer == Layer::ip ? IFF_TUN : IFF_TAP) | IFF_NO_PI);
  std::strncpy(request.ifr_name, name_.c_str(), IFNAMSIZ - 1);
  EXPECT_EQ(::ioctl(descriptor_, TUNSETIFF, &request), 0) << std::strerror(errno);
  const int any = ::socket(AF_INET, SOCK_DGRAM, 0);
  request.ifr_flags = IFF_UP;
  EXPECT_EQ(::ioctl(any, SIOCSIFFLAGS, &request), 0) << std::strerror(errno);
  ::close(any);
}

TapInterface::~TapInterface() {
  ::close(descriptor_);
}

void TapInterface::arrive(std::span<const std::byte> packet) {
  EXPECT_EQ(::write(descriptor_, packet.data(), packet.size()), static_cast<ssize_t>(packet.size()))
      << packet.size() << " bytes: " << std::strerror(errno);
}

std::vector<std::vector<std::byte>> TapInterface::sent() {
  std::vector<std::vector<std::byte>> all;
  auto frame = frame_buffer();
  for (ssize_t n = 0; (n = ::read(descriptor_, frame.data(), frame.size())) > 0;)
    all.emplace_back(frame.begin(), frame.begin() + n);
  return all;
}

/// Until then what is sent goes nowhere.
void wait_until_up(const std::string& interface) {
  const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  for (int tries = 0; tries < 500 && (request.ifr_flags & IFF_RUNNING) == 0; ++tries) {
    usleep(10'000);
    EXPECT_EQ(::ioctl(any, SIOCGIFFLAGS, &request), 0) << interface << ": " << std::strerror(errno);
  }
  EXPECT_NE(request.ifr_flags & IFF_RUNNING, 0) << interface;
  ::close(any);
}

Wire::Wire(std::string sender, std::string receiver)
    : sender_(std::move(sender)), receiver_(std::move(receiver)) {
  shell(fmt::format("ip link add {} type veth peer name {}", sender_, receiver_));
  shell(fmt::format("ip link set {} up", sender_));
  shell(fmt::format("ip link set {} up", receiver_));
  wait_until_up(sender_);
  wait_until_up(receiver_);
  socket_ = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(if_nametoindex(sender_.c_str()));
  EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0) << std::strerror(errno);
}

Wire::~Wire() {
  ::close(socket_);
  // It may have gone with its other end.
  (void)!std::system(fmt::format("/usr/bin/ip link del {} 2>/dev/null", sender_).c_str());
}

bool Wire::send(std::span<const std::byte> packet) {
  return ::send(socket_, packet.data(), packet.size(), 0) == static_cast<ssize_t>(packet.size());
}

// ---- The bed of operations ----

NativeBed::NativeBed() {
  static std::weak_ptr<TapInterface> last;
  tap_ = last.lock();
  if (tap_ == nullptr) {
    tap_ = std::make_shared<TapInterface>("tap0");
    last = tap_;
  }
  tap_->sent();
  enable_zerocopy(true);
}

std::unique_ptr<Device> NativeBed::open(bool nonblocking, int& error) {
  return NativeDevice::open(O_RDWR | (nonblocking ? O_NONBLOCK : 0), error);
}

void NativeBed::enable_zerocopy(bool on) {
  set_sysctl("net.bpf.zerocopy_enable", on ? 1 : 0);
}

void NativeBed::inject(std::span<const std::byte> packet) {
  if (tap_ != nullptr)
    tap_->arrive(packet);
}

void NativeBed::destroy_interface() {
  tap_.reset();
}

std::optional<zb_xbpf_d> NativeBed::stats(const Device& device) {
  const auto row = statistics_of(device);
  if (!row || row->interface == "-")
    return std::nullopt;
  zb_xbpf_d x{};
  x.hlen = row->hold;
  x.slen = row->store;
  x.bufsize = row->bufsize;
  x.rcount = row->recv;
  x.dcount = row->drop;
  x.fcount = row->match;
  x.zcopy = row->zcopy;
  x.immediate = row->flags.find('i') != std::string::npos;
  x.bufmode = row->mode;
  return x;
}

// ---- Short ways ----

std::unique_ptr<NativeDevice> open_device(int more_flags) {
  int error = 0;
  auto device = NativeDevice::open(O_RDWR | more_flags, error);
  EXPECT_EQ(error, 0);
  return device;
}

int control_u32(Device& device, std::uint32_t request, std::uint32_t value) {
  return device.control(request, &value);
}

int set_interface_of(Device& device, const std::string& name) {
  zb_ifreq request{};
  std::memcpy(request.name, name.data(), std::min(name.size(), sizeof(request.name) - 1));
  return device.control(ZB_BIOCSETIF, &request);
}

void lend_and_attach(Device& device, const Loan& loan, const std::string& interface) {
  EXPECT_EQ(control_u32(device, ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
  zb_bpf_zbuf request{reinterpret_cast<std::uintptr_t>(loan.address(ZB_A)),
                      reinterpret_cast<std::uintptr_t>(loan.address(ZB_B)), loan.size()};
  EXPECT_EQ(device.control(ZB_BIOCSETZBUF, &request), 0);
  EXPECT_EQ(set_interface_of(device, interface), 0);
}

std::vector<std::byte> test_packet(std::size_t length, std::uint32_t sequence) {
  std::vector<std::byte> packet(length);
  fill_test_packet(packet, sequence);
  return packet;
}

} // namespace zbuf
