// SPDX-License-Identifier: BSD-2-Clause
#include "core/sim/simulation.h"

#include "core/base/assert.h"
#include "core/sim/machine.h"
#include "core/sim/process.h"
#include "core/trace/fold.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

namespace {

/// A condition of the scenario, and whether it has held.
template <typename T>
struct Armed {
  const T* what;
  bool held = false;
};

Result<void> check_costs(const Costs& costs) {
  // A reader that finds nothing must get on in time, or virtual time stands still.
  if (costs.syscall_ns == 0 || costs.look_ns == 0)
    return fail(Error::Code::bad_input, "costs: syscall_ns and look_ns must be at least 1, or a reader that "
                                        "waits would do so for ever at one instant");
  return {};
}

} // namespace

struct Simulation::Impl final : RunListener {
  Impl(SimConfig c, Recorder& r) : config(std::move(c)), recorder(r), machine(config, recorder, *this) {}
  ~Impl() override {
    kernel.stop_tracing();
    clock.kill_all();
  }

  Result<void> prepare();
  Result<std::uint32_t> interface_id(const std::string& name, std::string_view whose) const;
  Result<void> check_fault(const SimFault& fault) const;
  void start();
  RunResult result();

  // RunListener: packets and processes tell.
  void stepped() override;
  std::uint64_t rounds_to_skip(const Event& idle) override;
  void ended() override { settle_one(); }
  void failed(Error error) override {
    errors.push_back(std::move(error));
    end = RunEnd::failed;
  }

  // Conditions.
  void watch();
  bool on_event(const State& state, const Event& event);
  [[nodiscard]] bool holds_after(const Event& idle, State state) const;
  void mark(std::uint32_t number, bool fault, std::uint64_t event_index);
  void apply(std::size_t number);
  void settle_one();
  void stop(RunEnd why);

  SimConfig config;
  Recorder& recorder;
  SimMachine machine;
  VirtualClock& clock = machine.clock;
  EmulatedKernel& kernel = machine.kernel;
  std::vector<std::unique_ptr<Source>> sources;
  std::vector<std::unique_ptr<Process>> processes;
  std::vector<VirtualClock::ProcessId> process_ids;

  std::vector<Armed<SimFault>> faults;
  std::vector<Armed<SimChapter>> chapters;
  struct Mark {
    std::uint32_t number;
    bool fault;
    std::uint64_t event_index;
  };
  std::vector<Mark> due_marks; ///< found while folding, written after
  bool watching = false;
  bool settling = false; ///< the marks are being written

  std::size_t unsettled = 0; ///< sources, scripts and timed faults that are not through yet
  RunEnd end = RunEnd::finished;
  std::vector<Error> errors;
  std::atomic<bool>* interrupted = nullptr;
  std::uint32_t steps = 0;
  std::uint64_t next_progress = 65536;
  std::function<void()> progress;
};

// ---- Preparation ----

Result<std::uint32_t> Simulation::Impl::interface_id(const std::string& name, std::string_view whose) const {
  const auto id = kernel.find_interface(name);
  if (!id)
    return fail(Error::Code::bad_input,
                fmt::format("{}: interface {}: there is none of that name", whose, name));
  return *id;
}

Result<void> Simulation::Impl::check_fault(const SimFault& fault) const {
  using Kind = SimFault::Kind;
  if (fault.kind == Kind::sysctl) {
    const auto known = kernel.sysctl(fault.name);
    return known ? Result<void>{} : fail(known.error());
  }
  if (fault.kind == Kind::interface_down || fault.kind == Kind::interface_up ||
      fault.kind == Kind::interface_gone) {
    const auto id = interface_id(fault.target, "fault");
    return id ? Result<void>{} : fail(id.error());
  }
  const bool known = std::any_of(config.readers.begin(), config.readers.end(),
                                 [&](const SimReader& reader) { return reader.name == fault.target; });
  if (!known)
    return fail(Error::Code::bad_input,
                fmt::format("fault: reader {}: there is none of that name", fault.target));
  return {};
}

Result<void> Simulation::Impl::prepare() {
  if (auto good = check_costs(config.costs); !good)
    return good;
  for (const SimInterface& interface : config.interfaces)
    if (auto added = kernel.add_interface(interface.config); !added)
      return fail(added.error());
  for (std::size_t i = 0; i < config.traffic.size(); ++i) {
    const SimTraffic& traffic = config.traffic[i];
    if (auto id = interface_id(traffic.interface, "traffic"); !id)
      return fail(id.error());
    auto source = traffic.make_source(config.seed + i);
    if (!source)
      return fail(source.error());
    sources.push_back(std::move(*source));
  }
  for (const SimReader& reader : config.readers)
    if (auto id = interface_id(reader.interface, fmt::format("reader {}", reader.name)); !id)
      return fail(id.error());
  for (const SimFault& fault : config.faults)
    if (auto good = check_fault(fault); !good)
      return good;
  return {};
}

