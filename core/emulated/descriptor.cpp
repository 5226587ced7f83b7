// SPDX-License-Identifier: BSD-2-Clause
#include "core/emulated/descriptor.h"

#include "core/base/assert.h"
#include "core/emulated/user_memory.h"
#include "core/filter/prepared_filter.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>

namespace zbuf {

namespace {

EmulatedDescriptor& self(void* context) {
  return *static_cast<EmulatedDescriptor*>(context);
}

/// A packet's first lines are on their way from memory while the packet before it is handled; where it is
/// longer, the processor has noticed by then.
void prefetch(std::span<const std::byte> bytes) {
  constexpr std::size_t line_bytes = 64;
  constexpr std::size_t most_bytes = 8 * line_bytes;
  for (std::size_t at = 0; at < std::min(bytes.size(), most_bytes); at += line_bytes)
    __builtin_prefetch(bytes.data() + at);
}

/// Asks for a line of cache to write to.
void claim(const void* line) {
#if defined(__x86_64__)
  __asm__ __volatile__("prefetchw %0" : : "m"(*static_cast<const char*>(line)));
#else
  __builtin_prefetch(line, 1);
#endif
}

/// Where the record after the next few will begin, if they are like the one just stored. Its reader has those
/// lines from the last time round, and they take a while to get back.
void claim_ahead(const zb_descriptor& descriptor, std::uint32_t record_bytes) {
  constexpr std::uint32_t records = 4;
  constexpr std::uint32_t line_bytes = 64;
  const zb_buffer* const store = descriptor.store;
  const std::uint32_t ahead = descriptor.store_length + records * record_bytes;
  if (store == nullptr || store->memory.contiguous == nullptr ||
      ahead + 2 * line_bytes > descriptor.buffer_size)
    return;
  const std::uint8_t* const first = store->memory.contiguous + store->header + ahead;
  claim(first);
  claim(first + line_bytes);
}

/// What write(2) took from the user, until it is sent.
struct Frame {
  std::vector<std::uint8_t> bytes;
};

} // namespace

/// The table that the engine is given (kernel/engine/host.h), function by function.
struct EngineHost {
  static void lock(void* c) { self(c).point_->lock(); }
  static void unlock(void* c) { self(c).point_->unlock(); }

  static int sleep(void* c, zb_channel channel, std::uint32_t ticks, bool interruptible) {
    EmulatedDescriptor& d = self(c);
    std::uint64_t deadline_ns = never_ns;
    if (ticks != 0)
      deadline_ns =
          d.kernel_.clock_.now_ns() + std::uint64_t{ticks} * 1'000'000'000u / d.kernel_.config_.tunables.hz;
    const std::uint64_t& wakes = d.wakes_[channel];
    const std::uint64_t before = wakes;
    while (wakes == before) {
      if (interruptible && d.interrupted_) {
        d.interrupted_ = false;
        return ZB_EINTR;
      }
      if (!d.sleep_until(deadline_ns, ZB_CALL_READ) && wakes == before && !(interruptible && d.interrupted_))
        return ZB_EWOULDBLOCK;
    }
    return 0;
  }

  static void wake(void* c, zb_channel channel) {
    EmulatedDescriptor& d = self(c);
    ++d.wakes_[channel];
    if (channel == ZB_FOR_HOLD)
      d.point_->wake_all();
  }

  /// Always follows a wake(): those who wait for data and those who poll sleep at one place.
  static void notify(void* c, std::uint32_t signal) {
    EmulatedDescriptor& d = self(c);
    ++d.news_;
    if (signal != 0 && d.owner_ != 0 && d.kernel_.processes_ != nullptr)
      d.kernel_.processes_->signal(d.owner_, signal);
    if (d.kernel_.meter_ != nullptr && d.sleepers_ > 0)
      d.kernel_.meter_->woke_up();
    d.point_->wake_all();
  }

  static void timer_arm(void* c, std::uint32_t ticks) { self(c).arm_timer(ticks); }
  static void timer_cancel(void* c) {
    EmulatedDescriptor& d = self(c);
    ++d.timer_generation_;
    d.kernel_.clock_.cancel(d.timer_);
  }

