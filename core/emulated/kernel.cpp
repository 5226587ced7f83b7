// SPDX-License-Identifier: BSD-2-Clause
#include "core/emulated/kernel.h"

#include "core/base/assert.h"
#include "core/emulated/descriptor.h"
#include "core/trace/event.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace zbuf {

namespace {

struct LinkKind {
  std::uint32_t type;
  std::uint32_t header_length;
};

constexpr std::array link_kinds{
    LinkKind{0, 4},     // NULL: an address family
    LinkKind{1, 14},    // Ethernet
    LinkKind{9, 4},     // PPP
    LinkKind{15, 16},   // SLIP (BSD/OS): direction and compressed header
    LinkKind{16, 24},   // PPP (BSD/OS)
    LinkKind{50, 4},    // PPP in frames like those of HDLC
    LinkKind{104, 4},   // Cisco's HDLC
    LinkKind{105, 24},  // IEEE 802.11
    LinkKind{108, 4},   // LOOP
    LinkKind{109, 12},  // what IPsec sees
    LinkKind{113, 16},  // Linux cooked
    LinkKind{138, 18},  // IP over IEEE 1394
    LinkKind{186, 128}, // USB, FreeBSD
    LinkKind{276, 20},  // Linux cooked, version 2
};

constexpr std::uint32_t ethernet = 1;
constexpr std::size_t mac_offset = 6; ///< of the source address in an Ethernet header

Result<void> check_mtu(const std::string& interface, std::uint32_t mtu) {
  if (mtu >= 72 && mtu <= 65535)
    return {};
  return fail(Error::Code::bad_input,
              fmt::format("interface {}: MTU {}; expected 72 to 65535 bytes", interface, mtu));
}

/// FreeBSD's numbers of the address families that a loopback interface knows.
bool is_internet(std::span<const std::uint8_t> frame) {
  constexpr std::uint32_t inet = 2, inet6 = 28;
  std::uint32_t family = 0;
  if (frame.size() < sizeof(family))
    return false;
  std::memcpy(&family, frame.data(), sizeof(family));
  return family == inet || family == inet6;
}

/// The device that open() returns; closing is its end.
class OpenDevice final : public EmulatedDevice {
 public:
  explicit OpenDevice(std::shared_ptr<EmulatedDescriptor> descriptor) : descriptor_(std::move(descriptor)) {}
  ~OpenDevice() override { descriptor_->close(); }
  int control(std::uint32_t request, void* argument) override {
    return descriptor_->control(request, argument);
  }
  CallResult read(std::span<std::byte> into) override { return descriptor_->read(into); }
  CallResult write(std::span<const std::byte> packet) override { return descriptor_->write(packet); }
  CallResult poll(int events, std::int64_t timeout_ns) override {
    return descriptor_->poll(events, timeout_ns);
  }
  std::uint64_t spin(std::uint64_t deadline_ns) override { return descriptor_->spin(deadline_ns); }
  [[nodiscard]] std::uint64_t now_ns() const override { return descriptor_->now_ns(); }
  [[nodiscard]] std::uint16_t number() const override { return descriptor_->number(); }
  void interrupt() override { descriptor_->interrupt(); }
  [[nodiscard]] WaitPoint& wait_point() override { return descriptor_->wait_point(); }
  void end_polls() override { descriptor_->end_polls(); }
  void used_by(std::int32_t pid) override { descriptor_->used_by(pid); }
  [[nodiscard]] std::optional<zb_xbpf_d> stats() override {
    return descriptor_->is_attached() ? std::optional(descriptor_->stats()) : std::nullopt;
  }

 private:
  std::shared_ptr<EmulatedDescriptor> descriptor_;
};

} // namespace

std::uint32_t link_header_length(std::uint32_t link_type) {
  for (const LinkKind& kind : link_kinds)
    if (kind.type == link_type)
      return kind.header_length;
  return 0;
}

/// Never freed while the kernel lives, so that an id stays good; `gone` once it is destroyed.
struct EmulatedKernel::AttachPoint {
  InterfaceConfig config;
  zb_link link{};
  bool up = true;
  bool gone = false;
  std::uint32_t promiscuous = 0;
  std::function<void(std::span<const std::byte>)> wire{};
  /// Replaced whole, never changed: a packet under way keeps the list it began with.
  std::shared_ptr<const Taps> taps = std::make_shared<const Taps>();
};

