// SPDX-License-Identifier: BSD-2-Clause
// A fiber: a function with a stack of its own, which runs only while somebody resumes it.
//
// Boost.Context does the switch. What stands here is its pairing with the sanitizers, which must be told of
// every change of stack.
#pragma once

#include <functional>
#include <memory>

namespace zbuf {

/// Not thread-safe; resume() and yield() from one thread only. The body must have ended before the
/// destructor.
class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs the body until it yields or ends. Pre: it has not ended, and is not running.
  void resume();

  /// From inside the body: back to the caller of resume().
  void yield();

  [[nodiscard]] bool ended() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace zbuf