void Simulation::Impl::start() {
  for (const SimFault& fault : config.faults)
    faults.push_back({&fault});
  for (const SimChapter& chapter : config.chapters)
    chapters.push_back({&chapter});
  watch();

  unsettled = sources.size();
  for (const auto& fault : faults)
    if (fault.what->at_ns)
      ++unsettled;
  for (const SimReader& reader : config.readers)
    unsettled += !reader.script.empty();

  for (const SimReader& reader : config.readers) {
    processes.push_back(std::make_unique<Process>(machine, reader, *this));
    Process* const process = processes.back().get();
    process_ids.push_back(clock.spawn([process] { process->run(); }));
  }
  for (std::size_t i = 0; i < faults.size(); ++i)
    if (faults[i].what->at_ns)
      clock.call_at(*faults[i].what->at_ns, [this, i] {
        apply(i);
        settle_one();
      });
  if (config.duration_ns)
    clock.call_at(*config.duration_ns, [this] { stop(RunEnd::duration); });
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto id = *kernel.find_interface(config.traffic[i].interface);
    machine.path.feed(id, config.interfaces[id].ring_packets, std::move(sources[i]), config.lead_in_ns);
  }
  if (unsettled == 0) {
    ++unsettled;
    settle_one();
  }
}

// ---- While it runs ----

/// Sources, scripts and timed faults are through: what is left in the buffers gets a while to be read.
void Simulation::Impl::settle_one() {
  ZBUF_ASSERT(unsettled > 0);
  if (--unsettled == 0 && !config.duration_ns)
    clock.call_at(clock.now_ns() + config.linger_ns, [this] { stop(RunEnd::finished); });
}

void Simulation::Impl::stop(RunEnd why) {
  if (clock.stopped())
    return;
  if (end != RunEnd::failed)
    end = why;
  clock.stop();
}

void Simulation::Impl::stepped() {
  if (watching && !settling) {
    recorder.drain();
    settling = true;
    // NOLINTNEXTLINE(modernize-loop-convert): a fault can bring on more of them
    for (std::size_t i = 0; i < due_marks.size(); ++i) {
      const Mark due = due_marks[i];
      if (due.fault)
        apply(due.number);
      else
        mark(due.number, false, due.event_index);
      recorder.drain();
    }
    due_marks.clear();
    settling = false;
    if (recorder.stopped())
      stop(RunEnd::stopped);
  }
  if ((++steps & 1023) == 0) {
    if (interrupted->load(std::memory_order_relaxed))
      stop(RunEnd::interrupted);
    if (progress && machine.path.packets() >= next_progress) {
      next_progress = machine.path.packets() + 65536;
      progress();
    }
  }
}

void Simulation::Impl::watch() {
  KindMask kinds = config.stop_when ? config.stop_kinds : 0;
  for (const auto& fault : faults)
    if (fault.what->when)
      kinds |= fault.what->kinds;
  for (const auto& chapter : chapters)
    if (chapter.what->when)
      kinds |= chapter.what->kinds;
  watching = kinds != 0;
  if (watching)
    recorder.watch(kinds, [this](const State& state, const Event& event) { return on_event(state, event); });
}

bool Simulation::Impl::on_event(const State& state, const Event& event) {
  const auto look = [&](auto& armed, bool fault) {
    for (std::size_t i = 0; i < armed.size(); ++i) {
      auto& one = armed[i];
      if (one.held || !one.what->when || !contains(one.what->kinds, event.kind) ||
          !one.what->when(state, event))
        continue;
      one.held = true;
      due_marks.push_back({static_cast<std::uint32_t>(i), fault, state.events - 1});
    }
  };
  look(chapters, false);
  look(faults, true);
  return config.stop_when && contains(config.stop_kinds, event.kind) && config.stop_when(state, event);
}

/// Would something that is waited for hold after this?
bool Simulation::Impl::holds_after(const Event& idle, State state) const {
  fold(state, idle);
  const auto holds = [&](KindMask kinds, const auto& when) {
    return when && contains(kinds, idle.kind) && when(state, idle);
  };
  const auto any = [&](const auto& armed) {
    return std::any_of(armed.begin(), armed.end(),
                       [&](const auto& one) { return !one.held && holds(one.what->kinds, one.what->when); });
  };
  return any(chapters) || any(faults) || holds(config.stop_kinds, config.stop_when);
}

