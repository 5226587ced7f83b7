// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/native_kernel.h"

#include "core/device/native.h"
#include "core/device/records.h"
#include "core/device/requests.h"
#include "core/emulated/kernel.h"
#include "core/live/dtrace.h"
#include "core/live/module_kernel.h"
#include "core/reader/zero_copy_reader.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace zbuf {

namespace {

/// Writes events down, one after the other. Pre of all: the clock is held.
class Teller {
 public:
  Teller(GiantClock& clock, Recorder& recorder) : clock_(clock), recorder_(recorder) {}

  GiantClock& clock() { return clock_; }
  zb_trace* trace() { return recorder_.trace(); }
  [[nodiscard]] std::uint64_t epoch_ns() const { return clock_.epoch_ns(); }

  void tell(std::uint64_t time_ns, std::uint16_t descriptor, zb_event_kind kind, std::uint8_t buffer,
            std::array<std::uint32_t, 4> values = {}, std::uint32_t packet = ZB_NO_PACKET) {
    *zb_trace_claim(recorder_.trace()) = {time_ns,   packet,    values[0],  values[1],
                                          values[2], values[3], descriptor, static_cast<std::uint8_t>(kind),
                                          buffer};
  }
  void tell(std::uint16_t descriptor, zb_event_kind kind, std::uint8_t buffer,
            std::array<std::uint32_t, 4> values = {}) {
    tell(clock_.real_ns(), descriptor, kind, buffer, values);
  }

  /// A packet of the interface; returns its number.
  std::uint32_t arrived(std::uint64_t time_ns, const Record& record) {
    const auto caplen = static_cast<std::uint32_t>(record.bytes.size());
    tell(time_ns, ZB_NO_DESCRIPTOR, ZB_EV_ARRIVED, ZB_NO_BUFFER, {record.datalen, caplen, 0, 0},
         next_packet_);
    recorder_.note_packet(next_packet_, record.bytes, record.datalen, time_ns);
    return next_packet_++;
  }

 private:
  GiantClock& clock_;
  Recorder& recorder_;
  std::uint32_t next_packet_ = 0;
};

/// Real system calls, and an event for each end of them.
class WatchedDevice final : public Device {
 public:
  WatchedDevice(std::unique_ptr<NativeDevice> device, Teller& teller, std::uint16_t number)
      : device_(std::move(device)), teller_(teller), number_(number) {
    teller_.tell(number, ZB_EV_OPENED, ZB_NO_BUFFER, {ZB_FREEBSD, 1000, 0, 0});
  }
  ~WatchedDevice() override {
    device_.reset();
    const GiantClock::Hold held = teller_.clock().hold();
    teller_.tell(number_, ZB_EV_CLOSED, ZB_NO_BUFFER);
  }

  int control(std::uint32_t request, void* argument) override {
    enter(ZB_CALL_IOCTL, request, 0);
    const int error = device_->control(request, argument);
    leave(ZB_CALL_IOCTL, request, {error, 0});
    return error;
  }
  CallResult read(std::span<std::byte> into) override {
    enter(ZB_CALL_READ, 0, static_cast<std::uint32_t>(into.size()));
    return leave(ZB_CALL_READ, 0, device_->read(into));
  }
  CallResult write(std::span<const std::byte> packet) override {
    enter(ZB_CALL_WRITE, 0, static_cast<std::uint32_t>(packet.size()));
    return leave(ZB_CALL_WRITE, 0, device_->write(packet));
  }
  CallResult poll(int events, std::int64_t timeout_ns) override {
    enter(ZB_CALL_POLL, 0, static_cast<std::uint32_t>(timeout_ns < 0 ? -1 : timeout_ns / 1'000'000));
    return leave(ZB_CALL_POLL, 0, device_->poll(events, timeout_ns));
  }
  std::uint64_t spin(std::uint64_t deadline_ns) override { return device_->spin(deadline_ns); }
  [[nodiscard]] std::uint64_t now_ns() const override { return device_->now_ns(); }
  [[nodiscard]] std::uint16_t number() const override { return number_; }
  void interrupt() override { device_->interrupt(); }

