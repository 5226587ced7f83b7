// SPDX-License-Identifier: BSD-2-Clause
// The emulated kernel of `zbuf exec`, and its door: system calls of the program come in through sockets.
#pragma once

#include "core/base/result.h"
#include "core/clock/giant_clock.h"
#include "core/device/requests.h"
#include "core/emulated/kernel.h"
#include "core/exec/descriptor_status.h"
#include "core/exec/mistakes.h"
#include "core/trace/recorder.h"

#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace zbuf::exec {

class Opened;

/// Who opened a descriptor, and how.
struct OpenOrigin {
  std::int32_t pid = 0;
  std::uint64_t unit = 0; ///< 1 + N of /dev/bpfN; 0: cloned
  int open_flags = 0;
  std::uint64_t now_ns = 0;
  int socket = -1; ///< the kernel's end; hung up: nobody has the program's end any more
};

/// What is to be said of a descriptor.
struct DescriptorReport {
  std::uint16_t number = 0;
  std::int32_t pid = 0; ///< of the process that opened it
  std::string command{};
  std::string interface {}; ///< the last one; empty: never attached
  BufferMode mode = BufferMode::buffer;
  std::uint64_t buffer_bytes = 0; ///< of each, as BIOCGBLEN says, and of a loan with its header
  std::uint64_t received = 0, matched = 0, dropped = 0;
  std::uint64_t published = 0, acknowledged = 0; ///< fills
  std::uint64_t reads = 0, read_bytes = 0;
  std::uint64_t calls = 0; ///< of all kinds, but for open and close
  std::uint64_t opened_ns = 0, closed_ns = 0;
  bool open = false; ///< still
  std::vector<Mistake> mistakes{};
};

/// Any thread may call anything here, with the giant not held where not said otherwise.
class KernelServer {
 public:
  struct Options {
    EmulatedKernel::Config kernel{};
    std::vector<InterfaceConfig> interfaces{};
    /// Where to listen. Created, and removed in the end. Its folder is there.
    std::string socket{};
    Recorder* recorder = nullptr; ///< outlives the server
  };
  static Result<std::unique_ptr<KernelServer>> create(Options options);
  /// Programs that are still there find their descriptors dead (ENXIO).
  ~KernelServer();
  KernelServer(const KernelServer&) = delete;
  KernelServer& operator=(const KernelServer&) = delete;

  [[nodiscard]] GiantClock& clock() { return clock_; }
  [[nodiscard]] EmulatedKernel& kernel() { return *kernel_; }
  [[nodiscard]] const std::string& socket() const { return options_.socket; }

  /// A packet arrives. Pre: the giant is held.
  void arrive(EmulatedKernel::InterfaceId interface, const Arrival& packet);

  /// Waits until the program is ready for packets: a descriptor is attached, and is read or waited for, or
  /// has been open for a while. False when `stop` says so before.
  bool wait_until_ready(const std::function<bool()>& stop);
  /// How many descriptors are open.
  [[nodiscard]] std::size_t open_count();

  /// Of all descriptors ever opened (the last thousand, if there were more), in order.
  [[nodiscard]] std::vector<DescriptorReport> reports();

 private:
  friend class Connection;
  struct Peer {
    int socket = -1;
    bool ended = false;
    std::thread thread{};
  };

  explicit KernelServer(Options options);
  Result<void> listen();
  void accept_all();
  void serve(Peer& peer);
  void reap(bool all);

  // With the giant held:
  void entering();
  void leaving();
  void open(std::uint64_t inode, const EmulatedKernel::Open& how, const OpenOrigin& origin);
  /// Nobody has it open any more. Nothing where it is another's: that socket's.
  void remove(std::uint64_t inode, int socket);
  /// Detaches what nobody has open any more: that descriptor, or 0: any. Its own thread may not have noticed
  /// yet. Waits for calls that keep it, but for read(2), which does so until it ends.
  void settle(GiantClock::Hold& held, std::uint64_t inode = 0);
  std::shared_ptr<Opened> find(std::uint64_t inode);
  void note_waiting(const Opened& opened);
  void note_lenders();
  void emit(const zb_event& event);
  [[nodiscard]] bool unit_is_taken(std::uint64_t unit) const;
  [[nodiscard]] std::vector<DescriptorStatus> statuses();

  Options options_;
  GiantClock clock_;
  std::unique_ptr<EmulatedKernel> kernel_;
  std::map<std::uint64_t, std::shared_ptr<Opened>> opened_{}; ///< by inode number of the socket
  std::vector<Opened*> lenders_{};                            ///< those of opened_ that have a loan
  std::condition_variable_any released_{};                    ///< an Opened is no more
  std::vector<DescriptorReport> closed_{};
  bool ready_ = false; ///< see wait_until_ready()
  std::condition_variable_any ready_changed_{};

  int listener_ = -1;
  int stop_[2] = {-1, -1}; ///< a pipe: closed to end
  std::thread acceptor_{};
  std::mutex peers_mutex_{};
  std::list<Peer> peers_{};
  bool ending_ = false;
};

} // namespace zbuf::exec
