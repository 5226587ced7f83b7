// SPDX-License-Identifier: BSD-2-Clause
#include "core/reader/zero_copy_reader.h"

#include "core/clock/clock.h"

#include <algorithm>

namespace zbuf {

// ---- The hand-off ----

Result<Next> ZeroCopyReader::next() {
  release();
  if (!look()) {
    const auto waited = wait();
    if (!waited)
      return fail(waited.error());
    if (*waited != Waited::published)
      return Next{*waited == Waited::gone ? Next::Kind::gone : Next::Kind::nothing, {}};
  }
  return Next{Next::Kind::fill, take()};
}

/// Is the expected buffer ours? Never looks at the other one: what it holds comes later.
bool ZeroCopyReader::look(std::uint64_t looks) {
  const zb_shared_header* const header = loan_.header(expected_);
  generation_ = zb_user_kernel_gen(header); // acquire: length and records are read after this
  const std::uint32_t returned = zb_user_user_gen(header);
  if (observer_ != nullptr)
    observer_->looked(expected_, generation_, returned, looks);
  return generation_ != returned;
}

/// Pre: look() said yes. Reads length and records after the acquire there.
Fill ZeroCopyReader::take() {
  holding_ = true;
  if (options_.waiting != Waiting::sleep)
    since_ns_ = device_->now_ns();
  const std::span<const std::byte> all = loan_.records(expected_);
  const std::size_t published = zb_user_kernel_len(loan_.header(expected_));
  const std::size_t length =
      std::min(published, all.size()); // the kernel's word, but never beyond our memory
  if (observer_ != nullptr)
    observer_->took(expected_, static_cast<std::uint32_t>(length), generation_);
  return {expected_, generation_, all.first(length)};
}

void ZeroCopyReader::release() {
  if (!holding_)
    return;
  // The generation that we took, not the one that is there now: a kernel that published again meanwhile (as
  // those of 2008 could, spec 5.5 S4c) would be told that its second fill was read.
  zb_user_acknowledge(loan_.header(expected_), generation_); // release: our reads come before this
  if (observer_ != nullptr)
    observer_->acknowledged(expected_, generation_, generation_);
  holding_ = false;
  expected_ = expected_ == ZB_A ? ZB_B : ZB_A;
}

// ---- Waiting: the only system calls ----

Result<ZeroCopyReader::Waited> ZeroCopyReader::wait() {
  switch (options_.waiting) {
  case Waiting::spin:
    return spin();
  case Waiting::poll:
    return ask();
  case Waiting::sleep:
    return sleep();
  }
  return Waited::time_is_up;
}

namespace {

constexpr int events = ZB_POLLIN | ZB_POLLHUP;

/// A descriptor that has lost its interface hangs up (spec 2.13); the kernel of March 2008 then reports
/// events that nobody asked for.
bool is_gone(const CallResult& ready) {
  return ready.value != 0 && ((ready.value & ZB_POLLHUP) != 0 || (ready.value & ZB_POLLIN) == 0);
}

} // namespace

/// Sleeps in select(2) until a buffer is full, or the time is up.
Result<ZeroCopyReader::Waited> ZeroCopyReader::sleep() {
  const bool for_ever = options_.timeout_ns == 0;
  const CallResult ready =
      device_->poll(events, for_ever ? -1 : static_cast<std::int64_t>(options_.timeout_ns));
  if (ready.error == ZB_EINTR)
    return Waited::time_is_up;
  if (look())
    return Waited::published;          // the usual case: a full buffer woke us
  return take_partial(is_gone(ready)); // the time is up, or immediate mode: have what there is
}

/// Asks poll(2), without sleeping.
Result<ZeroCopyReader::Waited> ZeroCopyReader::ask() {
  const CallResult ready = device_->poll(events, 0);
  if (look())
    return Waited::published;
  if (ready.value != 0 || overdue())
    return take_partial(is_gone(ready));
  return Waited::time_is_up;
}

/// Looks again and again, without a system call.
Result<ZeroCopyReader::Waited> ZeroCopyReader::spin() {
  const std::uint64_t looks = device_->spin(deadline_ns());
  if (look(looks))
    return Waited::published;
  return overdue() ? take_partial(false) : Waited::time_is_up;
}

/// Who does not sleep must mind the time-out himself.
std::uint64_t ZeroCopyReader::deadline_ns() const {
  if (options_.waiting == Waiting::sleep || options_.timeout_ns == 0 ||
      options_.timeout_ns > never_ns - since_ns_)
    return never_ns;
  return since_ns_ + options_.timeout_ns;
}

bool ZeroCopyReader::overdue() const {
  const std::uint64_t deadline = deadline_ns();
  return deadline != never_ns &&
         device_->now_ns() >= deadline; // no look at the clock where time does not matter
}

/// Asks the kernel to hand over a buffer that is not full. Its answer is not used, because it can name a
/// buffer that we have read (spec 2.16c): next() looks at the generations.
Result<ZeroCopyReader::Waited> ZeroCopyReader::take_partial(bool gone) {
  since_ns_ = device_->now_ns();
  if (const auto rotated = rotate_zbuf(*device_); !rotated)
    return fail(rotated.error());
  if (look())
    return Waited::published;
  if (options_.waiting == Waiting::spin) // has not been told yet
    gone = is_gone(device_->poll(events, 0));
  return gone ? Waited::gone : Waited::time_is_up;
}

// ---- Preparation (bpf(4), ZERO-COPY BUFFER MODE) ----

Result<std::unique_ptr<ZeroCopyReader>> ZeroCopyReader::attach(std::unique_ptr<Device> device,
                                                               const std::string& interface,
                                                               const ReaderOptions& options,
                                                               ProcessObserver* observer) {
  auto loan = Loan::allocate(options.buffer_bytes);
  if (!loan)
    return fail(loan.error());
  // Should this fail below, the kernel must let go of the memory before it is freed: close first.
  const auto give_up = [&](Error error) {
    device.reset();
    return fail(std::move(error));
  };
  // The order is bpf's: mode, buffers, options, and the interface last, because packets flow from then on.
  Result<void> done = set_buffer_mode(*device, BufferMode::zbuf);
  if (done)
    done = set_zbuf(*device, loan->address(ZB_A), loan->address(ZB_B), loan->size());
  if (done && options.immediate)
    done = set_immediate(*device, true);
  if (done && options.kernel_timeout_ns)
    done = set_read_timeout(*device, *options.kernel_timeout_ns);
  if (done && !options.filter.empty())
    done = set_filter(*device, options.filter);
  if (done)
    done = set_interface(*device, interface);
  if (!done)
    return give_up(done.error());
  return std::unique_ptr<ZeroCopyReader>(
      new ZeroCopyReader(std::move(device), options, observer, std::move(*loan)));
}

} // namespace zbuf
