// SPDX-License-Identifier: BSD-2-Clause
#include "core/sim/process.h"

#include "core/observation/emulated_bed.h"
#include "core/reader/zero_copy_reader.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

// ---- The trace ----

void Process::note(Event event) {
  event.time_ns = machine_.clock.now_ns();
  event.descriptor = descriptor_;
  *zb_trace_claim(machine_.recorder.trace()) = event;
  listener_.stepped();
}

void Process::looked(zb_which buffer, std::uint32_t kernel_gen, std::uint32_t user_gen, std::uint64_t looks) {
  if (looks == 1) // a spin has spent its time itself
    machine_.clock.spend_ns(machine_.costs.look_ns);
  EventObserver::looked(buffer, kernel_gen, user_gen, looks);
}

void Process::handled(zb_which buffer, std::uint32_t offset, std::uint32_t caplen, std::uint32_t datalen) {
  const Costs& costs = machine_.costs;
  const std::uint64_t ps = handle_carry_ps_ + config_.handle_ns.value_or(costs.handle_ns) * 1000 +
                           config_.handle_byte_ps.value_or(costs.handle_byte_ps) * caplen;
  handle_carry_ps_ = ps % 1000;
  machine_.clock.spend_ns(ps / 1000);
  EventObserver::handled(buffer, offset, caplen, datalen);
}

// ---- Its life ----

void Process::run() {
  point_ = machine_.clock.make_wait_point();
  sleep_until(config_.start_ns);
  // Whatever ends it, its descriptor is closed in its own time, before its memory goes.
  struct Exit {
    Process& process;
    ~Exit() {
      process.opened_ = nullptr;
      process.reader_.reset();
      process.operator_.reset();
    }
  } const exit{*this};

  if (!config_.script.empty()) {
    run_script();
    return;
  }
  auto device = machine_.kernel.open();
  opened_ = device.get();
  descriptor_ = device->number();
  announce(ZB_READER_STARTED);
  auto reader = make_reader(std::move(device), config_.interface, config_.options, this);
  if (!reader) {
    opened_ = nullptr;
    Error error = reader.error();
    error.message = fmt::format("reader {}: {}", config_.name, error.message);
    listener_.failed(std::move(error));
    return;
  }
  reader_ = std::move(*reader);
  if (config_.acknowledges_out_of_order && config_.options.mode == BufferMode::zbuf)
    read_out_of_order();
  else
    read_for_ever();
  announce(ZB_READER_STOPPED);
}

/// False when there will be nothing more.
bool Process::next(Next& next) {
  do_pending();
  auto result = reader_->next();
  if (!result) {
    listener_.failed(result.error());
    return false;
  }
  next = *result;
  if (next.kind == Next::Kind::nothing)
    idled();
  return next.kind != Next::Kind::gone;
}

// ---- Silences ----

/// A silence that is shorter, or has fewer rounds, is played like any other time.
constexpr std::uint64_t long_silence_ns = 10'000'000;
constexpr std::uint64_t long_silence_rounds = 64;

void Process::Rhythm::beat(std::uint64_t now_ns) {
  const std::uint64_t period = last_ns == never_ns ? 0 : now_ns - last_ns;
  same = period != 0 && period == period_ns ? same + 1 : 0;
  period_ns = period;
  last_ns = now_ns;
}

/// It found nothing. Everything here follows from the state of the kernel, the reader and the clock; so a
/// reader that has found nothing in one rhythm goes on in it until something comes from outside, or its own
/// deadline does.
void Process::idled() {
  VirtualClock& clock = machine_.clock;
  if (disturbances_ != clock.disturbances()) {
    disturbances_ = clock.disturbances();
    asking_ = waiting_ = {};
  }
  const std::uint64_t deadline_ns = reader_->deadline_ns();
  if (deadline_ns != never_ns && deadline_ns == deadline_ns_) {
    asking_.beat(clock.now_ns());
    skip(asking_, deadline_ns);
    return;
  }
  deadline_ns_ = deadline_ns; // its time was up, and begins anew
  asking_ = {};
  waiting_.beat(clock.now_ns());
  if (waiting_.same >= long_silence_rounds)
    clock.be_quiet();
  skip(waiting_, never_ns);
}