EmulatedKernel::EmulatedKernel(Clock& clock, const Config& config, zb_trace* trace, Meter* meter)
    : clock_(clock), config_(config), trace_(trace), meter_(meter) {
  ZBUF_ASSERT(trace == nullptr || !clock.threaded());
}

EmulatedKernel::~EmulatedKernel() = default;

void EmulatedKernel::emit(zb_event_kind kind, std::uint32_t packet, std::uint32_t a, std::uint32_t b,
                          InterfaceId interface, bool outgoing) {
  if (trace_ == nullptr)
    return;
  Event event = blank_event(kind, trace_->time_ns);
  event.packet = packet;
  event.a = a;
  event.b = b;
  event.c = interface;
  event.d = outgoing ? 1 : 0;
  *zb_trace_claim(trace_) = event;
}

// ---- Interfaces ----

Result<EmulatedKernel::InterfaceId> EmulatedKernel::add_interface(const InterfaceConfig& config) {
  if (config.name.empty() || config.name.size() >= ZB_IFNAMSIZ)
    return fail(Error::Code::bad_input, fmt::format("interface name \"{}\": expected 1 to {} characters",
                                                    config.name, ZB_IFNAMSIZ - 1));
  if (const auto good = check_mtu(config.name, config.mtu); !good)
    return fail(good.error());
  const std::lock_guard<std::mutex> held(mutex_);
  if (find_locked(config.name) != nullptr)
    return fail(Error::Code::bad_input, fmt::format("interface {}: there is one of that name", config.name));
  auto interface = std::make_unique<AttachPoint>();
  interface->config = config;
  std::memcpy(interface->link.name, config.name.data(), config.name.size());
  interface->link.number = static_cast<InterfaceId>(interfaces_.size());
  interface->link.type = config.link_type;
  interface->link.header_length = link_header_length(config.link_type);
  interfaces_.push_back(std::move(interface));
  return interfaces_.back()->link.number;
}

/// Pre: mutex_ is held.
EmulatedKernel::AttachPoint* EmulatedKernel::find_locked(std::string_view name) const {
  for (const auto& interface : interfaces_)
    if (!interface->gone && interface->config.name == name)
      return interface.get();
  return nullptr;
}

Result<EmulatedKernel::InterfaceId> EmulatedKernel::find_interface(std::string_view name) const {
  const std::lock_guard<std::mutex> held(mutex_);
  if (const AttachPoint* const found = find_locked(name))
    return found->link.number;
  return fail(Error::Code::not_found, fmt::format("interface {}: there is none of that name", name));
}

void EmulatedKernel::set_interface_up(InterfaceId interface, bool up) {
  {
    const std::lock_guard<std::mutex> held(mutex_);
    interfaces_.at(interface)->up = up;
  }
  stamp();
  emit(up ? ZB_EV_IF_UP : ZB_EV_IF_DOWN, ZB_NO_PACKET, 0, 0, interface, false);
}

void EmulatedKernel::destroy_interface(InterfaceId interface) {
  std::shared_ptr<const Taps> taps = std::make_shared<const Taps>();
  {
    const std::lock_guard<std::mutex> held(mutex_);
    AttachPoint& leaving = *interfaces_.at(interface);
    if (leaving.gone)
      return;
    leaving.gone = true;
    taps.swap(leaving.taps);
  }
  stamp();
  emit(ZB_EV_IF_GONE, ZB_NO_PACKET, 0, 0, interface, false);
  for (const auto& descriptor : *taps)
    descriptor->departed(interface);
}

bool EmulatedKernel::interface_is_up(InterfaceId interface) const {
  const std::lock_guard<std::mutex> held(mutex_);
  return interfaces_.at(interface)->up && !interfaces_[interface]->gone;
}

Result<void> EmulatedKernel::set_mtu(InterfaceId interface, std::uint32_t mtu) {
  const std::lock_guard<std::mutex> held(mutex_);
  AttachPoint& at = *interfaces_.at(interface);
  if (auto good = check_mtu(at.config.name, mtu); !good)
    return good;
  at.config.mtu = mtu;
  return {};
}

std::uint32_t EmulatedKernel::mtu(InterfaceId interface) const {
  const std::lock_guard<std::mutex> held(mutex_);
  return interfaces_.at(interface)->config.mtu;
}

