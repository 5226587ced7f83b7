// SPDX-License-Identifier: BSD-2-Clause
// The machine that the tests run on, as far as they touch it: sysctls, statistics, interfaces.
#pragma once

#include "core/device/native.h"
#include "core/observation/operation.h"

#include <optional>
#include <string>
#include <vector>

namespace zbuf {

/// "net.bpf.hz", a number. Fails the test if it cannot be written.
void set_sysctl(const std::string& name, std::uint64_t value);

/// Sets it, and sets it back at the end.
class ScopedSysctl {
 public:
  ScopedSysctl(std::string name, std::uint64_t value);
  ~ScopedSysctl();
  ScopedSysctl(const ScopedSysctl&) = delete;
  ScopedSysctl& operator=(const ScopedSysctl&) = delete;

 private:
  const std::string name_;
  std::uint64_t before_ = 0;
};

/// A line of /proc/net/bpf.
struct StatisticsRow {
  unsigned number = 0;
  int pid = 0;
  std::string interface; ///< "-": not attached
  std::string flags;
  std::uint64_t recv = 0, drop = 0, match = 0;
  std::int32_t store = 0, hold = 0, bufsize = 0;
  std::uint64_t written = 0, write_matched = 0, write_dropped = 0, zcopy = 0;
  unsigned mode = 0;
};
[[nodiscard]] std::vector<StatisticsRow> statistics_rows();
[[nodiscard]] std::optional<StatisticsRow> statistics_of(const Device& device);

/// A counter of /proc/vmstat, or a field of /proc/meminfo in KiB; 0 if there is none.
[[nodiscard]] std::uint64_t counter_of(const std::string& file, const std::string& name);

/// Pages that are pinned now, by anybody.
[[nodiscard]] std::uint64_t pinned_pages();

/// Runs iproute2's ip(8) or tc(8), not those of busybox; fails the test if that does.
void shell(const std::string& command);

/// A tap(4) interface: what is written to it arrives. It goes when this does. Up, without IPv6.
class TapInterface {
 public:
  enum class Layer { ethernet, ip }; ///< ip: packets without a link header
  explicit TapInterface(std::string name, Layer layer = Layer::ethernet);
  ~TapInterface();
  TapInterface(const TapInterface&) = delete;
  TapInterface& operator=(const TapInterface&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  void arrive(std::span<const std::byte> packet);
  /// What went out since the last call.
  std::vector<std::vector<std::byte>> sent();

 private:
  const std::string name_;
  int descriptor_ = -1;
};

/// Two ends of a wire, both up; packets are sent on one with send() and arrive at the other.
class Wire {
 public:
  Wire(std::string sender, std::string receiver);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  [[nodiscard]] const std::string& receiver() const { return receiver_; }
  [[nodiscard]] const std::string& sender() const { return sender_; }
  /// Returns false if the queue was full: the packet was not sent.
  bool send(std::span<const std::byte> packet);

 private:
  const std::string sender_;
  const std::string receiver_;
  int socket_ = -1;
};

/// One tap interface, for operations (core/observation/operation.h).
class NativeBed final : public TestBed {
 public:
  NativeBed();
  std::unique_ptr<Device> open(bool nonblocking, int& error) override;
  void enable_zerocopy(bool on) override;
  [[nodiscard]] std::string interface_name() const override { return "tap0"; }
  void inject(std::span<const std::byte> packet) override;
  void destroy_interface() override;
  std::optional<zb_xbpf_d> stats(const Device& device) override;

 private:
  std::shared_ptr<TapInterface> tap_; ///< shared by beds, unless it is destroyed
};

// ---- Short ways for tests ----

/// A descriptor, read-write; the test fails if there is none.
[[nodiscard]] std::unique_ptr<NativeDevice> open_device(int more_flags = 0);
/// ioctl with a u_int.
int control_u32(Device& device, std::uint32_t request, std::uint32_t value);
int set_interface_of(Device& device, const std::string& name);
/// Mode, loan, interface: as a zero-copy reader does it. `loan` outlives the device.
void lend_and_attach(Device& device, const Loan& loan, const std::string& interface);
/// A test packet of that length and number (tests/vectors).
[[nodiscard]] std::vector<std::byte> test_packet(std::size_t length, std::uint32_t sequence);

} // namespace zbuf