  // Buffers lie on pages, as a kernel's own do.
  static constexpr std::align_val_t alignment{ZB_PAGE_SIZE};
  static void* alloc(void*, std::size_t size) {
    void* memory = ::operator new(size, alignment, std::nothrow);
    if (memory != nullptr)
      std::memset(memory, 0, size);
    return memory;
  }
  static void free(void*, void* memory, std::size_t) { ::operator delete(memory, alignment); }

  static int copy_in(void*, std::uint64_t user, void* into, std::size_t size) {
    return copy_from_user(user, into, size) ? 0 : ZB_EFAULT;
  }
  static int copy_out(void* c, const void* from, std::uint64_t user, std::size_t size) {
    // The caller of Device::read() vouches for its memory, as of any function here.
    EmulatedDescriptor& d = self(c);
    if (d.kernel_.config_.copies_through_kernel) {
      if (!copy_through_kernel(from, user, size))
        return ZB_EFAULT;
    } else {
      std::memcpy(reinterpret_cast<void*>(static_cast<std::uintptr_t>(user)), from, size);
    }
    if (d.kernel_.meter_ != nullptr)
      d.kernel_.meter_->copied_to_user(size);
    d.kernel_.stamp();
    return 0;
  }

  static int wire(void*, std::uint64_t user, std::size_t size, zb_memory* memory) {
    if (!memory_is_writable(user, size))
      return ZB_EFAULT;
    *memory = {};
    memory->contiguous = reinterpret_cast<std::uint8_t*>(static_cast<std::uintptr_t>(user));
    return 0;
  }
  static void unwire(void*, zb_memory*, std::size_t) {}

  static void copy(void* to, const void* from, std::size_t size) { std::memcpy(to, from, size); }
  static void copy_packet(const zb_packet*, std::uint32_t, void*, std::size_t) {
    ZBUF_ASSERT(false && "packets here are in one piece");
  }

  static void* filter_new(void*, const zb_bpf_insn* instructions, std::uint32_t n, bool for_write) {
    auto prepared = PreparedFilter::prepare({instructions, n},
                                            for_write ? PacketMade::in_one_piece : PacketMade::in_pieces);
    return prepared ? new PreparedFilter(std::move(*prepared)) : nullptr;
  }
  static void filter_free(void*, void* filter) { delete static_cast<PreparedFilter*>(filter); }
  static std::uint32_t filter_run(const void* filter, const zb_packet* packet) {
    return static_cast<const PreparedFilter*>(filter)->run({packet->bytes, packet->length},
                                                           packet->wire_length);
  }

  static int find(void* c, const char* name, zb_link* link) {
    const std::string_view text(name, strnlen(name, ZB_IFNAMSIZ));
    return self(c).kernel_.find_link(text, link);
  }
  static int find_type(void* c, std::uint32_t interface, std::uint32_t type, zb_link* link) {
    return self(c).kernel_.link_of_type(interface, type, link);
  }
  static std::uint32_t types(void* c, std::uint32_t interface, std::uint32_t* list, std::uint32_t room) {
    ZBUF_ASSERT(room > 0);
    list[0] = self(c).kernel_.link_type_of(interface);
    return 1;
  }
  static int attach(void* c, const zb_link* link) {
    const zb_descriptor& engine = self(c).engine_;
    return self(c).kernel_.attach(link->number,
                                  engine.attached ? std::optional(engine.link.number) : std::nullopt,
                                  self(c).shared_from_this());
  }
  static void detach(void* c, std::uint32_t interface) { self(c).kernel_.detach(interface, &self(c)); }
  static int promiscuous(void* c, std::uint32_t interface, bool on) {
    self(c).kernel_.change_promiscuous(interface, on);
    return 0;
  }
  static std::uint32_t mtu(void* c, std::uint32_t interface) { return self(c).kernel_.mtu_if_up(interface); }