/// One round is marked in the trace and played; those that follow are skipped, and it stands for them.
void Process::skip(Rhythm& rhythm, std::uint64_t limit_ns) {
  VirtualClock& clock = machine_.clock;
  const std::uint64_t silent_until_ns = clock.next_disturbance_ns();
  const std::uint64_t until_ns = std::min(silent_until_ns, limit_ns);
  const std::uint64_t now_ns = clock.now_ns();
  if (rhythm.same < long_silence_rounds || until_ns == never_ns || until_ns <= now_ns)
    return;
  const std::uint64_t most = (until_ns - now_ns) / rhythm.period_ns;
  const auto id = clock.current();
  if (!rhythm.shown) {
    const bool between_time_outs = limit_ns != never_ns; // a short stretch of a silence
    if (most < long_silence_rounds || (!between_time_outs && silent_until_ns - now_ns < long_silence_ns))
      return;
    rhythm.shown = true;
    rhythm.slept_ns = clock.slept_ns(id);
    note(blank_event(ZB_EV_ROUND));
    return;
  }
  rhythm.shown = false;
  const auto idle = [&](std::uint64_t rounds) {
    const std::uint64_t span_ns = rounds * rhythm.period_ns;
    Event event = blank_event(ZB_EV_IDLE, now_ns + span_ns);
    event.descriptor = descriptor_;
    event.a = static_cast<std::uint32_t>(rounds);
    event.b = static_cast<std::uint32_t>(rounds >> 32);
    event.c = static_cast<std::uint32_t>(span_ns);
    event.d = static_cast<std::uint32_t>(span_ns >> 32);
    return event;
  };
  // Its last round is played, so that what comes meets it where it would be.
  const std::uint64_t last = std::max<std::uint64_t>(most, 1) - 1;
  const std::uint64_t rounds = listener_.rounds_to_skip(idle(last));
  clock.skip_until(now_ns + rounds * rhythm.period_ns, rounds * (clock.slept_ns(id) - rhythm.slept_ns));
  if (&rhythm == &waiting_) { // else it still waits for the same deadline
    reader_->time_was_skipped(rounds * rhythm.period_ns);
    deadline_ns_ = reader_->deadline_ns();
  }
  note(idle(rounds));
  rhythm.last_ns = clock.now_ns();
  if (rounds < last)
    rhythm.same = 0;
}

void Process::read_for_ever() {
  Next next;
  while (this->next(next))
    if (next.kind == Next::Kind::fill)
      handle(next.fill);
}

/// The classic mistake: both buffers are read, the younger one is returned at once and the older one only
/// when the time-out has passed (spec 2.9 v).
void Process::read_out_of_order() {
  Next next;
  while (this->next(next)) {
    if (next.kind != Next::Kind::fill)
      continue;
    handle(next.fill);
    const zb_which other = next.fill.buffer == ZB_A ? ZB_B : ZB_A;
    zb_shared_header* const header = loan()->header(other);
    const std::uint32_t returned = zb_user_user_gen(header);
    std::uint32_t generation = zb_user_kernel_gen(header);
    while (generation == returned) {
      looked(other, generation, returned, device()->spin() + 1);
      do_pending();
      generation = zb_user_kernel_gen(header);
    }
    const std::span<const std::byte> all = loan()->records(other);
    const std::size_t length = std::min<std::size_t>(zb_user_kernel_len(header), all.size());
    took(other, static_cast<std::uint32_t>(length), generation);
    handle({other, generation, all.first(length)});
    zb_user_acknowledge(header, generation);
    acknowledged(other, generation, generation);
    sleep_until(machine_.clock.now_ns() + std::max<std::uint64_t>(config_.options.timeout_ns, 1));
    reader_->release();
    // The reader now expects the other buffer, which is returned already; it will be the next to be filled.
  }
}

void Process::handle(const Fill& fill) {
  RecordCursor cursor(fill.records);
  while (const auto record = cursor.next()) {
    handled(fill.buffer, record->offset, static_cast<std::uint32_t>(record->bytes.size()), record->datalen);
    if (!pending_.empty())
      do_pending();
  }
  if (cursor.fault() != RecordFault::none)
    bad_record(fill.buffer, cursor.offset(), static_cast<std::uint32_t>(cursor.fault()));
}

void Process::sleep_until(std::uint64_t time_ns) {
  // Nobody wakes this point but ask(), and a process that is asked obeys only between its steps.
  while (machine_.clock.now_ns() < time_ns) {
    point_->wait_until(time_ns);
    if (time_ns == never_ns && !pending_.empty())
      return;
  }
}

// ---- What it is made to do ----

void Process::ask(const SimFault& fault) {
  pending_.push_back(fault);
  if (opened_ != nullptr)
    opened_->interrupt();
  if (point_ != nullptr)
    point_->wake_all();
}

void Process::do_pending() {
  while (!pending_.empty()) {
    const SimFault fault = pending_.front();
    pending_.pop_front();
    obey(fault);
  }
}

