// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/feed.h"

#include <algorithm>
#include <chrono>

namespace zbuf::exec {

namespace {

/// A packet this near is due: a sleep would take longer.
constexpr std::uint64_t near_ns = 50'000;
/// Packets in one go: others wait for the kernel meanwhile.
constexpr unsigned most_at_once = 32;
constexpr std::uint64_t longest_rest_ns = 20'000'000;

} // namespace

Feed::Feed(KernelServer& server, std::vector<Stream> streams) : server_(server) {
  for (Stream& stream : streams)
    playing_.push_back({std::move(stream)});
  thread_ = std::thread([this] { play(); });
}

Feed::Feed(KernelServer& server, EmulatedKernel::InterfaceId interface, std::unique_ptr<Tap> tap)
    : server_(server), tapped_(interface), tap_(std::move(tap)) {
  thread_ = std::thread([this] { play_tap(); });
}

Feed::~Feed() {
  stop_ = true;
  thread_.join();
}

std::vector<Error> Feed::errors() {
  const std::lock_guard<std::mutex> held(mutex_);
  return errors_;
}

void Feed::fail_with(Error error) {
  const std::lock_guard<std::mutex> held(mutex_);
  errors_.push_back(std::move(error));
}

// ---- Sources ----

/// False: it has no more.
bool Feed::advance(Playing& playing) {
  auto next = playing.stream.source->next();
  if (!next) {
    fail_with(next.error());
    return false;
  }
  if (!*next)
    return false;
  playing.next = **next;
  return true;
}

Feed::Playing* Feed::earliest() {
  const auto first =
      std::min_element(playing_.begin(), playing_.end(),
                       [](const Playing& x, const Playing& y) { return x.next.time_ns < y.next.time_ns; });
  return first == playing_.end() ? nullptr : &*first;
}

void Feed::play() {
  if (!server_.wait_until_ready([this] { return stop_.load(); }))
    return;
  const std::uint64_t start_ns = server_.clock().real_ns();
  std::erase_if(playing_, [this](Playing& playing) { return !advance(playing); });
  while (!stop_) {
    const Playing* const next = earliest();
    if (next == nullptr)
      break;
    const std::uint64_t due_ns = start_ns + next->next.time_ns;
    if (due_ns > server_.clock().real_ns() + near_ns)
      rest(due_ns);
    else
      deliver_due(start_ns);
  }
  ended_ = true;
}

void Feed::deliver_due(std::uint64_t start_ns) {
  {
    const GiantClock::Hold held = server_.clock().hold();
    const std::uint64_t until_ns = server_.clock().real_ns() + near_ns;
    for (unsigned n = 0; n < most_at_once; ++n) {
      Playing* const playing = earliest();
      if (playing == nullptr || start_ns + playing->next.time_ns > until_ns)
        break;
      const Packet& packet = playing->next;
      server_.arrive(playing->stream.interface, {packet.bytes, packet.wire_length, packet.outgoing});
      packets_.fetch_add(1, std::memory_order_relaxed);
      if (!advance(*playing))
        playing_.erase(playing_.begin() + (playing - playing_.data()));
    }
  }
  let_others_pass();
}

void Feed::rest(std::uint64_t until_ns) {
  const std::uint64_t now_ns = server_.clock().real_ns();
  const std::uint64_t ns = until_ns > now_ns ? std::min(until_ns - now_ns, longest_rest_ns) : 0;
  std::this_thread::sleep_for(std::chrono::nanoseconds(ns));
}

/// A lock that is free for an instant only goes to whoever is awake: to us. So we wait.
void Feed::let_others_pass() {
  for (unsigned n = 0; n < 1000 && server_.clock().wanted(); ++n)
    std::this_thread::yield();
}

// ---- A live interface ----

void Feed::play_tap() {
  constexpr int patience_ms = 20;
  while (!stop_) {
    const auto status = tap_->take(patience_ms, [this](const Packet& packet) {
      {
        const GiantClock::Hold held = server_.clock().hold();
        server_.arrive(tapped_, {packet.bytes, packet.wire_length, packet.outgoing});
      }
      packets_.fetch_add(1, std::memory_order_relaxed);
      let_others_pass();
    });
    if (!status)
      fail_with(status.error());
    if (!status || *status == Tap::State::gone) {
      const GiantClock::Hold held = server_.clock().hold();
      server_.kernel().destroy_interface(tapped_);
      break;
    }
  }
  ended_ = true;
}

} // namespace zbuf::exec
