// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/vocabulary.h"

#include "core/base/assert.h"
#include "core/scenario/diagnostics.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace zbuf {

struct Variable::Where {
  const RunView& run;
  const DescriptorState& d; ///< the descriptor in question; an empty one if it is not there (yet)
  const BufferState& b;
  std::size_t reader;
};

namespace {

using Where = Variable::Where;

struct Term {
  std::string_view name;
  KindMask kinds;
  bool at_end; ///< known only when the run is over
  double (*read)(const Where&);
  std::string_view text;
};

double number(std::uint64_t value) {
  return static_cast<double>(value);
}
double milliseconds(std::uint64_t time_ns) {
  return static_cast<double>(time_ns) / 1e6;
}

// ---- Which events change what: too many is safe, too few is not. ----

constexpr KindMask settings = kinds_with(ZB_MOVES_SETTINGS);
constexpr KindMask slots = kinds_with(ZB_MOVES_SLOTS | ZB_MOVES_LENGTH);
constexpr KindMask owners = kinds_with(ZB_MOVES_HEADER | ZB_SHOWS_HEADER);
/// The reader's copy has the header of what it was; of an unknown kernel's buffer, the reader tells the
/// length.
constexpr KindMask headers = owners | mask_of({ZB_EV_COPIED_OUT, ZB_EV_TOOK});

/// Those of the list, and a shorter name.
constexpr auto counters = [] {
  std::array<CounterInfo, std::size(counter_table) + 1> all{};
  std::ranges::copy(counter_table, all.begin());
  all.back() = counter_of(&Counters::dropped);
  all.back().name = "drops";
  all.back().text = "the same as dropped";
  return all;
}();

template <std::size_t i>
double broken(const Where& w) {
  return number(w.run.state->broken[i].count);
}

double bytes_copied(const Counters& c) {
  return number(c.bytes_copied_kernel + c.bytes_copied_user);
}
constexpr KindMask copies =
    counter_of(&Counters::bytes_copied_kernel).kinds | counter_of(&Counters::bytes_copied_user).kinds;

double most_user_owned(const Where& w) {
  unsigned most = 0;
  for (const DescriptorState& d : w.run.state->descriptors)
    most = std::max(most, d.user_owned());
  return most;
}

double all_cpu_ns(const Where& w) {
  std::uint64_t sum = 0;
  for (const std::uint64_t cpu_ns : w.run.figures->reader_cpu_ns)
    sum += cpu_ns;
  return number(sum);
}

constexpr std::array of_run{
    Term{"arrived", kinds_with(ZB_MOVES_INTERFACE), false,
         [](const Where& w) { return number(w.run.state->arrived()); }, "packets that reached the kernel"},
    Term{"missed", kinds_with(ZB_MOVES_INTERFACE), false,
         [](const Where& w) { return number(w.run.state->missed()); },
         "packets that an interface's own queue had no room for: BPF never saw them"},
    Term{"in_buffers", record_kinds, false, [](const Where& w) { return number(w.run.state->in_buffers()); },
         "records stored, not handled, and still to be had"},
    Term{"user_owned", owners, false, most_user_owned,
         "buffers that the user owns, 0 to 2; of several readers, the most"},
    Term{"bytes_copied", copies, false, [](const Where& w) { return bytes_copied(w.run.state->total()); },
         "bytes_copied_kernel + bytes_copied_user"},
    Term{"chapters", kinds_with(ZB_MOVES_RUN), false,
         [](const Where& w) { return number(w.run.state->chapters); }, "chapters reached"},
    Term{"faults", kinds_with(ZB_MOVES_RUN), false,
         [](const Where& w) { return number(w.run.state->faults); }, "[[fault]] that have happened"},
    Term{"events", all_kinds, false, [](const Where& w) { return number(w.run.state->events); },
         "events of the trace so far"},
    Term{"time_ms", all_kinds, false, [](const Where& w) { return milliseconds(w.run.state->time_ns); },
         "virtual time of the last event, in milliseconds"},
    Term{"I1", all_kinds, false, broken<0>, "times that invariant was broken; I2 to I5 likewise"},
    Term{"I2", all_kinds, false, broken<1>, ""},
    Term{"I3", all_kinds, false, broken<2>, ""},
    Term{"I4", all_kinds, false, broken<3>, ""},
    Term{"I5", all_kinds, false, broken<4>, ""},
    Term{"I6", 0, true, [](const Where& w) { return number(w.run.figures->unrepeatable); },
         "1 if a second run with the same seed went otherwise; checks only"},
    Term{"end_ms", 0, true, [](const Where& w) { return milliseconds(w.run.figures->end_ns); },
         "virtual time at which the run ended, in milliseconds; checks only"},
    Term{"kernel_busy_ns", 0, true, [](const Where& w) { return number(w.run.figures->kernel_busy_ns); },
         "processor time that packets cost the kernel (modelled); checks only"},
    Term{"reader_cpu_ns", 0, true, all_cpu_ns, "processor time of all readers (modelled); checks only"},
};

constexpr std::array of_descriptor{
    Term{"open", settings, false, [](const Where& w) { return number(w.d.open); },
         "1 while the descriptor is open"},
    Term{"attached", settings, false, [](const Where& w) { return number(w.d.attached); },
         "1 while it is attached to an interface"},
    Term{"mode", settings, false, [](const Where& w) { return number(w.d.mode); }, "1 read(2), 2 zero-copy"},
    Term{"immediate", settings, false, [](const Where& w) { return number(w.d.immediate); },
         "1 while immediate mode is on"},
    Term{"asleep", kinds_with(ZB_MOVES_READER), false,
         [](const Where& w) { return number(w.d.reader_asleep); }, "1 while the reader sleeps in a call"},
    Term{"timeout_ticks", settings, false, [](const Where& w) { return number(w.d.timeout_ticks); },
         "BIOCSRTIMEOUT in ticks of the kernel; 0: none"},
    Term{"filter_instructions", settings, false,
         [](const Where& w) { return number(w.d.filter_instructions); },
         "length of the read filter; 0: none"},
    Term{"store", slots, false, [](const Where& w) { return number(w.d.store); },
         "which buffer is in that slot: A, B or none"},
    Term{"hold", slots, false, [](const Where& w) { return number(w.d.hold); }, "likewise"},
    Term{"free", slots, false, [](const Where& w) { return number(w.d.free); }, "likewise"},
    Term{"store_length", slots, false, [](const Where& w) { return number(w.d.store_length); },
         "bytes of records in the store"},
    Term{"hold_length", slots, false, [](const Where& w) { return number(w.d.hold_length); },
         "bytes of records in the hold"},
};

/// What a run has under the same name, here of one reader.
constexpr std::array of_reader{
    Term{"in_buffers", record_kinds, false, [](const Where& w) { return number(w.d.in_buffers()); },
         "as above"},
    Term{"user_owned", owners, false, [](const Where& w) { return number(w.d.user_owned()); }, "as above"},
    Term{"bytes_copied", copies, false, [](const Where& w) { return bytes_copied(w.d.total); }, "as above"},
    Term{"cpu_ns", 0, true,
         [](const Where& w) {
           const auto& all = w.run.figures->reader_cpu_ns;
           return w.reader < all.size() ? number(all[w.reader]) : 0;
         },
         "processor time of that reader (modelled); checks only"},
};

constexpr std::array of_buffer{
    Term{"present", record_kinds, false, [](const Where& w) { return number(w.b.present); },
         "1 once it is lent or allocated"},
    Term{"size", record_kinds, false, [](const Where& w) { return number(w.b.size); }, "bytes for records"},
    Term{"kernel_gen", headers, false, [](const Where& w) { return number(w.b.kernel_gen); },
         "the header's generation, as memory holds it"},
    Term{"kernel_len", headers, false, [](const Where& w) { return number(w.b.kernel_len); },
         "the header's length"},
    Term{"user_gen", headers, false, [](const Where& w) { return number(w.b.user_gen); },
         "the header's acknowledgement"},
    Term{"user_owned", headers, false, [](const Where& w) { return number(w.b.user_owned()); },
         "1 while the generations differ"},
    Term{"lent", record_kinds, false, [](const Where& w) { return number(w.b.lent); },
         "1 from publication until the user gives it back, whatever the header says"},
    Term{"published", record_kinds, false, [](const Where& w) { return number(w.b.published); },
         "1 once this fill was published"},
    Term{"records", record_kinds, false, [](const Where& w) { return number(w.b.records); },
         "records of this fill"},
    Term{"handled", record_kinds, false, [](const Where& w) { return number(w.b.handled); },
         "... that the reader is through with"},
    Term{"bytes", record_kinds, false, [](const Where& w) { return number(w.b.bytes); },
         "where the last record of this fill ends"},
};

template <typename Table>
const typename Table::value_type* find(const Table& table, std::string_view name) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const auto& term) { return term.name == name; });
  return found == table.end() ? nullptr : &*found;
}

