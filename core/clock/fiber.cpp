// SPDX-License-Identifier: BSD-2-Clause
#include "core/clock/fiber.h"

#include "core/base/assert.h"

#include <boost/context/fiber.hpp>
#include <boost/context/fixedsize_stack.hpp>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define ZBUF_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ZBUF_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define ZBUF_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ZBUF_TSAN 1
#endif
#endif

#ifdef ZBUF_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef ZBUF_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace zbuf {

namespace {

constexpr std::size_t stack_bytes = 256 * 1024;

/// One side of a switch, as AddressSanitizer and ThreadSanitizer want to know it.
struct Side {
  void* fake_stack = nullptr;
  const void* stack = nullptr;
  std::size_t stack_size = 0;
  void* tsan = nullptr;
};

void before_switch([[maybe_unused]] Side& from, [[maybe_unused]] const Side& to,
                   [[maybe_unused]] bool from_ends) {
#ifdef ZBUF_ASAN
  __sanitizer_start_switch_fiber(from_ends ? nullptr : &from.fake_stack, to.stack, to.stack_size);
#endif
#ifdef ZBUF_TSAN
  __tsan_switch_to_fiber(to.tsan, 0);
#endif
}

/// `here` now runs; `from` is learnt where it could not be known before.
void after_switch([[maybe_unused]] Side& here, [[maybe_unused]] Side& from) {
#ifdef ZBUF_ASAN
  __sanitizer_finish_switch_fiber(here.fake_stack, &from.stack, &from.stack_size);
#endif
}

} // namespace

struct Fiber::State {
  std::function<void()> body;
  boost::context::fiber inside;
  boost::context::fiber outside;
  Side in;
  Side out;
  bool ended = false;
};

Fiber::Fiber(std::function<void()> body) : state_(std::make_unique<State>()) {
  State* const s = state_.get();
  s->body = std::move(body);
  boost::context::fixedsize_stack allocator(stack_bytes);
  const boost::context::stack_context stack = allocator.allocate();
  s->in.stack = static_cast<std::byte*>(stack.sp) - stack.size;
  s->in.stack_size = stack.size;
#ifdef ZBUF_TSAN
  s->in.tsan = __tsan_create_fiber(0);
#endif
  s->inside =
      boost::context::fiber(std::allocator_arg, boost::context::preallocated(stack.sp, stack.size, stack),
                            allocator, [s](boost::context::fiber&& caller) {
                              after_switch(s->in, s->out);
                              s->outside = std::move(caller);
                              s->body();
                              s->ended = true;
                              before_switch(s->in, s->out, true);
                              return std::move(s->outside);
                            });
}

Fiber::~Fiber() {
  if (state_->inside)
    ZBUF_ASSERT(state_->ended);
#ifdef ZBUF_TSAN
  __tsan_destroy_fiber(state_->in.tsan);
#endif
}

void Fiber::resume() {
  State& s = *state_;
  ZBUF_ASSERT(!s.ended);
#ifdef ZBUF_TSAN
  s.out.tsan = __tsan_get_current_fiber();
#endif
  before_switch(s.out, s.in, false);
  s.inside = std::move(s.inside).resume();
  after_switch(s.out, s.in);
}

void Fiber::yield() {
  State& s = *state_;
  before_switch(s.in, s.out, false);
  s.outside = std::move(s.outside).resume();
  after_switch(s.in, s.out);
}

bool Fiber::ended() const {
  return state_->ended;
}

} // namespace zbuf