void EmulatedKernel::on_sent(InterfaceId interface, std::function<void(std::span<const std::byte>)> wire) {
  const std::lock_guard<std::mutex> held(mutex_);
  interfaces_.at(interface)->wire = std::move(wire);
}

void EmulatedKernel::process_ended(std::int32_t process) {
  std::vector<std::shared_ptr<EmulatedDescriptor>> all;
  {
    const std::lock_guard<std::mutex> held(mutex_);
    for (const auto& opened : opened_)
      if (auto descriptor = opened.lock())
        all.push_back(std::move(descriptor));
  }
  for (const auto& descriptor : all)
    descriptor->owner_ended(process);
}

std::uint32_t EmulatedKernel::promiscuous_count(InterfaceId interface) const {
  const std::lock_guard<std::mutex> held(mutex_);
  return interfaces_.at(interface)->promiscuous;
}

int EmulatedKernel::find_link(std::string_view name, zb_link* link) const {
  const std::lock_guard<std::mutex> held(mutex_);
  const AttachPoint* const found = find_locked(name);
  if (found == nullptr)
    return ZB_ENXIO;
  *link = found->link;
  return 0;
}

int EmulatedKernel::link_of_type(InterfaceId interface, std::uint32_t type, zb_link* link) const {
  const std::lock_guard<std::mutex> held(mutex_);
  const AttachPoint& found = *interfaces_.at(interface);
  if (found.gone || found.link.type != type)
    return ZB_EINVAL;
  *link = found.link;
  return 0;
}

std::uint32_t EmulatedKernel::link_type_of(InterfaceId interface) const {
  const std::lock_guard<std::mutex> held(mutex_);
  return interfaces_.at(interface)->link.type;
}

int EmulatedKernel::attach(InterfaceId interface, std::optional<InterfaceId> from,
                           std::shared_ptr<EmulatedDescriptor> descriptor) {
  const std::lock_guard<std::mutex> held(mutex_);
  AttachPoint& to = *interfaces_.at(interface);
  if (to.gone)
    return ZB_ENXIO;
  if (from)
    take_off_locked(*from, descriptor.get());
  auto taps = std::make_shared<Taps>(*to.taps);
  taps->insert(taps->begin(), std::move(descriptor)); // newest first, as net.bpf.stats shows them
  to.taps = std::move(taps);
  return 0;
}

void EmulatedKernel::detach(InterfaceId interface, const EmulatedDescriptor* descriptor) {
  const std::lock_guard<std::mutex> held(mutex_);
  take_off_locked(interface, descriptor);
}

void EmulatedKernel::take_off_locked(InterfaceId interface, const EmulatedDescriptor* descriptor) {
  auto taps = std::make_shared<Taps>(*interfaces_.at(interface)->taps);
  std::erase_if(*taps, [&](const auto& tap) { return tap.get() == descriptor; });
  interfaces_[interface]->taps = std::move(taps);
}

void EmulatedKernel::change_promiscuous(InterfaceId interface, bool on) {
  const std::lock_guard<std::mutex> held(mutex_);
  std::uint32_t& count = interfaces_.at(interface)->promiscuous;
  count = on ? count + 1 : count - 1;
}

std::uint32_t EmulatedKernel::mtu_if_up(InterfaceId interface) const {
  const std::lock_guard<std::mutex> held(mutex_);
  const AttachPoint& found = *interfaces_.at(interface);
  return found.up && !found.gone ? found.config.mtu : 0;
}

// ---- Packets ----

/// Null while the interface is down, or gone.
std::shared_ptr<const EmulatedKernel::Taps> EmulatedKernel::taps_if_up(InterfaceId interface) const {
  const std::lock_guard<std::mutex> held(mutex_);
  const AttachPoint& at = *interfaces_[interface];
  return at.up && !at.gone ? at.taps : nullptr;
}

TapWork EmulatedKernel::deliver(const Taps& taps, const zb_packet& packet) {
  TapWork work;
  work.packet = packet.number;
  for (const auto& descriptor : taps)
    descriptor->tap(packet, work);
  return work;
}

