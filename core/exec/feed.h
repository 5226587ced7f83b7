// SPDX-License-Identifier: BSD-2-Clause
// Packets for the emulated kernel of `zbuf exec`, in real time: a thread that lets them arrive when they are
// due.
#pragma once

#include "core/base/result.h"
#include "core/exec/kernel_server.h"
#include "core/live/tap.h"
#include "core/traffic/source.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace zbuf::exec {

/// Time 0 of the sources is when the program is ready (KernelServer::wait_until_ready()): it misses nothing
/// by starting slowly. Packets that are late arrive at once, so that a rate beyond the machine's means: as
/// fast as it can.
class Feed {
 public:
  struct Stream {
    EmulatedKernel::InterfaceId interface = 0;
    std::unique_ptr<Source> source{};
  };

  /// The server outlives the feed.
  Feed(KernelServer& server, std::vector<Stream> streams);
  /// Packets of a live interface; none is sent there.
  Feed(KernelServer& server, EmulatedKernel::InterfaceId interface, std::unique_ptr<Tap> tap);
  /// Ends it.
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  /// The sources have no more.
  [[nodiscard]] bool ended() const { return ended_; }
  /// Sources that failed; what came before stands.
  [[nodiscard]] std::vector<Error> errors();

 private:
  struct Playing {
    Stream stream;
    Packet next{};
  };

  void play();
  void play_tap();
  bool advance(Playing& playing);
  Playing* earliest();
  void deliver_due(std::uint64_t start_ns);
  void rest(std::uint64_t until_ns);
  void let_others_pass();
  void fail_with(Error error);

  KernelServer& server_;
  std::vector<Playing> playing_{};
  EmulatedKernel::InterfaceId tapped_ = 0;
  std::unique_ptr<Tap> tap_{};
  std::atomic<bool> stop_ = false;
  std::atomic<bool> ended_ = false;
  std::atomic<std::uint64_t> packets_ = 0;
  std::mutex mutex_{};
  std::vector<Error> errors_{};
  std::thread thread_{};
};

} // namespace zbuf::exec