  // System calls that are not the reader's own.
  void refuse_packets() { zbuf::refuse_packets(*device_); }
  zb_bpf_stat statistics() {
    zb_bpf_stat stat{};
    (void)device_->control(ZB_BIOCGSTATS, &stat);
    return stat;
  }

 private:
  void enter(zb_call call, std::uint32_t request, std::uint32_t argument) {
    const GiantClock::Hold held = teller_.clock().hold();
    teller_.tell(number_, ZB_EV_CALL, ZB_NO_BUFFER, {call, request, argument, 0});
  }
  CallResult leave(zb_call call, std::uint32_t request, CallResult result) {
    const GiantClock::Hold held = teller_.clock().hold();
    teller_.tell(
        number_, ZB_EV_RETURN, ZB_NO_BUFFER,
        {call, request, static_cast<std::uint32_t>(result.error), static_cast<std::uint32_t>(result.value)});
    return result;
  }

  std::unique_ptr<NativeDevice> device_;
  Teller& teller_;
  const std::uint16_t number_;
};

/// What is known of one descriptor's slots.
struct Slots {
  BufferMode mode{};
  WatchedDevice* device = nullptr;
  std::uint8_t hold = ZB_NO_BUFFER;
  std::uint8_t next = ZB_A;  ///< the store; read(2) shows no names, and they alternate
  std::uint32_t dropped = 0; ///< as BIOCGSTATS says: 32 bits, and may wrap
  bool timed_out = false;    ///< dtrace saw it
};

class NativeKernel final : public LiveKernel {
 public:
  NativeKernel(std::uint32_t link_type, std::vector<std::unique_ptr<NativeDevice>> opened,
               std::optional<Dtrace> dtrace)
      : link_type_(link_type), opened_(std::move(opened)), dtrace_(std::move(dtrace)) {}

  [[nodiscard]] std::uint32_t link_type() const override { return link_type_; }
  [[nodiscard]] std::string slots() const override { return "deduced"; }
  [[nodiscard]] std::string revision() const override { return zb_revisions[ZB_FREEBSD].name; }

  void begin(GiantClock& clock, Recorder& recorder) override { teller_.emplace(clock, recorder); }
  zb_trace* reader_trace(std::uint16_t) override { return teller_->trace(); }

  Result<std::unique_ptr<Device>> open() override {
    std::unique_ptr<NativeDevice> device = std::move(opened_.at(slots_.size()));
    const GiantClock::Hold held = teller_->clock().hold();
    auto watched = std::make_unique<WatchedDevice>(std::move(device), *teller_,
                                                   static_cast<std::uint16_t>(slots_.size()));
    slots_.push_back({});
    slots_.back().device = watched.get();
    return watched;
  }

  void attached(std::uint16_t descriptor, Reader& reader, BufferMode mode) override;
  void filled(std::uint16_t descriptor, const Fill& fill) override;
  [[nodiscard]] bool needs_fills() const override { return true; }
  void start() override {}
  void stop() override {
    for (Slots& slots : slots_)
      slots.device->refuse_packets();
  }
  void tick() override;
  void settle() override {
    take_dtrace();
    ask_for_drops(true);
  }
  std::optional<Tap::Counts> counts() override { return std::nullopt; }
  [[nodiscard]] bool gone() const override { return false; } // readers find out
  [[nodiscard]] std::optional<Error> error() const override { return std::nullopt; }
  void end() override {}

 private:
  [[nodiscard]] std::uint64_t time_of(const Record& record) const;
  void take_dtrace();
  void ask_for_drops(bool all);
  void tell_drop(std::uint64_t time_ns, std::size_t descriptor, std::uint32_t reason);

