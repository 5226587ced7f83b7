// SPDX-License-Identifier: BSD-2-Clause
// An emulated kernel: named interfaces, sysctls, and any number of bpf descriptors, which host the engine in
// this process. Loaned buffers are the caller's own memory and are written in place.
//
// It runs on either clock. On a VirtualClock there is one thread and nothing is locked; on a RealClock any
// thread may call anything here.
#pragma once

#include "core/base/result.h"
#include "core/clock/clock.h"
#include "core/device/device.h"

extern "C" {
#include "kernel/engine/descriptor.h"
}

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zbuf {

class EmulatedDescriptor;

/// What an emulated network interface is.
struct InterfaceConfig {
  std::string name = "em0";    ///< 1 to 15 characters
  std::uint32_t link_type = 1; ///< DLT_ number; any, for BPF does not care
  std::uint32_t mtu = 1500;    ///< bytes, without link header
  std::array<std::uint8_t, 6> mac{0x02, 0, 0, 0, 0, 0x02};
  bool loopback = false; ///< what is sent comes in: frames begin with an address family, IPv4 or IPv6
};

/// Bytes of link header that a FreeBSD driver announces for an interface of this DLT (bpfattach(9)): records
/// are laid out so that what follows it is aligned. 0 where no driver does.
[[nodiscard]] std::uint32_t link_header_length(std::uint32_t link_type);

/// What a system call or a packet costs is charged here (core/sim); nobody listens in real time.
class Meter {
 public:
  virtual ~Meter() = default;
  virtual void call(zb_call) = 0;                          ///< a system call is entered
  virtual void copied_to_user(std::size_t bytes) = 0;      ///< by read(2)
  virtual void woke_up() = 0;                              ///< a process woken up; charged to the kernel
  virtual void resumed() = 0;                              ///< it runs again; charged to it
  [[nodiscard]] virtual std::uint64_t look_ns() const = 0; ///< one look at a header, while spinning
};

/// The processes of the machine, as far as bpf(4) knows them: by FIOSETOWN, and the signals that follow. A
/// process has a number above 0, a group minus the number of its leader. Any thread may call.
class Processes {
 public:
  virtual ~Processes() = default;
  /// May the caller make it the owner? 0, ZB_ESRCH or ZB_EPERM.
  virtual int may_own(std::int32_t who) = 0;
  /// A signal, by its number on FreeBSD. The descriptor's lock is held.
  virtual void signal(std::int32_t who, std::uint32_t number) = 0;
};

/// A packet that arrives. `bytes` need live only during the call.
struct Arrival {
  std::span<const std::byte> bytes{};
  std::uint32_t wire_length = 0;
  bool outgoing = false;
};

/// What one arrival made the kernel do: the cost model charges for it.
struct TapWork {
  std::uint32_t packet = ZB_NO_PACKET; ///< the number that it got; ZB_NO_PACKET if the interface is down
  std::uint32_t taps = 0;              ///< descriptors that it passed
  std::uint32_t filters = 0;           ///< filter programs run
  std::uint32_t stored_bytes = 0;      ///< bytes of records written
};

/// An open descriptor of an emulated kernel, and what only its host asks of it.
class EmulatedDevice : public Device {
 public:
  /// Where its calls sleep. A host sleeps at those of several devices on behalf of a call on all of them.
  [[nodiscard]] virtual WaitPoint& wait_point() = 0;
  /// It is about to be closed: poll() returns ZB_EBADF from now on, also where it sleeps. A read(2) that
  /// sleeps keeps the descriptor open until it ends, as the reference of a system call does on FreeBSD.
  virtual void end_polls() = 0;
  /// Its element of net.bpf.stats (spec 6.1); none while it is not attached.
  [[nodiscard]] virtual std::optional<zb_xbpf_d> stats() = 0;
  /// The calls that follow are this process's: bd_pid (spec 9.25).
  virtual void used_by(std::int32_t pid) = 0;
};

class EmulatedKernel {
 public:
  struct Config {
    const zb_revision* revision = &zb_revisions[ZB_FREEBSD];
    zb_tunables tunables{.bufsize = 4096,
                         .maxbufsize = 524288,
                         .maxinsns = 512,
                         .hz = 1000,
                         .zerocopy_enable = false,
                         .optimize_writers = 0};
    /// Time stamps of packets are this plus the clock: nanoseconds since 1970. Default: 2008-03-24, when
    /// zero-copy BPF was committed.
    std::uint64_t boot_time_ns = 1'206'316'800'000'000'000u;
    /// read(2) copies to the user with a system call of the machine's (user_memory.h), as a kernel's read(2)
    /// has to. For measurements; otherwise it is a copy within this process.
    bool copies_through_kernel = false;
  };

  /// The clock, the trace and the meter outlive the kernel. A trace is for a VirtualClock only: it has no
  /// lock.
  EmulatedKernel(Clock& clock, const Config& config, zb_trace* trace = nullptr, Meter* meter = nullptr);
  ~EmulatedKernel();
  EmulatedKernel(const EmulatedKernel&) = delete;
  EmulatedKernel& operator=(const EmulatedKernel&) = delete;

  using InterfaceId = std::uint32_t;

  Result<InterfaceId> add_interface(const InterfaceConfig& config);
  [[nodiscard]] Result<InterfaceId> find_interface(std::string_view name) const;
  void set_interface_up(InterfaceId interface, bool up);
  [[nodiscard]] bool interface_is_up(InterfaceId interface) const;
  /// 72 to 65535 bytes, or nothing changes.
  Result<void> set_mtu(InterfaceId interface, std::uint32_t mtu);
  [[nodiscard]] std::uint32_t mtu(InterfaceId interface) const;
  /// Each frame that write(2) sends goes to `wire`, too, after the taps have seen it.
  void on_sent(InterfaceId interface, std::function<void(std::span<const std::byte>)> wire);
  /// The interface departs (spec 2.18). Its id is not used again.
  void destroy_interface(InterfaceId interface);
  /// How many descriptors have it in promiscuous mode.
  [[nodiscard]] std::uint32_t promiscuous_count(InterfaceId interface) const;

  enum class Access { read_write, read_only, write_only };
  struct Open {
    Access access = Access::read_write;
    bool nonblocking = false;
    std::int32_t pid = 0;
  };
  /// open(2) of /dev/bpf. The device must not outlive the kernel.
  [[nodiscard]] std::unique_ptr<EmulatedDevice> open(const Open& how);
  [[nodiscard]] std::unique_ptr<EmulatedDevice> open() { return open(Open{}); }

  /// Who gets signals; without, every owner is taken, and none hears of anything. They outlive the kernel.
  void set_processes(Processes* processes) { processes_ = processes; }
  /// A process is no more: it owns no descriptor.
  void process_ended(std::int32_t process);

  /// A packet reaches the interface and passes the taps of its descriptors.
  TapWork arrive(InterfaceId interface, const Arrival& packet);
  /// Packets that a driver takes from its ring in one go. On a real clock they share one look at the clock,
  /// and so a time stamp, and each descriptor is locked once for all of them; in virtual time they arrive one
  /// by one. Returns the sums of what they made the kernel do, and the number of the first.
  TapWork arrive(InterfaceId interface, std::span<const Arrival> burst);
  /// The interface's own queue was full: BPF never sees this packet. Only for the trace. Returns its number.
  std::uint32_t missed(InterfaceId interface, const Arrival& packet);

  /// sysctl(8) by name: net.bpf.bufsize, net.bpf.maxbufsize, net.bpf.maxinsns, net.bpf.zerocopy_enable,
  /// net.bpf.optimize_writers, net.bpf.zerocopy_maxsize (read-only), kern.hz. Set them before threads run.
  [[nodiscard]] Result<std::uint64_t> sysctl(std::string_view name) const;
  Result<void> set_sysctl(std::string_view name, std::uint64_t value);
  [[nodiscard]] static std::vector<std::string_view> sysctl_names();

  /// net.bpf.stats: the attached descriptors (spec 6.1).
  [[nodiscard]] std::vector<zb_xbpf_d> stats() const;
  /// Zeroes the counters, as writing one all-zero element to net.bpf.stats does.
  void zero_stats();

  [[nodiscard]] Clock& clock() const { return clock_; }
  [[nodiscard]] const zb_revision& revision() const { return *config_.revision; }
  [[nodiscard]] std::uint64_t boot_time_ns() const { return config_.boot_time_ns; }
  /// No more events from here on: the trace may end before the kernel does.
  void stop_tracing();

 private:
  friend class EmulatedDescriptor;
  friend struct EngineHost;
  using Taps = std::vector<std::shared_ptr<EmulatedDescriptor>>;
  struct AttachPoint;

  // What EngineHost (descriptor.cpp) asks for on behalf of the engine; errors are bpf's numbers.
  int find_link(std::string_view name, zb_link* link) const;
  int link_of_type(InterfaceId interface, std::uint32_t type, zb_link* link) const;
  [[nodiscard]] std::uint32_t link_type_of(InterfaceId interface) const;
  int attach(InterfaceId interface, std::optional<InterfaceId> from,
             std::shared_ptr<EmulatedDescriptor> descriptor);
  void detach(InterfaceId interface, const EmulatedDescriptor* descriptor);
  void take_off_locked(InterfaceId interface, const EmulatedDescriptor* descriptor);
  void change_promiscuous(InterfaceId interface, bool on);
  [[nodiscard]] std::uint32_t mtu_if_up(InterfaceId interface) const;
  int send(InterfaceId interface, std::span<std::uint8_t> frame, const zb_sending& how);

  [[nodiscard]] AttachPoint* find_locked(std::string_view name) const;
  [[nodiscard]] std::vector<std::shared_ptr<const Taps>> tap_lists() const;
  [[nodiscard]] std::shared_ptr<const Taps> taps_if_up(InterfaceId interface) const;
  TapWork deliver(const Taps& taps, const zb_packet& packet);
  void emit(zb_event_kind kind, std::uint32_t packet, std::uint32_t a, std::uint32_t b, InterfaceId interface,
            bool outgoing);
  void stamp() {
    if (trace_ != nullptr)
      trace_->time_ns = clock_.now_ns();
  }

  Clock& clock_;
  Config config_;
  zb_trace* trace_;
  Meter* meter_;
  Processes* processes_ = nullptr;
  mutable std::mutex mutex_; ///< over interfaces_ and every tap list; taken after a descriptor's lock
  std::vector<std::unique_ptr<AttachPoint>> interfaces_;
  std::vector<std::weak_ptr<EmulatedDescriptor>> opened_;
  std::atomic<std::uint32_t> next_packet_ = 0;
  std::atomic<std::uint16_t> next_descriptor_ = 0;
};

} // namespace zbuf
