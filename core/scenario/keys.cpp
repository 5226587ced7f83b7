// SPDX-License-Identifier: BSD-2-Clause
// Every key that a scenario may have: its type, its range, where its value goes, and what it means. The
// parser, its messages, `zbuf check --keys` and completion know no other list.
//
// A new key is a row here, and the code that uses its value. Rows are read from top to bottom.
#include "core/scenario/keys.h"

namespace zbuf {

namespace {

constexpr std::uint64_t day_ns = 86'400'000'000'000;
constexpr std::uint64_t most_packets = 1'000'000'000;
constexpr std::uint64_t highest_cost = 1'000'000'000;
constexpr double least_rate = 0.001;
constexpr double highest_rate = 1e9;

constexpr const char* in_order_of_invariants = "array of `I1` to `I6`";

TableReader::Choices<const zb_revision*> revisions() {
  TableReader::Choices<const zb_revision*> all;
  for (const zb_revision& revision : zb_revisions)
    all.emplace_back(revision.name, &revision);
  return all;
}

} // namespace

const Keys<Scenario>& scenario_keys() {
  using K = KeyOf<Scenario>;
  static const Keys<Scenario> keys{
      K::text("title", KEY_AT(title), "").required("a string"),
      K::number("number", KEY_AT(number), 1, 999, "of the lesson").otherwise("none"),
      K::text("summary", KEY_AT(summary), "one line, for lists"),
      K::text("lesson", KEY_AT(lesson), "text for students; blank lines separate paragraphs"),
      K::choice("picture", KEY_AT(axis), {{"time", PictureAxis::time}, {"steps", PictureAxis::steps}},
                "what a column of the drawing stands for; `steps` suits scripts"),
  };
  return keys;
}

const Keys<PlannedRun>& run_keys() {
  using K = KeyOf<PlannedRun>;
  static const Keys<PlannedRun> keys{
      K::number("seed", KEY_AT(config.seed), 0, INT64_MAX, "of everything random"),
      K::duration("duration", KEY_AT(config.duration_ns), 1, longest_ns,
                  "the run ends there. Without it, `linger` after the last packet, script and timed fault"),
      K::duration("linger", KEY_AT(config.linger_ns), 0, longest_ns, "see `duration`"),
      K::expression("stop_when", KEY_AT(stop_when),
                    "the run ends right after the first event for which it is true")
          .otherwise("none"),
      K::custom("breaks", in_order_of_invariants,
                "this run shows a known fault: these invariants must break, all others must hold",
                [](TableReader& reader, PlannedRun& run) { read_breaks(reader, run.breaks); }),
  };
  return keys;
}

const Keys<EmulatedKernel::Config>& kernel_keys() {
  using K = KeyOf<EmulatedKernel::Config>;
  static const Keys<EmulatedKernel::Config> keys{
      K::choice("revision", KEY_AT(revision), revisions(), "which kernel's rules; `zbuf` is the mended one"),
      K::number("hz", KEY_AT(tunables.hz), 10, 10000, "ticks per second; time-outs are counted in them"),
      K::custom("sysctl", fmt::format("table of {}", key_detail::listed(EmulatedKernel::sysctl_names())),
                "by name; `net.bpf.zerocopy_enable` is **1 in scenarios** and in `zbuf exec`, but 0 on "
                "FreeBSD; `net.bpf.zerocopy_maxsize` cannot be set",
                read_sysctls),
  };
  return keys;
}

const Keys<Costs>& cost_keys() {
  static const Keys<Costs> keys = [] {
    Keys<Costs> all;
    for (const CostInfo& cost : cost_infos)
      all.push_back(KeyOf<Costs>::number(
          std::string(cost.name), [member = cost.member](auto& costs) -> auto& { return costs.*member; },
          cost.least, highest_cost, std::string(cost.meaning)));
    return all;
  }();
  return keys;
}

const Keys<PlannedInterface>& interface_keys() {
  using K = KeyOf<PlannedInterface>;
  static const Keys<PlannedInterface> keys{
      K::name("name", KEY_AT(interface.config.name), ""),
      K::choice("link", KEY_AT(interface.config.link_type),
                {{"ethernet", 1}, {"null", 0}, {"raw", 12}, {"sll", 113}, {"sll2", 276}},
                "what its packets begin with")
          .otherwise("of the first capture replayed there, else `ethernet`"),
      K::size("mtu", KEY_AT(interface.config.mtu), 72, 65535, ""),
      K::number("ring", KEY_AT(interface.ring_packets), 1, 65536,
                "packets that it holds while the kernel is busy; further ones are missed, and BPF never sees "
                "them"),
  };
  return keys;
}

// ---- [[traffic]] ----

const Keys<TrafficHead>& traffic_keys() {
  using K = KeyOf<TrafficHead>;
  static const Keys<TrafficHead> keys{
      K::label("name", "for paths of `[[compare]]`"),
      K::text("interface", KEY_AT(interface), "where the packets arrive").otherwise("the first one"),
      K::choice("kind", KEY_AT(kind),
                {{"synthetic", TrafficKind::synthetic},
                 {"pattern", TrafficKind::pattern},
                 {"capture", TrafficKind::capture}},
                "conversations made up; numbered test packets (cheap); a capture replayed"),
      K::number("limit", KEY_AT(limit_packets), 1, most_packets,
                "packets. Traffic that is made up needs this, a `duration`, or a run that ends by itself")
          .otherwise("none"),
      K::duration("duration", KEY_AT(duration_ns), 1, longest_ns, "only packets before it").otherwise("none"),
  };
  return keys;
}

const Keys<SyntheticConfig>& synthetic_keys() {
  using K = KeyOf<SyntheticConfig>;
  const auto bursts = [](const SyntheticConfig& c) { return c.arrivals == ArrivalProcess::bursts; };
  const auto talks = [](const SyntheticConfig& c) { return c.content == Content::protocols; };
  constexpr const char* no_bursts = "process is not \"bursts\"";
  constexpr const char* no_talk = "kind is \"pattern\"";
  static const Keys<SyntheticConfig> keys{
      K::choice("process", KEY_AT(arrivals),
                {{"constant", ArrivalProcess::constant},
                 {"poisson", ArrivalProcess::poisson},
                 {"bursts", ArrivalProcess::bursts}},
                "when they come"),
      K::rate("rate", KEY_AT(packets_per_second), least_rate, highest_rate, "in bursts: while one lasts"),
      K::duration("burst", KEY_AT(burst_on_ns), 1, day_ns, "`bursts` only: how long one lasts")
          .only_if(bursts, no_bursts),
      K::duration("pause", KEY_AT(burst_off_ns), 0, day_ns, "`bursts` only: the silence after it")
          .only_if(bursts, no_bursts),
      K::custom("sizes", "see right",
                "bytes of a frame, 14 to 9216, without FCS: a size; `\"imix\"`; `{ min = 60, max = 1514 }`; "
                "`[60, 1514]`, in turn; `[{ bytes = 60, weight = 7 }, ...]`",
                read_sizes)
          .otherwise("60")
          .or_table(),
      K::custom("protocols", "array, or table of weights, of " + key_detail::listed(protocol_names),
                "`synthetic` only", read_protocols)
          .otherwise("`[\"tcp4\"]`")
          .or_table()
          .only_if(talks, no_talk),
      K::number("flows", KEY_AT(flow_count), 1, 16384, "`synthetic` only: conversations of each protocol")
          .only_if(talks, no_talk),
      K::real("outgoing", KEY_AT(outgoing_fraction), 0, 1,
              "`synthetic` only: the share that this host sends; without it, it only listens")
          .only_if(talks, no_talk),
      K::duration("start", KEY_AT(start_ns), 0, longest_ns, "when the traffic begins"),
  };
  return keys;
}

const Keys<SizeRange>& size_range_keys() {
  using K = KeyOf<SizeRange>;
  static const Keys<SizeRange> keys{
      K::size("min", KEY_AT(min_bytes), min_frame_bytes, max_frame_bytes, "each size as likely")
          .required("the least bytes of a frame"),
      K::size("max", KEY_AT(max_bytes), min_frame_bytes, max_frame_bytes, "")
          .required("the most bytes of a frame"),
  };
  return keys;
}

const Keys<ListedSize>& listed_size_keys() {
  using K = KeyOf<ListedSize>;
  static const Keys<ListedSize> keys{
      K::size("bytes", KEY_AT(bytes), min_frame_bytes, max_frame_bytes, "").required("the bytes of a frame"),
      K::number("weight", KEY_AT(weight), 0, 1'000'000, "how often it is drawn"),
  };
  return keys;
}

const Keys<PlannedCapture>& capture_keys() {
  using K = KeyOf<PlannedCapture>;
  const auto timed = [](ReplayTiming timing) {
    return [timing](const PlannedCapture& c) { return c.replay.timing == timing; };
  };
  static const Keys<PlannedCapture> keys{
      K::path("file", KEY_AT(shown), "pcap or pcapng; relative to the scenario")
          .required("the path of a capture, relative to this file"),
      K::choice("timing", KEY_AT(replay.timing),
                {{"original", ReplayTiming::original},
                 {"scaled", ReplayTiming::scaled},
                 {"rate", ReplayTiming::rate},
                 {"line", ReplayTiming::line}},
                "as recorded; every gap times `factor`; evenly at `rate`; back to back at `line_rate`"),
      K::real("factor", KEY_AT(replay.time_factor), 1e-6, 1e6, "`scaled` only; 2 is half as fast")
          .only_if(timed(ReplayTiming::scaled), "timing is not \"scaled\""),
      K::rate("rate", KEY_AT(replay.packets_per_second), least_rate, highest_rate, "`rate` only")
          .only_if(timed(ReplayTiming::rate), "timing is not \"rate\""),
      K::bit_rate("line_rate", KEY_AT(replay.line_bits_per_second), 1000, 1'000'000'000'000, "`line` only")
          .only_if(timed(ReplayTiming::line), "timing is not \"line\""),
      K::number("loop", KEY_AT(replay.loop_count), 1, 1'000'000, "how often it is played"),
  };
  return keys;
}

// ---- [[reader]] ----

const Keys<PlannedReader>& reader_keys() {
  using K = KeyOf<PlannedReader>;
  static const Keys<PlannedReader> keys{
      K::name("name", KEY_AT(reader.name), "not a word of expressions; each reader its own"),
      K::text("interface", KEY_AT(reader.interface), "").otherwise("the first one"),
      K::duration("start", KEY_AT(reader.start_ns), 0, longest_ns, "when it opens its descriptor"),
      K::number("handle_ns", KEY_AT(reader.handle_ns), 0, highest_cost, "what a record costs this reader")
          .otherwise("of `[costs]`"),
      K::number("handle_byte_ps", KEY_AT(reader.handle_byte_ps), 0, highest_cost, "and a byte of it")
          .otherwise("of `[costs]`"),
      K::custom("script", "array of strings",
                "the process does these steps and nothing else; the keys below do not go with it",
                read_script),
  };
  return keys;
}

const Keys<PlannedReader>& reader_option_keys() {
  using K = KeyOf<PlannedReader>;
  static const Keys<PlannedReader> keys{
      K::choice("mode", KEY_AT(reader.options.mode),
                {{"zbuf", BufferMode::zbuf}, {"read", BufferMode::buffer}},
                "zero-copy; read(2). Or `both`: a run named `zbuf` and a further one named `read`"),
      K::size("buffer", KEY_AT(reader.options.buffer_bytes), 32, 2 * 1024 * 1024,
              "of each of the two; zero-copy takes whole pages, read(2) at most net.bpf.maxbufsize"),
      K::text("filter", KEY_AT(filter), "an expression of pcap-filter(7)").otherwise("every packet"),
      K::size("snaplen", KEY_AT(snaplen), 1, 262144, "bytes kept of a packet"),
      K::flag("immediate", KEY_AT(reader.options.immediate), "BIOCIMMEDIATE: every packet wakes the reader"),
      K::choice("wait", KEY_AT(reader.options.waiting),
                {{"sleep", Waiting::sleep}, {"poll", Waiting::poll}, {"spin", Waiting::spin}},
                "in select(2); asking poll(2) again and again; looking at the headers without a call "
                "(zero-copy only)"),
      K::duration("timeout", KEY_AT(reader.options.timeout_ns), 0, longest_ns,
                  "then it takes what is there: zero-copy with BIOCROTZBUF, read(2) by BIOCSRTIMEOUT. 0: "
                  "never"),
      K::duration("kernel_timeout", KEY_AT(reader.options.kernel_timeout_ns), 0, longest_ns,
                  "BIOCSRTIMEOUT, also for a zero-copy reader"),
      K::choice("returns", KEY_AT(reader.acknowledges_out_of_order),
                {{"in_order", false}, {"younger_first", true}}, "the mistake of lesson 6"),
  };
  return keys;
}

// ---- [[fault]] ----

const Keys<FaultHead>& fault_keys() {
  using K = KeyOf<FaultHead>;
  using Kind = SimFault::Kind;
  static const Keys<FaultHead> keys{
      K::label("name", "for paths of `[[compare]]`"),
      K::duration("at", KEY_AT(at_ns), 0, longest_ns, "when it happens; either this or `when`"),
      K::expression("when", KEY_AT(when), "right after the first event for which it is true")
          .otherwise("none"),
      K::choice("do", KEY_AT(kind),
                {{"stall", Kind::stall},
                 {"kill", Kind::kill},
                 {"flush", Kind::flush},
                 {"set_filter", Kind::set_filter},
                 {"set_zbuf_again", Kind::set_zbuf_again},
                 {"scribble", Kind::scribble},
                 {"interface_down", Kind::interface_down},
                 {"interface_up", Kind::interface_up},
                 {"interface_gone", Kind::interface_gone},
                 {"sysctl", Kind::sysctl}},
                "what happens")
          .required("what happens, such as \"stall\""),
  };
  return keys;
}

const Keys<PlannedFault>& fault_target_keys() {
  using K = KeyOf<PlannedFault>;
  static const Keys<PlannedFault> keys{
      K::text("target", KEY_AT(target), "the reader or interface").otherwise("the first one"),
  };
  return keys;
}

const Keys<PlannedFault>& stall_keys() {
  using K = KeyOf<PlannedFault>;
  static const Keys<PlannedFault> keys{
      K::duration("duration", KEY_AT(fault.duration_ns), 0, longest_ns, "0: for ever"),
  };
  return keys;
}

const Keys<PlannedFault>& scribble_keys() {
  using K = KeyOf<PlannedFault>;
  constexpr const char* expected = "which field of which header becomes what";
  static const Keys<PlannedFault> keys{
      K::choice("buffer", KEY_AT(fault.buffer), {{"a", ZB_A}, {"b", ZB_B}}, "whose header")
          .required(expected),
      K::choice("word", KEY_AT(fault.word), {{"kernel_gen", 0}, {"kernel_len", 1}, {"user_gen", 2}},
                "which of its fields")
          .required(expected),
      K::number("value", KEY_AT(fault.value), 0, UINT32_MAX, "what it becomes").required(expected),
  };
  return keys;
}

const Keys<PlannedFault>& sysctl_keys() {
  using K = KeyOf<PlannedFault>;
  static const Keys<PlannedFault> keys{
      K::custom("sysctl", key_detail::listed(EmulatedKernel::sysctl_names()), "which one is set",
                read_sysctl_name)
          .required("a name such as \"net.bpf.zerocopy_enable\""),
      K::number("value", KEY_AT(fault.value), 0, INT64_MAX, "what it becomes").required("an integer"),
  };
  return keys;
}

// ---- What is to be seen, and what is compared ----

const Keys<PlannedChapter>& chapter_keys() {
  using K = KeyOf<PlannedChapter>;
  static const Keys<PlannedChapter> keys{
      K::expression("when", KEY_AT(when),
                    "the chapter begins right after the first event for which it is true")
          .required("an expression such as \"published\""),
      K::text("text", KEY_AT(text), "its caption").required("a string"),
  };
  return keys;
}

const Keys<PlannedCheck>& check_keys() {
  using K = KeyOf<PlannedCheck>;
  static const Keys<PlannedCheck> keys{
      K::expression("expr", KEY_AT(expression), "must be true when all runs are over")
          .required("an expression such as \"drops == 0\""),
      K::text("text", KEY_AT(text), "what it shows"),
  };
  return keys;
}

const Keys<PlannedCompare>& compare_keys() {
  using K = KeyOf<PlannedCompare>;
  static const Keys<PlannedCompare> keys{
      K::label("name", "of the run; unique").required("a string"),
      K::custom("set", "table", "paths and values, such as `{ \"reader.slow.buffer\" = \"4 KiB\" }`",
                [](TableReader& reader, PlannedCompare&) { (void)reader.table("set"); })
          .required("a table of paths and values, such as { \"reader.mode\" = \"read\" }"),
      K::custom("breaks", in_order_of_invariants, "as above, for this run. It is not inherited",
                [](TableReader& reader, PlannedCompare& compare) { read_breaks(reader, compare.breaks); }),
  };
  return keys;
}

const Keys<BaseName>& base_keys() {
  using K = KeyOf<BaseName>;
  static const Keys<BaseName> keys{
      K::text("name", KEY_AT(name), "of the run that the file describes")
          .otherwise("`zbuf` or `read`, by the mode of its first reader"),
  };
  return keys;
}

// ---- All of them, in words ----

namespace {

template <typename... Section>
std::vector<KeyInfo> words_of(const Keys<Section>&... keys) {
  std::vector<KeyInfo> all;
  (all.insert(all.end(), keys.begin(), keys.end()), ...);
  return all;
}

} // namespace

const std::vector<KeyGroup>& key_groups() {
  static const std::vector<KeyGroup> groups{
      {"", "The scenario", "", words_of(scenario_keys(), run_keys())},
      {"kernel", "[kernel]", "", words_of(kernel_keys())},
      {"costs", "[costs]", "", words_of(cost_keys())},
      {"interface", "[[interface]]", "", words_of(interface_keys())},
      {"traffic", "[[traffic]]", "", words_of(traffic_keys())},
      {"traffic", "[[traffic]]", "made up: kind `synthetic` or `pattern`", words_of(synthetic_keys())},
      {"traffic.sizes", "[[traffic]]", "`sizes`, a range", words_of(size_range_keys())},
      {"traffic.sizes", "[[traffic]]", "`sizes`, each of an array", words_of(listed_size_keys())},
      {"traffic", "[[traffic]]", "kind `capture`", words_of(capture_keys())},
      {"reader", "[[reader]]", "", words_of(reader_keys())},
      {"reader", "[[reader]]", "without a `script`", words_of(reader_option_keys())},
      {"fault", "[[fault]]", "", words_of(fault_keys())},
      {"fault", "[[fault]]", "all but `sysctl`", words_of(fault_target_keys())},
      {"fault", "[[fault]]", "`stall`", words_of(stall_keys())},
      {"fault", "[[fault]]", "`scribble`", words_of(scribble_keys())},
      {"fault", "[[fault]]", "`sysctl`", words_of(sysctl_keys())},
      {"chapter", "[[chapter]]", "", words_of(chapter_keys())},
      {"check", "[[check]]", "", words_of(check_keys())},
      {"base", "[base]", "", words_of(base_keys())},
      {"compare", "[[compare]]", "", words_of(compare_keys())},
  };
  return groups;
}

} // namespace zbuf
