// SPDX-License-Identifier: BSD-2-Clause
// zbuf trace: what is in a recording, and the same in the words of other tools.
#include "core/cli/commands.h"

#include "core/base/output_stream.h"
#include "core/scenario/recorded.h"
#include "core/scenario/report_text.h"
#include "core/scenario/units.h"
#include "core/trace/export.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

namespace zbuf {

namespace {

struct TraceArguments {
  std::string file{};
  std::string csv{}, jsonl{}, chrome{}, pcap{};
  std::uint16_t descriptor = 0;
  bool events = false;
  std::uint64_t from = 0;
  std::uint64_t count = 50;
  std::string kind{};
  bool salvage = false;
};

class TraceCommand {
 public:
  TraceCommand(TraceArguments arguments, Colour colour)
      : arguments_(std::move(arguments)), style_(style_of(1, colour)) {}

  int run() {
    const auto mode = arguments_.salvage ? Recording::Damage::salvage : Recording::Damage::refuse;
    auto recording = Recording::open(arguments_.file, mode);
    if (!recording) {
      tell(recording.error());
      if (!arguments_.salvage && Recording::open(arguments_.file, Recording::Damage::salvage))
        fmt::print(stderr, "What precedes the damage can be had with --salvage.\n");
      return status_bad_input;
    }
    if (recording->damage())
      tell(*recording->damage());
    const std::string* const outputs[] = {&arguments_.csv, &arguments_.jsonl, &arguments_.chrome,
                                          &arguments_.pcap};
    if (std::count_if(std::begin(outputs), std::end(outputs),
                      [](const std::string* path) { return *path == "-"; }) > 1) {
      tell(Error{Error::Code::bad_input, "- (standard output) can be given for one of --csv, --jsonl, "
                                         "--chrome and --pcap only"});
      return status_bad_input;
    }
    bool good = true;
    good &= export_to(arguments_.csv, [&](std::ostream& out) { return export_csv(*recording, out); });
    good &=
        export_to(arguments_.jsonl, [&](std::ostream& out) { return export_json_lines(*recording, out); });
    good &= export_to(arguments_.chrome, [&](std::ostream& out) { return export_chrome(*recording, out); });
    good &= export_to(arguments_.pcap, [&](std::ostream& out) -> Result<void> {
      const auto written = export_pcap(*recording, out, arguments_.descriptor);
      return written ? Result<void>{} : fail(written.error());
    });
    if (arguments_.events)
      good &= list_events(*recording);
    else if (!exported_)
      show(*recording);
    // What was read may not have been what was recorded.
    if (const auto fate = recording->fate(); fate && fate->code == Error::Code::bad_input) {
      tell(*fate);
      good = false;
    }
    return good && !recording->damage() ? status_good : status_bad_input;
  }

 private:
  bool export_to(const std::string& path, const std::function<Result<void>(std::ostream&)>& write) {
    if (path.empty())
      return true;
    exported_ = true;
    auto file = OutputFile::open(path);
    if (!file) {
      tell(file.error());
      return false;
    }
    OutputStreamBuffer buffer(*file);
    std::ostream stream(&buffer);
    const auto written = write(stream);
    stream.flush();
    const auto done = !buffer.result() ? buffer.result() : !written ? written : file->complete();
    if (!done)
      tell(done.error());
    return done.has_value();
  }

  bool list_events(const Recording& recording) {
    KindMask kinds = all_kinds;
    if (!arguments_.kind.empty()) {
      const zb_event_kind kind = kind_by_name(arguments_.kind);
      if (kind == ZB_EV_NONE)
        return unknown_kind();
      kinds = mask_of({kind});
    }
    if (arguments_.from != 0 && arguments_.from >= recording.event_count()) {
      tell(Error{Error::Code::bad_input, fmt::format("--from {}: expected less than {}, the number of events",
                                                     arguments_.from, recording.event_count())});
      return false;
    }
    std::uint64_t shown = 0;
    for (std::uint64_t n = arguments_.from; shown < arguments_.count; ++n) {
      const auto next = recording.next(kinds, n);
      if (!next)
        break;
      n = *next;
      const Event& event = recording.event(n);
      const std::string where =
          event.descriptor == ZB_NO_DESCRIPTOR ? "" : fmt::format("d{}", event.descriptor);
      fmt::print("{:>9} {} {:<3} {:<15} {}\n", n,
                 pad_left(fmt::format("{} ns", show_count(event.time_ns)), 18), where, kind_name(event.kind),
                 event_sentence(event));
      ++shown;
    }
    return true;
  }

  bool unknown_kind() {
    std::vector<std::string_view> names;
    for (std::size_t kind = 0; kind < event_kinds; ++kind)
      if (const char* name = kind_info(static_cast<std::uint8_t>(kind)).name)
        names.emplace_back(name);
    tell(Error{Error::Code::bad_input,
               fmt::format("--kind {}: no such kind of event; expected one of {}{}", arguments_.kind,
                           fmt::join(names, ", "), suggestion(arguments_.kind, names))});
    return false;
  }