  static int frame_in(void*, std::uint64_t user, std::uint32_t length, zb_packet* packet) {
    auto frame = std::make_unique<Frame>();
    frame->bytes.resize(length);
    if (!copy_from_user(user, frame->bytes.data(), length))
      return ZB_EFAULT;
    *packet = {};
    packet->bytes = frame->bytes.data();
    packet->length = packet->wire_length = length;
    packet->chain = frame.release();
    return 0;
  }
  static void frame_drop(void*, zb_packet* packet) { delete static_cast<const Frame*>(packet->chain); }
  static int frame_send(void* c, std::uint32_t interface, zb_packet* packet, const zb_sending* how) {
    const std::unique_ptr<Frame> frame(static_cast<Frame*>(const_cast<void*>(packet->chain)));
    return self(c).kernel_.send(interface, frame->bytes, *how);
  }

  static int set_owner(void* c, std::int32_t who) {
    EmulatedDescriptor& d = self(c);
    Processes* const processes = d.kernel_.processes_;
    const int error = processes == nullptr || who == 0 ? 0 : processes->may_own(who);
    const std::lock_guard<WaitPoint> held(*d.point_);
    d.owner_ = error == 0 ? who : 0;
    return error;
  }
  static std::int32_t get_owner(void* c) {
    EmulatedDescriptor& d = self(c);
    const std::lock_guard<WaitPoint> held(*d.point_);
    return d.owner_;
  }

