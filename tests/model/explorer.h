// SPDX-License-Identifier: BSD-2-Clause
// A small model checker: it runs two threads in every order, and lets every read return every value that
// release and acquire allow.
//
// How memory is modelled
// - A location that is accessed atomically keeps its whole history. A thread may read any entry that is not
//   older than the newest it knows of: news from the other processor arrives when it pleases.
// - What a thread knows is its *view*: the newest entry it has seen of each location, and how far it knows
//   each thread to have come. A release store leaves the view with the value; an acquire load that reads
//   that value takes the view over. Nothing else passes knowledge on.
// - Plain memory has no history. An access is a *race* unless the view covers the last access of the other
//   thread. A program with a race means nothing, so finding one is finding a fault.
//
// How every execution is found
//   Wherever something is open (which thread goes on, which entry is read) the explorer notes how many
//   choices there are and takes the first. Then it runs the program again from the start with the last
//   choice changed that has others left, until none has. A thread that would have to wait gives the
//   execution up: in another one it comes later, and need not wait.
//
// What is left out: a relaxed load never reads what is stored later in the same execution ("load
// buffering"). In the hand-off an acquire or a release stands between any two that could do that.
#pragma once

#include "core/clock/fiber.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace zbuf::model {

/// Plain memory, such as the records of a buffer.
struct Plain {
  const char* name;
  std::uint32_t value = 0;
  std::array<std::uint32_t, 2> read_at{}; ///< by whom, and how far that thread had come
  std::array<std::uint32_t, 2> written_at{};
};

class Explorer {
 public:
  using Thread = std::function<void(Explorer&)>;
  /// Makes the two threads, with fresh memory, for one execution.
  using Program = std::function<std::array<Thread, 2>()>;
  /// How to call a location.
  using Names = std::string (*)(const std::uint32_t*);

  struct Outcome {
    std::uint64_t executions = 0; ///< all of them, unless a fault was found
    std::uint64_t complete = 0;   ///< in which neither thread had to wait
    std::string fault{};          ///< what went wrong first; empty: nothing can
    std::string steps{};          ///< ... and how, a line per step
  };

  static Outcome explore(const Program& program, Names names) {
    Explorer explorer;
    do
      explorer.execute(program());
    while (explorer.outcome_.fault.empty() && explorer.next_choices());
    if (!explorer.outcome_.fault.empty()) { // once more, to tell how
      explorer.names_ = names;
      explorer.execute(program());
    }
    return explorer.outcome_;
  }

  // ---- What a thread does ----

  std::uint32_t load(const std::uint32_t* location, bool acquire) {
    pause();
    const std::vector<Entry>& history = history_of(location);
    std::uint32_t& known = me().seen[location];
    known += choose(static_cast<std::uint32_t>(history.size()) - known);
    const Entry& entry = history[known];
    tell([&] {
      return names_(location) + " is " + std::to_string(entry.value) + (acquire ? " (acquire)" : "");
    });
    if (acquire)
      me().join(entry.view);
    return entry.value;
  }

  void store(std::uint32_t* location, std::uint32_t value, bool release) {
    pause();
    std::vector<Entry>& history = history_of(location);
    // One thread writes each location, so the newest entry is always the end of its history.
    me().seen[location] = static_cast<std::uint32_t>(history.size());
    history.push_back({value, release ? me() : View{}});
    tell([&] { return names_(location) + " := " + std::to_string(value) + (release ? " (release)" : ""); });
    ++me().came[running_];
  }

  std::uint32_t read(Plain& memory) {
    tell([&] { return std::string("reads ") + memory.name; });
    check_race(memory, memory.written_at);
    memory.read_at[running_] = me().came[running_];
    return memory.value;
  }

  void write(Plain& memory, std::uint32_t value) {
    tell([&] { return std::string("writes ") + memory.name; });
    check_race(memory, memory.written_at);
    check_race(memory, memory.read_at);
    memory.written_at[running_] = me().came[running_];
    memory.value = value;
  }