  static std::uint64_t events_before(const Recording& recording) {
    const auto metadata = nlohmann::json::parse(recording.metadata(), nullptr, false);
    const auto found = metadata.is_object() ? metadata.find("events_before") : metadata.end();
    return metadata.is_object() && found != metadata.end() && found->is_number_unsigned()
               ? found->get<std::uint64_t>()
               : 0;
  }

  void show(const Recording& recording) {
    const VariantReport report = report_of_recording(recording);
    fmt::print("\n{}  {}\n\n", paint(style_, Ink::strong, arguments_.file),
               paint(style_, Ink::faint,
                     fmt::format(
                         "{} events, {}{}", show_count(recording.event_count()), show_duration(report.end_ns),
                         recording.partial() ? ", partial: the run was stopped from outside, or the file is "
                                               "damaged"
                                             : "")));
    if (const auto before = events_before(recording); before != 0)
      fmt::print("The recording was bounded: {} events before these were dropped. Totals count them.\n\n",
                 show_count(before));
    fmt::print("{}\n", presentable(style_, picture_as_text({&report}, style_)));
    for (std::size_t i = 0; i < report.chapters.size(); ++i)
      if (report.chapters[i].reached)
        fmt::print("  {} event {}: {}\n", paint(style_, Ink::mark, fmt::format("{}", (i + 1) % 10)),
                   report.chapters[i].event, report.chapters[i].text);
    fmt::print("\n{}\n", presentable(style_, table_as_text({report}, style_)));
    for (const InvariantReport& invariant : report.invariants)
      if (!invariant.holds())
        fmt::print("  {} {}: broken {} times, first at event {}\n", invariant_name(invariant.invariant),
                   invariant_text(invariant.invariant), invariant.violation.count,
                   invariant.violation.first_event);
  }

  TraceArguments arguments_;
  TextStyle style_;
  bool exported_ = false;
};

} // namespace

void add_trace(CLI::App& app, CommandContext& context) {
  auto arguments = std::make_shared<TraceArguments>();
  CLI::App* trace = app.add_subcommand("trace", "Look at a recording, or export it");
  trace->add_option("file", arguments->file, "A recording, as zbuf run --trace writes them")
      ->required()
      ->type_name("FILE");
  CLI::Option* const events = trace->add_flag("--events", arguments->events, "List events, in words");
  constexpr std::uint64_t most_events = 1'000'000'000'000;
  trace->add_option("--from", arguments->from, "... from this one on")
      ->needs(events)
      ->check(CLI::Range(std::uint64_t{0}, most_events).description(""))
      ->type_name("EVENT");
  trace->add_option("--count", arguments->count, "... so many")
      ->needs(events)
      ->check(CLI::Range(std::uint64_t{1}, most_events).description(""))
      ->capture_default_str()
      ->type_name("N");
  trace->add_option("--kind", arguments->kind, "... of this kind only, such as dropped")
      ->needs(events)
      ->type_name("KIND");
  trace->add_option("--csv", arguments->csv, "Write a table, a line for each event (- for standard output)")
      ->type_name("F");
  trace->add_option("--jsonl", arguments->jsonl, "Write JSON Lines (- for standard output)")->type_name("F");
  trace
      ->add_option("--chrome", arguments->chrome,
                   "Write a trace for Perfetto and chrome://tracing (- for standard output)")
      ->type_name("F");
  CLI::Option* const pcap =
      trace
          ->add_option("--pcap", arguments->pcap,
                       "Write the delivered packets as a capture (- for standard output)")
          ->type_name("F");
  trace->add_option("--descriptor", arguments->descriptor, "... of this descriptor")
      ->needs(pcap)
      ->check(CLI::Range(0, 65534).description(""))
      ->capture_default_str()
      ->type_name("N");
  trace->add_flag("--salvage", arguments->salvage, "Open a damaged file as far as it is good");
  trace->footer(
      "Examples:\n"
      "  zbuf trace run.zbt                          a picture, and the figures\n"
      "  zbuf trace run.zbt --events --kind dropped  the first drops\n"
      "  zbuf trace run.zbt --chrome run.json        open run.json at ui.perfetto.dev\n"
      "  zbuf trace run.zbt --jsonl - | jq -c 'select(.kind == \"published\")'\n"
      "  zbuf trace run.zbt --pcap got.pcap          what the reader got, for Wireshark\n\n"
      "Exit status: 0 good, 2 the file is damaged or cannot be read, or an output cannot be written.");
  trace->callback([arguments, &context] { context.status = TraceCommand(*arguments, context.colour).run(); });
}

} // namespace zbuf