/// Counts only grow, so that the first round after which a condition holds can be found by halving.
std::uint64_t Simulation::Impl::rounds_to_skip(const Event& idle) {
  const std::uint64_t most = static_cast<std::uint64_t>(joined(idle.a, idle.b));
  if (config.plays_silences)
    return 0;
  if (!watching)
    return most;
  recorder.drain();
  Event less = idle;
  const auto holds = [&](std::uint64_t rounds) {
    less.time_ns = clock.now_ns() + static_cast<std::uint64_t>(joined(idle.c, idle.d)) / most * rounds;
    less.a = static_cast<std::uint32_t>(rounds);
    less.b = static_cast<std::uint32_t>(rounds >> 32);
    return holds_after(less, recorder.state());
  };
  if (most == 0 || !holds(most))
    return most;
  std::uint64_t good = 0;
  for (std::uint64_t bad = most; good + 1 < bad;) {
    const std::uint64_t middle = good + (bad - good) / 2;
    (holds(middle) ? bad : good) = middle;
  }
  return good;
}

void Simulation::Impl::mark(std::uint32_t number, bool fault, std::uint64_t event_index) {
  Event event = blank_event(ZB_EV_MARK, clock.now_ns());
  event.a = number;
  event.b = fault ? 1 : 0;
  event.c = static_cast<std::uint32_t>(event_index);
  event.d = static_cast<std::uint32_t>(event_index >> 32);
  *zb_trace_claim(recorder.trace()) = event;
}

void Simulation::Impl::apply(std::size_t number) {
  using Kind = SimFault::Kind;
  const SimFault& fault = *faults[number].what;
  clock.disturb();
  mark(static_cast<std::uint32_t>(number), true, recorder.state().events);
  switch (fault.kind) {
  case Kind::interface_down:
  case Kind::interface_up:
    kernel.set_interface_up(*kernel.find_interface(fault.target), fault.kind == Kind::interface_up);
    return;
  case Kind::interface_gone:
    if (const auto id = kernel.find_interface(fault.target))
      kernel.destroy_interface(*id);
    return;
  case Kind::sysctl:
    if (auto set = kernel.set_sysctl(fault.name, fault.value); !set)
      failed(set.error());
    return;
  default:
    break;
  }
  for (std::size_t i = 0; i < processes.size(); ++i) {
    Process& process = *processes[i];
    if (process.config().name != fault.target || clock.finished(process_ids[i]))
      continue;
    if (fault.kind == Kind::kill) {
      process.announce(ZB_READER_DIED);
      clock.kill(process_ids[i]);
    } else {
      process.ask(fault);
    }
  }
}

RunResult Simulation::Impl::result() {
  RunResult result;
  result.end = end;
  result.end_ns = clock.now_ns();
  result.kernel_busy_ns = machine.path.busy_ns();
  for (std::size_t i = 0; i < processes.size(); ++i)
    result.readers.push_back(
        {processes[i]->config().name, processes[i]->descriptor(), clock.busy_ns(process_ids[i])});
  result.remarks = machine.path.remarks();
  result.errors = errors;
  return result;
}

// ---- The face ----

Simulation::Simulation(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->interrupted = &interrupted_;
}
Simulation::~Simulation() = default;

Result<std::unique_ptr<Simulation>> Simulation::create(SimConfig config, Recorder& recorder) {
  auto impl = std::make_unique<Impl>(std::move(config), recorder);
  if (auto ready = impl->prepare(); !ready)
    return fail(ready.error());
  return std::unique_ptr<Simulation>(new Simulation(std::move(impl)));
}

RunResult Simulation::run() {
  Impl& impl = *impl_;
  impl.start();
  impl.clock.run();
  if (impl.end == RunEnd::finished || impl.end == RunEnd::duration)
    *zb_trace_claim(impl.recorder.trace()) = blank_event(ZB_EV_END, impl.clock.now_ns());
  impl.recorder.drain();
  RunResult result = impl.result();
  // The run is over; what the processes still do while they are taken down is not part of it.
  impl.kernel.stop_tracing();
  impl.clock.kill_all();
  return result;
}

std::uint64_t Simulation::now_ns() const {
  return impl_->clock.now_ns();
}

std::uint64_t Simulation::packets() const {
  return impl_->machine.path.packets();
}

void Simulation::on_progress(std::function<void(const Simulation&)> callback) {
  impl_->progress = [this, callback = std::move(callback)] { callback(*this); };
}

} // namespace zbuf
