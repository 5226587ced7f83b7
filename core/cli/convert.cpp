// SPDX-License-Identifier: BSD-2-Clause
// zbuf convert: recordings and captures into one another, where that makes sense.
#include "core/cli/commands.h"

#include "core/base/output_file.h"
#include "core/base/output_stream.h"
#include "core/cli/interrupt.h"
#include "core/live/packet_file.h"
#include "core/scenario/runner.h"
#include "core/scenario/units.h"
#include "core/trace/export.h"
#include "core/trace/format.h"
#include "core/traffic/pcap_reader.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <limits>
#include <memory>

namespace zbuf {

namespace {

namespace fs = std::filesystem;

struct ConvertArguments {
  std::string from{}, to{};
  std::uint16_t descriptor = 0;
  std::string mode = "zbuf";
  std::string buffer = "512 KiB";
  std::string revision = "zbuf";
  bool strict = false;
};

enum class Kind { recording, capture, csv, jsonl, chrome, unknown };

Kind kind_of(const std::string& path) {
  const std::string extension = path == "-" ? ".pcap" : fs::path(path).extension().string();
  return extension == ".zbt"                              ? Kind::recording
         : extension == ".pcap" || extension == ".cap"    ? Kind::capture
         : extension == ".pcapng" || extension == ".ntar" ? Kind::capture
         : extension == ".csv"                            ? Kind::csv
         : extension == ".jsonl"                          ? Kind::jsonl
         : extension == ".json"                           ? Kind::chrome
                                                          : Kind::unknown;
}

Result<void> from_recording(const ConvertArguments& arguments, Kind to) {
  const auto recording = Recording::open(arguments.from);
  if (!recording)
    return fail(recording.error());
  auto file = OutputFile::open(arguments.to);
  if (!file)
    return fail(file.error());
  OutputStreamBuffer buffer(*file);
  std::ostream stream(&buffer);
  Result<void> written{};
  if (to == Kind::capture) {
    const auto packets = export_pcap(*recording, stream, arguments.descriptor);
    if (!packets)
      written = fail(packets.error());
    else
      fmt::print(stderr, "{}: {}, as descriptor {} was delivered them{}\n", arguments.to,
                 show_count(*packets, "packet"), arguments.descriptor,
                 recording->packet_snap() < format::max_packet_snap
                     ? fmt::format(", with the first {} bytes of each", recording->packet_snap())
                     : "");
  } else {
    written = to == Kind::csv     ? export_csv(*recording, stream)
              : to == Kind::jsonl ? export_json_lines(*recording, stream)
                                  : export_chrome(*recording, stream);
  }
  stream.flush();
  if (!buffer.result() || !written)
    return buffer.result() ? written : buffer.result();
  return file->complete();
}

/// By its first bytes, whatever its name is. What is no recording is read as a capture, or refused as one.
Kind what_is(const std::string& path) {
  std::array<unsigned char, format::file_magic.size()> beginning{};
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(beginning.data()), static_cast<std::streamsize>(beginning.size()));
  return beginning == format::file_magic || kind_of(path) == Kind::recording ? Kind::recording
                                                                             : Kind::capture;
}

void warn(const std::string& file, const std::vector<std::string>& lines) {
  for (const std::string& line : lines)
    fmt::print(stderr, "{}: warning: {}\n", file, line);
}

/// Through the emulated kernel, in virtual time.
Result<void> capture_to_recording(const ConvertArguments& arguments) {
  const std::string name = fs::path(arguments.from).filename().string();
  std::string title;
  for (const char c : name)
    title += c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 ? '_' : c;
  const std::string toml = fmt::format("title = \"{}\"\nlinger = \"200 ms\"\n[kernel]\nrevision = \"{}\"\n"
                                       "[[interface]]\nname = \"em0\"\nring = 65536\n"
                                       "[[traffic]]\nlimit = 1\n"
                                       "[[reader]]\nmode = \"{}\"\nbuffer = \"{}\"\n"
                                       "[[check]]\nexpr = \"stored >= 0\"\n",
                                       title, arguments.revision, arguments.mode, arguments.buffer);
  Overrides overrides;
  overrides.capture = arguments.from;
  overrides.strict = arguments.strict;
  auto scenario = parse_scenario(toml, arguments.from, "", overrides);
  if (!scenario)
    return fail(scenario.error().front());
  RunOptions options;
  options.trace_path = arguments.to;
  options.name_at_end = true;
  options.record_all = false;
  options.packet_snap = format::max_packet_snap;
  options.packets_limit_bytes = ~std::uint64_t{0};
  Runner runner(*scenario, std::move(options));
  if (const Errors errors = runner.prepare(); !errors.empty())
    return fail(errors.front());
  const InterruptScope interruptible([&] { runner.interrupt(); });
  const ScenarioReport report = runner.run();
  for (const VariantReport& run : report.runs)
    if (!run.errors.empty())
      return fail(run.errors.front());
  for (const std::string& warning : report.warnings)
    fmt::print(stderr, "zbuf: warning: {}\n", warning);
  if (report.outcome() == Outcome::interrupted)
    return fail(Error::Code::interrupted, "stopped: what was there before is as it was");
  for (const VariantReport& run : report.runs) {
    fmt::print(stderr, "{}: {} through a kernel of revision {}\n", arguments.to,
               show_count(run.arrived, "packet"), run.revision);
    const std::uint64_t not_read = run.arrived - std::min(run.arrived, run.total.delivered);
    if (not_read != 0)
      fmt::print(
          stderr,
          "{}: warning: {} of these did not reach the reader, and will not be in a capture made from this: "
          "{} missed by the interface, {} dropped for want of room in the buffers (try a larger --buffer)\n",
          arguments.to, show_count(not_read, "packet"), run.missed, run.total.dropped);
  }
  return {};
}

/// From pcapng, or with time stamps of another resolution.
Result<void> capture_to_capture(const ConvertArguments& arguments) {
  const auto rewind = rewind_of_file(arguments.from);
  if (!rewind)
    return fail(rewind.error());
  PcapReader reader;
  if (auto error = reader.open(*rewind, arguments.from))
    return fail(*error);
  auto file = PacketFile::create(arguments.to, static_cast<std::uint32_t>(reader.link_type()), 262144,
                                 reader.link_bits(), OutputFile::Kind::finished);
  if (!file)
    return fail(file.error());
  std::uint64_t packets = 0;
  pcap_pkthdr header{};
  const u_char* bytes = nullptr;
  PcapReader::Read status{};
  while ((status = reader.read(header, bytes, arguments.strict)) == PcapReader::Read::packet) {
    constexpr std::int64_t in_a_second = 1'000'000'000; // tv_usec has nanoseconds
    const std::int64_t second = header.ts.tv_sec + header.ts.tv_usec / in_a_second;
    if (header.ts.tv_usec < 0 || second < 0 || second > std::numeric_limits<std::uint32_t>::max())
      return fail(
          Error::Code::bad_input,
          fmt::format("{}: packet {} has a time that no pcap file can hold: {} s after 1970 began; expected "
                      "1970 to 2106. Nothing was written; to a recording it can be converted",
                      arguments.from, reader.records(), second));
    const std::uint64_t time_ns = static_cast<std::uint64_t>(header.ts.tv_sec) * 1'000'000'000 +
                                  static_cast<std::uint64_t>(header.ts.tv_usec);
    if (auto written = file->write(time_ns, std::as_bytes(std::span(bytes, header.caplen)), header.len);
        !written)
      return written;
    ++packets;
  }
  if (status == PcapReader::Read::failed)
    return fail(reader.error());
  if (auto completed = file->complete(); !completed)
    return completed;
  warn(arguments.from, reader.remarks().lines);
  fmt::print(stderr, "{}: {}\n", arguments.to, show_count(packets, "packet"));
  return {};
}

Result<void> convert(const ConvertArguments& arguments) {
  const Kind from = what_is(arguments.from);
  const Kind to = kind_of(arguments.to);
  std::error_code error;
  if (fs::equivalent(arguments.from, arguments.to, error))
    return fail(Error::Code::bad_input,
                fmt::format("{}: would be written over while it is read", arguments.to));
  const bool pcapng = to == Kind::capture && (fs::path(arguments.to).extension() == ".pcapng" ||
                                              fs::path(arguments.to).extension() == ".ntar"); // read only
  if (from == Kind::recording && to != Kind::recording && to != Kind::unknown && !pcapng)
    return from_recording(arguments, to);
  if (from == Kind::capture && to == Kind::recording)
    return capture_to_recording(arguments);
  if (from == Kind::capture && to == Kind::capture && !pcapng)
    return capture_to_capture(arguments);
  return fail(
      Error::Code::bad_input,
      fmt::format(
          "{} to {}: expected a recording (.zbt) to .pcap, .csv, .jsonl or .json (for Perfetto), or a "
          "capture (.pcap, .pcapng) to .zbt or .pcap",
          arguments.from, arguments.to));
}

} // namespace