  /// The thread waits for this; in this execution it is given up if that would take longer.
  static void wait_for(bool condition) {
    if (!condition)
      throw GivenUp{};
  }

  void require(bool condition, const char* what) {
    if (!condition)
      fail(what);
  }

 private:
  Explorer() = default;
  ~Explorer() {
    threads_ = nullptr;
    for (Fiber& fiber : fibers_)
      fiber.resume();
  }

  struct GivenUp {};
  struct View {
    std::map<const void*, std::uint32_t> seen{}; ///< index into the history of each location
    std::array<std::uint32_t, 2> came{};         ///< how far each thread is known to have come
    void join(const View& other) {
      for (const auto& [location, index] : other.seen)
        seen[location] = std::max(seen[location], index);
      for (std::size_t t = 0; t < came.size(); ++t)
        came[t] = std::max(came[t], other.came[t]);
    }
  };
  struct Entry {
    std::uint32_t value = 0;
    View view{};
  };
  struct Choice {
    std::uint32_t taken, of;
  };

  View& me() { return views_[running_]; }

  std::vector<Entry>& history_of(const std::uint32_t* location) {
    std::vector<Entry>& history = histories_[location];
    if (history.empty())
      history.emplace_back(); // memory is zero before the threads begin, and both know
    return history;
  }

  void check_race(const Plain& memory, const std::array<std::uint32_t, 2>& accessed_at) {
    const std::size_t other = 1 - running_;
    if (accessed_at[other] > me().came[other])
      fail(std::string("data race on ") + memory.name);
  }

  void fail(const std::string& what) {
    outcome_.fault = what;
    throw GivenUp{};
  }

  template <typename Words>
  void tell(const Words& words) {
    if (names_ != nullptr)
      outcome_.steps += (running_ == 0 ? "first thread: " : "second thread: ") + words() + "\n";
  }

  // ---- One execution ----

  void execute(const std::array<Thread, 2>& threads) {
    ++outcome_.executions;
    position_ = 0;
    histories_.clear();
    views_ = {};
    views_[0].came = {1, 0}; // 0 is "never"
    views_[1].came = {0, 1};
    given_up_ = false;
    threads_ = &threads;
    ended_ = {};
    while (!ended_[0] || !ended_[1]) {
      if (ended_[0] || ended_[1] || given_up_)
        running_ = ended_[0] ? 1 : 0;
      else
        running_ = choose(2);
      fibers_[running_].resume();
    }
    outcome_.complete += !given_up_;
  }

  /// The life of a fiber: its thread of one execution after the other.
  void live(std::size_t t) {
    while (threads_ != nullptr) {
      try {
        (*threads_)[t](*this);
      } catch (const GivenUp&) {
        given_up_ = true;
      }
      ended_[t] = true;
      fibers_[t].yield();
    }
  }

  /// Before every step that the other thread can notice.
  void pause() {
    fibers_[running_].yield();
    if (given_up_)
      throw GivenUp{};
  }

  std::uint32_t choose(std::uint32_t of) {
    if (position_ == choices_.size())
      choices_.push_back({0, of});
    return choices_[position_++].taken;
  }

  bool next_choices() {
    while (!choices_.empty() && choices_.back().taken + 1 == choices_.back().of)
      choices_.pop_back();
    if (choices_.empty())
      return false;
    ++choices_.back().taken;
    return true;
  }

  Outcome outcome_{};
  std::vector<Choice> choices_{};
  std::size_t position_ = 0;
  std::map<const void*, std::vector<Entry>> histories_{};
  std::array<View, 2> views_{};
  const std::array<Thread, 2>* threads_ = nullptr; ///< of this execution
  std::array<bool, 2> ended_{};
  std::array<Fiber, 2> fibers_{Fiber([this] { live(0); }), Fiber([this] { live(1); })};
  std::uint32_t running_ = 0;
  bool given_up_ = false;
  Names names_ = nullptr; ///< set where the steps are to be told
};

} // namespace zbuf::model