/// By enum zb_which.
constexpr std::array<std::string_view, 3> buffer_names{"a", "b", "copy"};

std::optional<std::uint8_t> buffer_by_name(std::string_view name) {
  const auto found = std::find(buffer_names.begin(), buffer_names.end(), name);
  if (found == buffer_names.end())
    return std::nullopt;
  return static_cast<std::uint8_t>(found - buffer_names.begin());
}

/// Every name that means something, for suggestions.
class NameList {
 public:
  explicit NameList(const Scope& scope) {
    add_run("", scope.runs.front());
    for (std::size_t kind = 0; !scope.at_end && kind < event_kinds; ++kind)
      if (const char* name = kind_info(static_cast<std::uint8_t>(kind)).name)
        names.emplace_back(name);
    for (const Scope::Run& run : scope.runs)
      if (scope.at_end)
        add_run(run.name + ".", run);
  }
  std::vector<std::string> names;

 private:
  void add_run(const std::string& prefix, const Scope::Run& run) {
    add(prefix, of_run);
    add_descriptor(prefix);
    for (const Scope::Reader& reader : run.readers) {
      add(prefix + reader.name + ".", of_reader);
      add_descriptor(prefix + reader.name + ".");
    }
  }
  void add_descriptor(const std::string& prefix) {
    add(prefix, counters);
    add(prefix, of_descriptor);
    for (const std::string_view buffer : buffer_names)
      add(fmt::format("{}{}.", prefix, buffer), of_buffer);
  }
  template <typename Table>
  void add(const std::string& prefix, const Table& table) {
    for (const auto& term : table)
      names.push_back(fmt::format("{}{}", prefix, term.name));
  }
};