void add_convert(CLI::App& app, CommandContext& context) {
  auto arguments = std::make_shared<ConvertArguments>();
  CLI::App* command = app.add_subcommand("convert", "Turn recordings and captures into one another");
  command
      ->add_option(
          "from", arguments->from,
          "A recording, or a capture (pcap, pcapng; also packed as .gz or .zst; - for standard input)")
      ->required()
      ->type_name("FROM");
  command
      ->add_option("to", arguments->to,
                   "What to make; its extension says what it is (-: a capture, on standard output)")
      ->required()
      ->type_name("TO");
  command
      ->add_option("--descriptor", arguments->descriptor, "Of a recording: whose packets go into a capture")
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--mode", arguments->mode, "Of a capture: zbuf or read(2)")
      ->check(CLI::IsMember({"zbuf", "read"}).description(""))
      ->capture_default_str()
      ->type_name("MODE");
  command->add_option("--buffer", arguments->buffer, "... with two buffers of this size")
      ->check([](const std::string& text) {
        const auto bytes = parse_quantity(text, Quantity::size);
        return bytes && *bytes >= 32 && *bytes <= 2 << 20
                   ? std::string()
                   : fmt::format("\"{}\": expected {}, from 32 B to 2 MiB", text,
                                 quantity_example(Quantity::size));
      })
      ->capture_default_str()
      ->type_name("SIZE");
  add_revision_option(*command, arguments->revision, "... and a kernel of this revision (default: zbuf)");
  command->add_flag("--strict", arguments->strict,
                    "Of a capture: a record that would be left out, because it is damaged, is an error");
  command->footer(
      "A capture becomes a recording by going through the emulated kernel, in the time in which it was\n"
      "recorded; zbuf run --pcap does that with any scenario.\n\n"
      "Examples:\n"
      "  zbuf convert live.zbt live.pcap      what was delivered, for tcpdump and Wireshark\n"
      "  zbuf convert my.pcapng my.zbt        to look at in zbuflab\n"
      "  zbuf convert live.zbt live.json      for ui.perfetto.dev\n"
      "  zbuf convert my.pcapng my.pcap       pcap with nanoseconds\n\n"
      "Exit status: 0 good, 2 bad usage, bad input, or a file that cannot be written.");
  command->callback([arguments, &context] {
    const auto done = convert(*arguments);
    if (!done)
      tell(done.error());
    context.status = done                                            ? status_good
                     : done.error().code == Error::Code::interrupted ? status_interrupted
                                                                     : status_bad_input;
  });
}

} // namespace zbuf