  const std::uint32_t link_type_;
  std::vector<std::unique_ptr<NativeDevice>> opened_;
  std::optional<Dtrace> dtrace_; ///< of the keeper's thread
  std::vector<Event> dtraced_;
  std::optional<Teller> teller_;
  std::vector<Slots> slots_;
  std::uint64_t asked_ns_ = 0; ///< BIOCGSTATS
};

void NativeKernel::attached(std::uint16_t descriptor, Reader& reader, BufferMode mode) {
  slots_[descriptor].mode = mode;
  const auto length = buffer_length(reader.device());
  const std::uint32_t usable = length.value_or(0);
  const GiantClock::Hold held = teller_->clock().hold();
  teller_->tell(descriptor, ZB_EV_MODE, ZB_NO_BUFFER, {static_cast<std::uint32_t>(mode), 0, 0, 0});
  const auto* const zero_copy = dynamic_cast<const ZeroCopyReader*>(&reader);
  for (const zb_which which : {ZB_A, ZB_B}) {
    if (zero_copy == nullptr) {
      teller_->tell(descriptor, ZB_EV_ALLOCATED, which, {usable, 0, 0, 0});
      continue;
    }
    const Loan& loan = zero_copy->loan();
    const auto apart = static_cast<std::uint64_t>(loan.address(which) - loan.address(ZB_A));
    teller_->tell(descriptor, ZB_EV_LOANED, which,
                  {usable, static_cast<std::uint32_t>(apart), static_cast<std::uint32_t>(apart >> 32), 0});
  }
  teller_->tell(descriptor, ZB_EV_ATTACHED, ZB_NO_BUFFER, {0, link_type_, link_header_length(link_type_), 0});
}

std::uint64_t NativeKernel::time_of(const Record& record) const {
  const std::uint64_t time_ns = record.seconds * 1'000'000'000 + record.fraction;
  const std::uint64_t begin_ns = teller_->epoch_ns();
  return time_ns > begin_ns ? time_ns - begin_ns : 0;
}

void NativeKernel::filled(std::uint16_t descriptor, const Fill& fill) {
  Slots& slots = slots_[descriptor];
  const bool lent = slots.mode == BufferMode::zbuf;
  const std::uint8_t buffer = lent ? static_cast<std::uint8_t>(fill.buffer) : slots.next;
  const auto length = static_cast<std::uint32_t>(fill.records.size());
  const GiantClock::Hold held = teller_->clock().hold();
  RecordCursor cursor(fill.records);
  std::uint32_t end = 0;
  while (const auto record = cursor.next()) {
    const std::uint64_t time_ns = time_of(*record);
    // One descriptor speaks for the interface.
    const std::uint32_t packet = descriptor == 0 ? teller_->arrived(time_ns, *record) : ZB_NO_PACKET;
    const auto caplen = static_cast<std::uint32_t>(record->bytes.size());
    const std::uint32_t pad = record->offset - end;
    teller_->tell(time_ns, descriptor, ZB_EV_ACCEPTED, ZB_NO_BUFFER, {~0u, 0, 0, 0}, packet);
    teller_->tell(time_ns, descriptor, ZB_EV_STORED, buffer,
                  {record->offset, caplen, record->hdrlen | pad << 16, record->datalen}, packet);
    end = record->offset + record->hdrlen + caplen;
  }
  const std::uint8_t other = buffer == ZB_A ? ZB_B : ZB_A;
  if (slots.hold != ZB_NO_BUFFER)
    teller_->tell(descriptor, ZB_EV_RECLAIMED, slots.hold, {0, 0, ZB_BY_PACKET, 0});
  teller_->tell(descriptor, ZB_EV_ROTATED, buffer, {length, other, ZB_BY_PACKET, 0});
  slots.hold = buffer;
  if (lent) {
    teller_->tell(descriptor, ZB_EV_PUBLISHED, buffer, {length, fill.generation, 0, 0});
  } else {
    teller_->tell(descriptor, ZB_EV_COPIED_OUT, buffer, {length, 0, 0, 0});
    teller_->tell(descriptor, ZB_EV_RECLAIMED, buffer, {0, 0, ZB_BY_READ, 0});
    slots.hold = ZB_NO_BUFFER;
  }
  slots.next = other;
  if (std::exchange(slots.timed_out, false))
    teller_->tell(descriptor, ZB_EV_TIMER_CANCELLED, ZB_NO_BUFFER);
}

void NativeKernel::tick() {
  take_dtrace();
  const std::uint64_t now_ns = teller_->clock().real_ns();
  if (now_ns < asked_ns_ + 1'000'000'000)
    return;
  asked_ns_ = now_ns;
  ask_for_drops(false);
}

void NativeKernel::take_dtrace() {
  if (!dtrace_)
    return;
  dtraced_.clear();
  dtrace_->read(dtraced_);
  const GiantClock::Hold held = teller_->clock().hold();
  for (const Event& event : dtraced_) {
    const std::uint64_t time_ns = event.time_ns - std::min(event.time_ns, teller_->epoch_ns());
    if (event.kind == ZB_EV_LOST_EVENTS)
      teller_->tell(time_ns, ZB_NO_DESCRIPTOR, ZB_EV_LOST_EVENTS, ZB_NO_BUFFER, {event.a, 0, 0, 0});
    if (event.descriptor >= slots_.size())
      continue;
    Slots& slots = slots_[event.descriptor];
    if (event.kind == ZB_EV_DROPPED) {
      tell_drop(time_ns, event.descriptor, event.a);
      ++slots.dropped;
    } else if (event.kind == ZB_EV_TIMED_OUT) {
      teller_->tell(time_ns, event.descriptor, ZB_EV_TIMED_OUT, ZB_NO_BUFFER);
      slots.timed_out = true;
    }
  }
}

void NativeKernel::tell_drop(std::uint64_t time_ns, std::size_t descriptor, std::uint32_t reason) {
  const auto number = static_cast<std::uint16_t>(descriptor);
  teller_->tell(time_ns, number, ZB_EV_ACCEPTED, ZB_NO_BUFFER, {~0u, 0, 0, 0});
  teller_->tell(time_ns, number, ZB_EV_DROPPED, slots_[descriptor].next, {reason, 0, 0, 0});
}

/// Of those that dtrace tells of it is known late how many there are: only at the end (`all`) is there more
/// to say.
void NativeKernel::ask_for_drops(bool all) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slots& slots = slots_[i];
    if (dtrace_ && slots.mode == BufferMode::zbuf && !all)
      continue;
    const std::uint32_t dropped = slots.device->statistics().drop;
    const GiantClock::Hold held = teller_->clock().hold();
    for (; static_cast<std::int32_t>(dropped - slots.dropped) > 0; ++slots.dropped)
      tell_drop(teller_->clock().real_ns(), i, 0);
  }
}

} // namespace