/// Looks a name up, from the outside inwards. Each step takes a part off its front.
class Lookup {
 public:
  Lookup(std::string_view name, const Scope& scope) : whole_(name), rest_(name), scope_(scope) {}

  Result<Variable> find_in_runs() {
    if (const auto first = front(); first && scope_.at_end)
      for (std::size_t i = 0; i < scope_.runs.size(); ++i)
        if (scope_.runs[i].name == *first) {
          variable_.run = static_cast<std::uint16_t>(i);
          take_front();
          break;
        }
    return find_in_run();
  }

 private:
  [[nodiscard]] const Scope::Run& run() const { return scope_.runs[variable_.run]; }

  /// What stands before the first dot.
  [[nodiscard]] std::optional<std::string_view> front() const {
    const std::size_t dot = rest_.find('.');
    return dot == std::string_view::npos ? std::nullopt : std::optional(rest_.substr(0, dot));
  }
  void take_front() { rest_.remove_prefix(rest_.find('.') + 1); }

  Result<Variable> find_in_run() {
    if (const auto first = front())
      for (std::size_t i = 0; i < run().readers.size(); ++i)
        if (run().readers[i].name == *first) {
          variable_.reader = static_cast<std::uint16_t>(i);
          variable_.descriptor = run().readers[i].descriptor;
          take_front();
          return find_in_reader();
        }
    if (front())
      return find_in_buffer();
    if (const auto found = by_term(of_run))
      return *found;
    if (const auto found = by_counter())
      return *found;
    variable_.descriptor = 0;
    if (const auto found = by_term(of_descriptor))
      return *found;
    return find_event();
  }

  Result<Variable> find_in_reader() {
    if (front())
      return find_in_buffer();
    if (const auto found = by_term(of_reader))
      return *found;
    if (const auto found = by_counter())
      return *found;
    if (const auto found = by_term(of_descriptor))
      return *found;
    return unknown();
  }

