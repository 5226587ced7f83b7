// SPDX-License-Identifier: BSD-2-Clause
// zbuf attach: live packets of an interface, through zero-copy BPF.
#include "core/cli/commands.h"

#include "core/base/output_file.h"
#include "core/cli/interrupt.h"
#include "core/cli/live_view.h"
#include "core/live/capture.h"
#include "core/live/privileges.h"
#include "core/scenario/units.h"

#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace zbuf {

namespace {

using namespace std::chrono_literals;

struct AttachArguments {
  LiveOptions live{};
  std::vector<std::string> filter{};
  std::string mode = "zbuf";
  std::string via = "auto";
  std::string revision = "zbuf";
  std::uint64_t seconds = 0;
  std::string json{};
  bool quiet = false;
};

const char* end_name(LiveCapture::End end) {
  switch (end) {
  case LiveCapture::End::limit:
    return "limit";
  case LiveCapture::End::interrupted:
    return "interrupted";
  case LiveCapture::End::gone:
    return "interface gone";
  case LiveCapture::End::failed:
    return "failed";
  }
  return "";
}

/// null: there was none.
nlohmann::json tap_as_json(const std::optional<Tap::Counts>& tap) {
  if (!tap)
    return nullptr;
  return {{"received", tap->received}, {"lost", tap->lost}, {"hardware_lost", tap->hardware_lost}};
}

std::string as_json(const LiveCapture& capture, const LiveCapture::Outcome& outcome) {
  using nlohmann::json;
  const LiveFigures& figures = outcome.figures;
  json readers = json::array();
  for (std::size_t i = 0; i < figures.state.descriptors.size(); ++i) {
    const DescriptorState& d = figures.state.descriptors[i];
    json total = json::object();
    for_each_counter(d.total, [&](const char* name, std::uint64_t value) { total[name] = value; });
    readers.push_back({{"descriptor", i},
                       {"mode", mode_name(capture.options().modes[i])},
                       {"in_buffers", d.in_buffers()},
                       {"total", total}});
  }
  json errors = json::array();
  for (const Error& error : outcome.errors)
    errors.push_back(error.text());
  const bool partial =
      outcome.end == LiveCapture::End::interrupted || outcome.end == LiveCapture::End::failed;
  const json all{{"interface", capture.options().interface},
                 {"link_type", capture.kernel().link_type()},
                 {"revision", capture.kernel().revision()},
                 {"slots", capture.kernel().slots()},
                 {"filter", capture.options().filter},
                 {"duration_ns", figures.time_ns},
                 {"end", end_name(outcome.end)},
                 {"partial", partial},
                 {"tap", tap_as_json(figures.tap)},
                 {"readers", readers},
                 {"errors", errors}};
  return all.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

class AttachCommand {
 public:
  AttachCommand(AttachArguments arguments, Colour colour)
      : arguments_(std::move(arguments)), colour_(colour) {}

  int run() {
    if (arguments_.live.trace_path == "-")
      return refuse({Error::Code::bad_input, "--trace -: a recording is no stream; expected a file"});
    auto capture = LiveCapture::open(arguments_.live);
    if (!capture)
      return refuse(capture.error());
    const auto dropped = drop_privileges();
    if (!dropped)
      return refuse(dropped.error());
    // Files belong to whoever called.
    auto json = OutputFile::open(arguments_.json);
    if (!json)
      return refuse(json.error());
    if (json->is_standard_output() && arguments_.live.write_path == "-")
      return refuse(
          {Error::Code::bad_input, "- (standard output) can be given for one of --json and --write only"});
    standard_output_taken_ = json->is_standard_output() || arguments_.live.write_path == "-";
    if (auto started = (*capture)->start(); !started)
      return refuse(started.error());
    if (auto shut_in = enter_capability_mode(); !shut_in)
      return refuse(shut_in.error());
    const LiveCapture::Outcome outcome = watch(**capture);
    for (const Error& error : outcome.errors)
      tell(error);
    if (auto written = json->write(as_json(**capture, outcome)); !written)
      return refuse(written.error());
    return outcome.end == LiveCapture::End::interrupted ? status_interrupted
           : outcome.end == LiveCapture::End::failed    ? status_bad_input
                                                        : status_good;
  }

 private:
  static int refuse(const Error& error) {
    tell(error);
    return status_bad_input;
  }

  LiveCapture::Outcome watch(LiveCapture& capture) {
    const int descriptor = standard_output_taken_ ? STDERR_FILENO : STDOUT_FILENO;
    LiveView view(capture, descriptor, style_of(descriptor, colour_), arguments_.quiet);
    {
      const InterruptScope interruptible([&] { capture.stop(); });
      view.begin();
      while (!capture.wait(view.interval()))
        view.show(capture.figures());
    }
    LiveCapture::Outcome outcome = capture.finish();
    view.finish(outcome);
    return outcome;
  }

  const AttachArguments arguments_;
  const Colour colour_;
  bool standard_output_taken_ = false;
};

/// A size such as 64KiB, into a number of bytes.
CLI::Option* add_size(CLI::App& app, const std::string& name, std::uint64_t least,
                      std::function<void(std::uint64_t)> into, const std::string& help) {
  return app
      .add_option_function<std::string>(
          name,
          [name, least, into = std::move(into)](const std::string& text) {
            const auto bytes = parse_quantity(text, Quantity::size);
            if (!bytes || *bytes < least)
              throw CLI::ValidationError(
                  name, fmt::format("\"{}\": expected {}{}", text, quantity_example(Quantity::size),
                                    least == 0 ? "" : fmt::format(", at least {} bytes", least)));
            into(*bytes);
          },
          help)
      ->type_name("SIZE");
}

void settle(AttachArguments& arguments) {
  LiveOptions& live = arguments.live;
  live.modes.clear();
  if (arguments.mode != "read")
    live.modes.push_back(BufferMode::zbuf);
  if (arguments.mode != "zbuf")
    live.modes.push_back(BufferMode::buffer);
  live.via = arguments.via == "tap"    ? LiveOptions::Via::tap
             : arguments.via == "auto" ? LiveOptions::Via::automatic
                                       : LiveOptions::Via::device;
  for (const zb_revision& known : zb_revisions)
    if (arguments.revision == known.name)
      live.revision = &known;
  live.filter = fmt::format("{}", fmt::join(arguments.filter, " "));
  live.duration_ns = arguments.seconds * 1'000'000'000;
}

} // namespace

void add_attach(CLI::App& app, CommandContext& context) {
  auto arguments = std::make_shared<AttachArguments>();
  LiveOptions& live = arguments->live;
  CLI::App* attach = app.add_subcommand("attach", "Capture live packets of an interface");
  attach->add_option("interface", live.interface, "The interface, as ip link or ifconfig call it")
      ->required()
      ->type_name("IFACE");
  attach
      ->add_option("filter", arguments->filter,
                   "Only these packets: an expression of pcap-filter(7), of one word or several")
      ->expected(0, -1)
      ->type_name("FILTER");
  attach
      ->add_option("--mode", arguments->mode,
                   "zbuf: zero-copy; read: read(2); both: the same packets into both")
      ->check(CLI::IsMember({"zbuf", "read", "both"}).description(""))
      ->capture_default_str()
      ->type_name("MODE");
  attach
      ->add_option(
          "--via", arguments->via,
          "tap: libpcap and the emulated kernel; module or device: /dev/bpf, of the Linux module or of "
          "FreeBSD; auto: /dev/bpf where there is one")
      ->check(CLI::IsMember({"auto", "tap", "module", "device"}).description(""))
      ->capture_default_str()
      ->type_name("WAY");
  attach->add_flag("--dtrace", live.dtrace,
                   "On FreeBSD: see drops and time-outs in the kernel itself, with dtrace(1); it takes root");
  add_size(
      *attach, "--buffer", 32, [&live](std::uint64_t n) { live.buffer_bytes = n; },
      "Of each of the two buffers (default: 2 MiB)");
  attach->add_option("--snaplen", live.snaplen, "Bytes kept of a packet")
      ->check(CLI::Range(1u, 262144u).description(""))
      ->type_name("N");
  attach->add_option("--seconds", arguments->seconds, "Stop after so long")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}).description(""))
      ->type_name("N");
  attach->add_option("--packets", live.packets, "Stop after so many were delivered to the first reader")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000'000'000}).description(""))
      ->type_name("N");
  attach
      ->add_option("--write", live.write_path, "Write what is delivered as a capture (- for standard output)")
      ->type_name("F.pcap");
  attach->add_option("--trace", live.trace_path, "Record what happens")->type_name("F.zbt");
  add_size(
      *attach, "--trace-limit", 0, [&live](std::uint64_t n) { live.trace_limit_bytes = n; },
      "Of disk for the recording; the oldest is dropped (default: 1 GiB; 0: no limit)");
  attach
      ->add_option(
          "--keep", live.trace_packet_bytes,
          "Bytes of each packet that the recording keeps (default: all that arrive; fewer make it last "
          "longer within --trace-limit)")
      ->check(CLI::Range(0u, 262144u).description(""))
      ->type_name("BYTES");
  attach
      ->add_option("--json", arguments->json, "Write the figures as JSON at the end (- for standard output)")
      ->type_name("F");
  add_revision_option(*attach, arguments->revision, "Of the emulated kernel (default: zbuf)");
  attach->add_flag("-q,--quiet", arguments->quiet, "Say only what went wrong");
  attach->footer(
      "Examples:\n"
      "  zbuf attach eth0                              what passes, until Ctrl-C\n"
      "  zbuf attach eth0 'tcp port 443' --mode both   zero-copy and read(2) side by side\n"
      "  zbuf attach eth0 --seconds 10 --write f.pcap  for tcpdump and Wireshark\n"
      "  zbuf attach eth0 --trace live.zbt             record it; zbuflab --follow live.zbt shows it "
      "meanwhile\n"
      "  zbuf attach eth0 --json - -q --packets 1000   for a script\n\n"
      "It needs the right to capture when it begins (sudo, or setcap cap_net_raw+ep), and gives it up at "
      "once.\n"
      "Exit status: 0 stopped as it was told, or the interface went away; 2 bad usage, or a failure; 130 "
      "interrupted.\nWhat was captured until then is whole in any case.");
  attach->callback([arguments, &context] {
    settle(*arguments);
    context.status = AttachCommand(*arguments, context.colour).run();
  });
}

} // namespace zbuf