TapWork EmulatedKernel::arrive(InterfaceId interface, const Arrival& arrival) {
  zb_packet packet{};
  packet.bytes = reinterpret_cast<const std::uint8_t*>(arrival.bytes.data());
  packet.length = static_cast<std::uint32_t>(arrival.bytes.size());
  packet.wire_length = arrival.wire_length;
  packet.outgoing = arrival.outgoing;
  const std::uint64_t now_ns = clock_.now_ns();
  packet.time_ns = config_.boot_time_ns + now_ns;

  if (clock_.threaded()) {
    const std::shared_ptr<const Taps> taps = taps_if_up(interface);
    if (taps == nullptr)
      return {};
    packet.number = next_packet_.fetch_add(1, std::memory_order_relaxed);
    return deliver(*taps, packet);
  }

  const AttachPoint& at = *interfaces_[interface];
  if (!at.up || at.gone)
    return {};
  packet.number = next_packet_.load(std::memory_order_relaxed);
  next_packet_.store(packet.number + 1, std::memory_order_relaxed);
  if (trace_ != nullptr) {
    trace_->time_ns = now_ns;
    emit(ZB_EV_ARRIVED, packet.number, packet.wire_length, packet.length, interface, arrival.outgoing);
    trace_->packet = packet.number;
  }
  const TapWork work = deliver(*at.taps, packet);
  if (trace_ != nullptr)
    trace_->packet = ZB_NO_PACKET;
  return work;
}

TapWork EmulatedKernel::arrive(InterfaceId interface, std::span<const Arrival> burst) {
  TapWork all;
  if (!clock_.threaded()) {
    for (const Arrival& arrival : burst) {
      const TapWork work = arrive(interface, arrival);
      all.packet = std::min(all.packet, work.packet);
      all.taps += work.taps;
      all.filters += work.filters;
      all.stored_bytes += work.stored_bytes;
    }
    return all;
  }
  const std::shared_ptr<const Taps> taps = taps_if_up(interface);
  if (taps == nullptr)
    return {};
  all.packet = next_packet_.fetch_add(static_cast<std::uint32_t>(burst.size()), std::memory_order_relaxed);
  const std::uint64_t time_ns = config_.boot_time_ns + clock_.now_ns();
  for (const auto& descriptor : *taps)
    descriptor->tap(burst, all.packet, time_ns, all);
  return all;
}

std::uint32_t EmulatedKernel::missed(InterfaceId interface, const Arrival& arrival) {
  const std::uint32_t number = next_packet_.fetch_add(1, std::memory_order_relaxed);
  stamp();
  emit(ZB_EV_MISSED, number, arrival.wire_length, static_cast<std::uint32_t>(arrival.bytes.size()), interface,
       arrival.outgoing);
  return number;
}

int EmulatedKernel::send(InterfaceId interface, std::span<std::uint8_t> frame, const zb_sending& how) {
  InterfaceConfig config;
  std::function<void(std::span<const std::byte>)> wire;
  {
    const std::lock_guard<std::mutex> held(mutex_);
    const AttachPoint& from = *interfaces_.at(interface);
    if (!from.up || from.gone)
      return ZB_ENETDOWN;
    config = from.config;
    wire = from.wire;
  }
  if (config.loopback && !is_internet(frame))
    return ZB_EAFNOSUPPORT;
  if (!how.header_complete && config.link_type == ethernet && frame.size() >= mac_offset + config.mac.size())
    std::copy(config.mac.begin(), config.mac.end(), frame.begin() + mac_offset);
  Arrival arrival{std::as_bytes(frame), static_cast<std::uint32_t>(frame.size()), !config.loopback};
  if (!how.untapped)
    arrive(interface, arrival);
  if (wire)
    wire(arrival.bytes);
  if (how.feedback) {
    arrival.outgoing = false;
    arrive(interface, arrival);
  }
  return 0;
}

// ---- Descriptors ----

std::unique_ptr<EmulatedDevice> EmulatedKernel::open(const Open& how) {
  if (meter_ != nullptr)
    meter_->call(ZB_CALL_OPEN);
  auto descriptor = std::make_shared<EmulatedDescriptor>(*this, how, next_descriptor_.fetch_add(1));
  const std::lock_guard<std::mutex> held(mutex_);
  std::erase_if(opened_, [](const auto& other) { return other.expired(); });
  opened_.push_back(descriptor);
  return std::make_unique<OpenDevice>(std::move(descriptor));
}

void EmulatedKernel::stop_tracing() {
  trace_ = nullptr;
  for (const auto& opened : opened_)
    if (const auto descriptor = opened.lock())
      descriptor->stop_tracing();
}