  Result<Variable> find_in_buffer() {
    const auto which = buffer_by_name(*front());
    if (!which)
      return unknown();
    variable_.buffer = *which;
    if (variable_.descriptor == ZB_NO_DESCRIPTOR)
      variable_.descriptor = 0;
    take_front();
    if (const auto found = by_term(of_buffer))
      return *found;
    return unknown();
  }

  Result<Variable> find_event() {
    const zb_event_kind kind = kind_by_name(rest_);
    if (kind == ZB_EV_NONE)
      return unknown();
    if (scope_.at_end)
      return refuse("is an event: it means something in `when` and `stop_when`, not when the run is over");
    variable_.kind = kind;
    variable_.kinds = mask_of({kind});
    variable_.read = nullptr;
    return variable_;
  }

  template <typename Table>
  std::optional<Result<Variable>> by_term(const Table& table) {
    const Term* const term = find(table, rest_);
    if (term == nullptr)
      return std::nullopt;
    if (term->at_end && !scope_.at_end)
      return refuse("is known only when the run is over: it may stand in checks");
    variable_.read = term->read;
    variable_.kinds = term->kinds;
    return variable_;
  }

  std::optional<Result<Variable>> by_counter() {
    const CounterInfo* const term = find(counters, rest_);
    if (term == nullptr)
      return std::nullopt;
    variable_.counter = term;
    variable_.kinds = term->kinds;
    return variable_;
  }

  tl::unexpected<Error> refuse(std::string_view why) const {
    return fail(Error::Code::bad_input, fmt::format("\"{}\" {}", whole_, why));
  }

  tl::unexpected<Error> unknown() const {
    const std::vector<std::string> names = NameList(scope_).names;
    const std::string suggested =
        suggestion(whole_, std::vector<std::string_view>(names.begin(), names.end()));
    return fail(Error::Code::bad_input,
                fmt::format("\"{}\" is not known{}", whole_,
                            suggested.empty() ? "; scenarios/README.md lists the names" : suggested));
  }

  std::string_view whole_;
  std::string_view rest_;
  const Scope& scope_;
  Variable variable_{};
};

template <typename Table>
std::vector<TermInfo> infos(const Table& table) {
  std::vector<TermInfo> all;
  for (const auto& term : table)
    all.push_back({term.name, term.text});
  return all;
}

} // namespace

Result<Variable> find_variable(std::string_view name, const Scope& scope) {
  ZBUF_ASSERT(!scope.runs.empty());
  return Lookup(name, scope).find_in_runs();
}

double read_variable(const Variable& variable, std::span<const RunView> runs) {
  static const DescriptorState no_descriptor{};
  const RunView& run = runs[variable.run];
  const State& state = *run.state;
  if (variable.kind != ZB_EV_NONE)
    return run.event != nullptr && run.event->kind == variable.kind ? 1 : 0;
  if (variable.counter != nullptr && variable.descriptor == ZB_NO_DESCRIPTOR) {
    std::uint64_t all = 0;
    for (const DescriptorState& d : state.descriptors)
      join(all, variable.counter->join, d.total.*variable.counter->member);
    return number(all);
  }
  const DescriptorState& d =
      variable.descriptor < state.descriptors.size() ? state.descriptors[variable.descriptor] : no_descriptor;
  if (variable.counter != nullptr)
    return number(d.total.*variable.counter->member);
  return variable.read({run, d, d.buffers[variable.buffer], variable.reader});
}

std::vector<TermInfo> run_terms() {
  return infos(of_run);
}
std::vector<TermInfo> descriptor_terms() {
  std::vector<TermInfo> all = infos(of_descriptor);
  for (const TermInfo& term : infos(of_reader))
    all.push_back(term);
  return all;
}
std::vector<TermInfo> buffer_terms() {
  return infos(of_buffer);
}
std::vector<TermInfo> counter_terms() {
  return infos(counters);
}

bool is_reserved_name(std::string_view name) {
  return buffer_by_name(name).has_value() || name == "A" || name == "B" || name == "none" ||
         find(of_run, name) != nullptr || find(of_descriptor, name) != nullptr ||
         find(counters, name) != nullptr || kind_by_name(name) != ZB_EV_NONE;
}

} // namespace zbuf