void Process::obey(const SimFault& fault) {
  Device* const device = this->device();
  if (fault.kind == SimFault::Kind::stall) {
    stall(fault.duration_ns);
    return;
  }
  if (device == nullptr)
    return;
  switch (fault.kind) {
  case SimFault::Kind::flush:
    (void)flush(*device);
    break;
  case SimFault::Kind::set_filter:
    (void)set_filter(*device, config_.options.filter);
    break;
  case SimFault::Kind::set_zbuf_again:
    set_zbuf_again();
    break;
  case SimFault::Kind::scribble:
    scribble(fault);
    break;
  default:
    break;
  }
}

void Process::stall(std::uint64_t duration_ns) {
  announce(ZB_READER_STALLED);
  const std::uint64_t now_ns = machine_.clock.now_ns();
  const std::uint64_t until_ns = duration_ns == 0 ? never_ns : now_ns + duration_ns;
  while (machine_.clock.now_ns() < until_ns)
    point_->wait_until(until_ns);
  announce(ZB_READER_CONTINUES);
}

void Process::set_zbuf_again() {
  const Loan* const lent = loan();
  if (lent == nullptr)
    return;
  // Refused, as it must be; what it does to the headers all the same is spec 4.5b.
  (void)set_zbuf(*device(), lent->address(ZB_A), lent->address(ZB_B), lent->size());
}

void Process::scribble(const SimFault& fault) {
  const Loan* const lent = loan();
  if (lent == nullptr)
    return;
  const auto* words = reinterpret_cast<const std::uint32_t*>(lent->header(fault.buffer));
  const std::uint32_t before = words[fault.word];
  const auto value = static_cast<std::uint32_t>(fault.value);
  zb_user_scribble(lent->header(fault.buffer), fault.word, value);
  scribbled(fault.buffer, fault.word, value, before);
}

const Loan* Process::loan() const {
  if (operator_ != nullptr)
    return operator_->loan().empty() ? nullptr : &operator_->loan();
  const auto* const reader = dynamic_cast<const ZeroCopyReader*>(reader_.get());
  return reader == nullptr ? nullptr : &reader->loan();
}

Device* Process::device() {
  if (operator_ != nullptr)
    return operator_->device();
  return reader_ == nullptr ? nullptr : &reader_->device();
}

// ---- Scripts ----

/// The machine that a script's operations reach: the one of the run.
class Process::ScriptBed final : public TestBed {
 public:
  ScriptBed(SimMachine& machine, std::string interface)
      : machine_(machine), inner_(machine.kernel, std::move(interface)) {}

  std::unique_ptr<Device> open(bool nonblocking, int& error) override {
    return inner_.open(nonblocking, error);
  }
  void enable_zerocopy(bool on) override { inner_.enable_zerocopy(on); }
  [[nodiscard]] std::string interface_name() const override { return inner_.interface_name(); }
  void inject(std::span<const std::byte> packet) override {
    if (const auto id = machine_.kernel.find_interface(interface_name()))
      machine_.path.deliver(
          *id, {machine_.clock.now_ns(), packet, static_cast<std::uint32_t>(packet.size()), false});
  }
  void destroy_interface() override { inner_.destroy_interface(); }
  std::optional<zb_xbpf_d> stats(const Device& device) override { return inner_.stats(device); }

 private:
  SimMachine& machine_;
  EmulatedBed inner_;
};

void Process::run_script() {
  ScriptBed bed(machine_, config_.interface);
  operator_ = std::make_unique<Operator>(bed, this);
  struct Leave { // the bed goes before the operator's device would
    std::unique_ptr<Operator>& process;
    ~Leave() { process.reset(); }
  } const leave{operator_};

  for (const SimStep& step : config_.script) {
    do_pending();
    switch (step.kind) {
    case SimStep::Kind::sleep:
      sleep_until(machine_.clock.now_ns() + step.time_ns);
      break;
    case SimStep::Kind::at:
      sleep_until(step.time_ns);
      break;
    case SimStep::Kind::operation:
      machine_.clock.disturb(); // it may send, or take an interface away
      operator_->run(step.operation);
      opened_ = operator_->device();
      if (step.operation.name == "open" && opened_ != nullptr) {
        descriptor_ = opened_->number();
        announce(ZB_READER_STARTED);
      }
      listener_.stepped();
      break;
    }
  }
  listener_.ended();
  // It stays, with what it holds, until the run ends or it is killed.
  for (;;) {
    do_pending();
    sleep_until(never_ns);
  }
}

} // namespace zbuf