/// Of every interface. Copies, because a descriptor's lock is never taken under mutex_.
std::vector<std::shared_ptr<const EmulatedKernel::Taps>> EmulatedKernel::tap_lists() const {
  const std::lock_guard<std::mutex> held(mutex_);
  std::vector<std::shared_ptr<const Taps>> lists;
  for (const auto& interface : interfaces_)
    lists.push_back(interface->taps);
  return lists;
}

std::vector<zb_xbpf_d> EmulatedKernel::stats() const {
  std::vector<zb_xbpf_d> all;
  for (const auto& taps : tap_lists())
    for (const bool writers : {true, false})
      for (const auto& descriptor : *taps)
        if (descriptor->is_writer() == writers)
          all.push_back(descriptor->stats());
  return all;
}

void EmulatedKernel::zero_stats() {
  for (const auto& taps : tap_lists())
    for (const auto& descriptor : *taps)
      descriptor->zero_stats();
}

// ---- sysctl ----

namespace {

struct Tunable {
  std::string_view name;
  std::uint64_t low;
  std::uint64_t high;
  std::uint64_t (*get)(const zb_tunables&);
  void (*set)(zb_tunables&, std::uint64_t); ///< null: read-only
};

template <auto Member>
std::uint64_t get_tunable(const zb_tunables& tunables) {
  return tunables.*Member;
}
template <auto Member>
void set_tunable(zb_tunables& tunables, std::uint64_t value) {
  using Value = std::remove_reference_t<decltype(tunables.*Member)>;
  tunables.*Member = static_cast<Value>(value);
}

constexpr std::array tunables{
    Tunable{"kern.hz", 10, 10000, get_tunable<&zb_tunables::hz>, set_tunable<&zb_tunables::hz>},
    Tunable{"net.bpf.bufsize", ZB_MIN_BUFSIZE, 524288, get_tunable<&zb_tunables::bufsize>,
            set_tunable<&zb_tunables::bufsize>},
    Tunable{"net.bpf.maxbufsize", ZB_MIN_BUFSIZE, 1u << 30, get_tunable<&zb_tunables::maxbufsize>,
            set_tunable<&zb_tunables::maxbufsize>},
    Tunable{"net.bpf.maxinsns", 0, 0xffffffff, get_tunable<&zb_tunables::maxinsns>,
            set_tunable<&zb_tunables::maxinsns>},
    Tunable{"net.bpf.optimize_writers", 0, 0xffffffff, get_tunable<&zb_tunables::optimize_writers>,
            set_tunable<&zb_tunables::optimize_writers>},
    Tunable{"net.bpf.zerocopy_enable", 0, 1, get_tunable<&zb_tunables::zerocopy_enable>,
            set_tunable<&zb_tunables::zerocopy_enable>},
    Tunable{"net.bpf.zerocopy_maxsize", 0, 0, [](const zb_tunables&) -> std::uint64_t { return ZB_ZMAX; },
            nullptr},
};

Result<const Tunable*> find_tunable(std::string_view name) {
  const auto found = std::find_if(tunables.begin(), tunables.end(),
                                  [&](const Tunable& tunable) { return tunable.name == name; });
  if (found != tunables.end())
    return &*found;
  std::string known;
  for (const Tunable& tunable : tunables)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", tunable.name);
  return fail(Error::Code::not_found, fmt::format("sysctl {}: unknown; expected one of {}", name, known));
}

} // namespace

std::vector<std::string_view> EmulatedKernel::sysctl_names() {
  std::vector<std::string_view> names;
  for (const Tunable& tunable : tunables)
    names.push_back(tunable.name);
  return names;
}

Result<std::uint64_t> EmulatedKernel::sysctl(std::string_view name) const {
  const auto found = find_tunable(name);
  if (!found)
    return fail(found.error());
  return (*found)->get(config_.tunables);
}

Result<void> EmulatedKernel::set_sysctl(std::string_view name, std::uint64_t value) {
  const auto found = find_tunable(name);
  if (!found)
    return fail(found.error());
  const Tunable& tunable = **found;
  if (tunable.set == nullptr)
    return fail(Error::Code::bad_input, fmt::format("sysctl {}: cannot be set", name));
  if (value < tunable.low || value > tunable.high)
    return fail(Error::Code::bad_input,
                fmt::format("sysctl {}: {}; expected {} to {}", name, value, tunable.low, tunable.high));
  tunable.set(config_.tunables, value);
  return {};
}

} // namespace zbuf