Result<std::unique_ptr<LiveKernel>> open_native_kernel(const std::string& interface, std::size_t descriptors,
                                                       bool dtrace) {
  std::vector<std::unique_ptr<NativeDevice>> opened;
  std::uint32_t type = 0;
  for (std::size_t i = 0; i <= descriptors; ++i) {
    auto device = open_native();
    if (!device)
      return fail(device.error());
    if (i < descriptors) {
      if (auto limited = (*device)->limit_rights(); !limited)
        return fail(limited.error());
      opened.push_back(std::move(*device));
      continue;
    }
    // One more, to ask what the interface is: attaching decides a descriptor's mode.
    if (auto attached = set_interface(**device, interface); !attached)
      return fail(attached.error());
    const auto found = zbuf::link_type(**device);
    if (!found)
      return fail(found.error());
    type = *found;
  }
  if (auto rings = open_rings(opened); rings && !dtrace)
    return make_module_kernel(type, std::move(opened), std::move(*rings));
  std::optional<Dtrace> tracing;
  if (dtrace) {
    auto started = Dtrace::start();
    if (!started)
      return fail(started.error());
    tracing.emplace(std::move(*started));
  }
  return std::make_unique<NativeKernel>(type, std::move(opened), std::move(tracing));
}

void refuse_packets(Device& device) {
  const zb_bpf_insn nothing{0x06, 0, 0, 0};       // ret #0
  (void)set_filter(device, {&nothing, 1}, false); // without it the readers have more to do, and end later
}

} // namespace zbuf