  static constexpr zb_host table(bool threaded) {
    zb_host host{};
    if (threaded) {
      host.lock = lock;
      host.unlock = unlock;
    }
    host.sleep = sleep;
    host.wake = wake;
    host.notify = notify;
    host.set_owner = set_owner;
    host.get_owner = get_owner;
    host.timer_arm = timer_arm;
    host.timer_cancel = timer_cancel;
    host.alloc = alloc;
    host.free = free;
    host.copy_in = copy_in;
    host.copy_out = copy_out;
    host.wire = wire;
    host.unwire = unwire;
    host.copy = copy;
    host.copy_packet = copy_packet;
    host.filter_new = filter_new;
    host.filter_free = filter_free;
    host.filter_run = filter_run;
    host.find = find;
    host.find_type = find_type;
    host.types = types;
    host.attach = attach;
    host.detach = detach;
    host.promiscuous = promiscuous;
    host.mtu = mtu;
    host.frame_in = frame_in;
    host.frame_drop = frame_drop;
    host.frame_send = frame_send;
    return host;
  }
};

namespace {
constexpr zb_host single_threaded_host = EngineHost::table(false);
constexpr zb_host threaded_host = EngineHost::table(true);
} // namespace

EmulatedDescriptor::EmulatedDescriptor(EmulatedKernel& kernel, const EmulatedKernel::Open& how,
                                       std::uint16_t number)
    : kernel_(kernel), threaded_(kernel.clock().threaded()), access_(how.access),
      point_(kernel.clock().make_wait_point()) {
  zb_open_args open{};
  open.host = threaded_ ? &threaded_host : &single_threaded_host;
  open.host_context = this;
  open.tunables = &kernel.config_.tunables;
  open.revision = kernel.config_.revision;
  open.trace = kernel.trace_;
  open.number = number;
  open.pid = how.pid;
  open.nonblocking = how.nonblocking;
  open.write_only = how.access == EmulatedKernel::Access::write_only;
  kernel.stamp();
  zb_open(&engine_, &open);
}

void EmulatedDescriptor::tap(std::span<const Arrival> burst, std::uint32_t number, std::uint64_t time_ns,
                             TapWork& work) {
  zb_packet packet{};
  packet.time_ns = time_ns;
  packet.number = number;
  point_->lock();
  const std::uint64_t received = engine_.count.received;
  for (std::size_t i = 0; i < burst.size(); ++i, ++packet.number) {
    if (i + 2 < burst.size())
      prefetch(burst[i + 2].bytes);
    packet.bytes = reinterpret_cast<const std::uint8_t*>(burst[i].bytes.data());
    packet.length = static_cast<std::uint32_t>(burst[i].bytes.size());
    packet.wire_length = burst[i].wire_length;
    packet.outgoing = burst[i].outgoing;
    const std::uint32_t stored = zb_tap_locked(&engine_, &packet);
    claim_ahead(engine_, ZB_WORDALIGN(stored));
    work.stored_bytes += stored;
  }
  if (engine_.read_filter != nullptr)
    work.filters += static_cast<std::uint32_t>(engine_.count.received - received);
  work.taps += static_cast<std::uint32_t>(burst.size());
  point_->unlock();
}

void EmulatedDescriptor::enter(zb_call call, std::uint32_t request, std::uint32_t argument) {
  if (kernel_.meter_ != nullptr)
    kernel_.meter_->call(call);
  kernel_.stamp();
  if (kernel_.trace_ != nullptr)
    zb_trace_call(&engine_, call, request, argument);
}

void EmulatedDescriptor::leave(zb_call call, std::uint32_t request, int error, std::uint32_t value) {
  kernel_.stamp();
  if (kernel_.trace_ != nullptr)
    zb_trace_return(&engine_, call, request, error, value);
}

int EmulatedDescriptor::control(std::uint32_t request, void* argument) {
  enter(ZB_CALL_IOCTL, request, 0);
  // The generic layer: a copy of the argument, written back only after success (spec 1.2).
  alignas(8) std::array<std::byte, ZB_ARGUMENT_BYTES> copy{};
  const std::size_t length = ZB_IOC_LENGTH(request);
  int error = ZB_EINVAL;
  if (length <= copy.size()) {
    if ((request & ZB_IOC_IN) != 0)
      std::memcpy(copy.data(), argument, length);
    error = zb_ioctl(&engine_, request, copy.data());
    if (error == 0 && (request & ZB_IOC_OUT) != 0)
      std::memcpy(argument, copy.data(), length);
  }
  leave(ZB_CALL_IOCTL, request, error, 0);
  return error;
}

CallResult EmulatedDescriptor::read(std::span<std::byte> into) {
  enter(ZB_CALL_READ, 0, static_cast<std::uint32_t>(into.size()));
  CallResult result;
  if (access_ == EmulatedKernel::Access::write_only)
    result.error = ZB_EBADF;
  else
    result.error =
        zb_read(&engine_, reinterpret_cast<std::uintptr_t>(into.data()), into.size(), &result.value);
  leave(ZB_CALL_READ, 0, result.error, static_cast<std::uint32_t>(result.value));
  return result;
}

CallResult EmulatedDescriptor::write(std::span<const std::byte> packet) {
  enter(ZB_CALL_WRITE, 0, static_cast<std::uint32_t>(packet.size()));
  CallResult result;
  if (access_ == EmulatedKernel::Access::read_only)
    result.error = ZB_EBADF;
  else
    result.error =
        zb_write(&engine_, reinterpret_cast<std::uintptr_t>(packet.data()), packet.size(), &result.value);
  leave(ZB_CALL_WRITE, 0, result.error, static_cast<std::uint32_t>(result.value));
  return result;
}

CallResult EmulatedDescriptor::poll(int events, std::int64_t timeout_ns) {
  const std::int64_t timeout_ms =
      timeout_ns < 0 ? -1 : std::min<std::int64_t>(timeout_ns / 1'000'000, 0x7fffffff);
  enter(ZB_CALL_POLL, 0, static_cast<std::uint32_t>(timeout_ms));
  Clock& clock = kernel_.clock_;
  const std::uint64_t deadline_ns =
      timeout_ns < 0 ? never_ns : clock.now_ns() + static_cast<std::uint64_t>(timeout_ns);
  CallResult result;
  for (;;) {
    point_->lock();
    const std::uint64_t news = news_;
    point_->unlock();
    const int ready = zb_poll(&engine_, events);
    if (ready != 0) {
      result.value = static_cast<std::size_t>(ready);
      break;
    }
    if (timeout_ns == 0)
      break;
    bool woken = true;
    point_->lock();
    while (news_ == news && !interrupted_ && !polls_ended_ && woken)
      woken = sleep_until(deadline_ns, ZB_CALL_POLL);
    if (polls_ended_) {
      result.error = ZB_EBADF;
    } else if (interrupted_) {
      interrupted_ = false;
      result.error = ZB_EINTR;
    }
    const bool late = !woken && news_ == news;
    point_->unlock();
    if (result.error != 0 || late)
      break;
  }
  leave(ZB_CALL_POLL, 0, result.error, static_cast<std::uint32_t>(result.value));
  return result;
}

std::uint64_t EmulatedDescriptor::spin(std::uint64_t deadline_ns) {
  const Meter* const meter = kernel_.meter_;
  return kernel_.clock_.spin(meter != nullptr ? meter->look_ns() : 0, deadline_ns);
}

void EmulatedDescriptor::interrupt() {
  point_->lock();
  interrupted_ = true;
  point_->wake_all();
  point_->unlock();
}

void EmulatedDescriptor::end_polls() {
  point_->lock();
  polls_ended_ = true;
  point_->wake_all();
  point_->unlock();
}

/// Pre: locked. The process sleeps, and the trace shows from when to when.
bool EmulatedDescriptor::sleep_until(std::uint64_t deadline_ns, zb_call call) {
  Clock& clock = kernel_.clock_;
  const std::uint64_t from_ns = clock.now_ns();
  kernel_.stamp();
  zb_trace_sleep(&engine_, call);
  struct Count {
    unsigned& sleepers;
    explicit Count(unsigned& n) : sleepers(n) { ++sleepers; }
    ~Count() { --sleepers; } // also when the process is killed here
  };
  bool woken = false;
  {
    const Count asleep(sleepers_);
    woken = point_->wait_until(deadline_ns);
  }
  const std::uint64_t blocked_ns = clock.now_ns() - from_ns;
  kernel_.stamp();
  zb_trace_resume(&engine_, call, blocked_ns);
  if (kernel_.meter_ != nullptr)
    kernel_.meter_->resumed();
  return woken;
}

/// Pre: locked.
void EmulatedDescriptor::arm_timer(std::uint32_t ticks) {
  const std::uint64_t delay_ns = std::uint64_t{ticks} * 1'000'000'000u / kernel_.config_.tunables.hz;
  const std::uint64_t generation = ++timer_generation_;
  timer_ = kernel_.clock_.call_at(kernel_.clock_.now_ns() + delay_ns, [weak = weak_from_this(), generation] {
    const auto descriptor = weak.lock();
    if (descriptor == nullptr)
      return;
    descriptor->point_->lock();
    const bool current = descriptor->timer_generation_ == generation;
    descriptor->point_->unlock();
    descriptor->kernel_.stamp();
    if (current)
      zb_timer(&descriptor->engine_);
  });
}

void EmulatedDescriptor::owner_ended(std::int32_t process) {
  const std::lock_guard<WaitPoint> held(*point_);
  if (owner_ == process)
    owner_ = 0;
}

void EmulatedDescriptor::close() {
  enter(ZB_CALL_CLOSE, 0, 0);
  zb_close(&engine_);
}

zb_xbpf_d EmulatedDescriptor::stats() {
  zb_xbpf_d stats{};
  zb_stats(&engine_, &stats);
  return stats;
}

bool EmulatedDescriptor::is_writer() {
  const std::lock_guard<WaitPoint> held(*point_);
  return engine_.writer > 0;
}

bool EmulatedDescriptor::is_attached() {
  const std::lock_guard<WaitPoint> held(*point_);
  return engine_.attached;
}

/// Readers only, and not the dropped writes: spec 6.1.
void EmulatedDescriptor::zero_stats() {
  point_->lock();
  if (engine_.writer == 0) {
    const std::uint64_t write_dropped = engine_.count.write_dropped;
    engine_.count = {};
    engine_.count.write_dropped = write_dropped;
  }
  point_->unlock();
}

} // namespace zbuf
