// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/plan.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>

namespace zbuf::exec {

namespace {

tl::unexpected<Errors> failed(Error error) {
  return tl::make_unexpected(Errors{std::move(error)});
}

tl::unexpected<Errors> wrong(std::string message) {
  return failed(Error{Error::Code::bad_input, std::move(message)});
}

// ---- --traffic ----

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos)
    return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

/// At the commas that are in no brackets and no quotes.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> pieces;
  std::size_t from = 0;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (quote != 0) {
      quote = c == quote ? '\0' : quote;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && (depth <= 0 || i == text.size())) {
      pieces.push_back(trimmed(text.substr(from, i - from)));
      from = i + 1;
    }
  }
  if (quote != 0)
    pieces.push_back(trimmed(text.substr(from)));
  std::erase_if(pieces, [](std::string_view piece) { return piece.empty(); });
  return pieces;
}

/// A word that is neither a number nor TOML's own gets its quotes: rate=200kpps, sizes=imix.
std::string quoted(std::string_view value) {
  const bool plain = value.find_first_not_of("0123456789._+-eE") == std::string_view::npos;
  const bool toml = !value.empty() && std::string_view("\"'[{").find(value.front()) != std::string_view::npos;
  if (plain || toml || value == "true" || value == "false")
    return std::string(value);
  return fmt::format("\"{}\"", value);
}

tl::expected<std::string, Errors> traffic_keys(const std::string& spec) {
  std::string keys;
  for (const std::string_view piece : split(spec)) {
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos)
      return wrong(
          fmt::format("--traffic: \"{}\"; expected KEY=VALUE with commas between, as rate=200kpps,sizes=imix "
                      "(scenarios/README.md, [[traffic]])",
                      piece));
    keys +=
        fmt::format(", {} = {}", trimmed(piece.substr(0, equals)), quoted(trimmed(piece.substr(equals + 1))));
  }
  return keys;
}

std::string as_toml(const std::string& path) {
  std::string text = "\"";
  for (const char c : path) {
    if (c == '"' || c == '\\')
      text += '\\';
    text += c;
  }
  return text + '"';
}

tl::expected<Scenario, Errors> scenario_of(const PlanOptions& options, const Overrides& overrides) {
  if (!options.scenario.empty())
    return load_scenario(options.scenario, overrides);
  const auto keys = traffic_keys(options.traffic);
  if (!keys)
    return tl::make_unexpected(keys.error());
  std::error_code error;
  const std::string path = std::filesystem::absolute(options.capture, error).string();
  const std::string first = options.capture.empty()
                                ? "interface = \"em0\""
                                : fmt::format("kind = \"capture\", file = {}", as_toml(path));
  // The program is the reader, and says when it is over: what stands here is never run.
  const std::string toml =
      fmt::format("title = \"zbuf exec\"\nduration = \"3600 s\"\ntraffic = [{{ {}{} }}]\n"
                  "reader = [{{}}]\n",
                  first, *keys);
  auto scenario = parse_scenario(toml, "--traffic", ".", overrides);
  if (!scenario)
    for (Error& one : scenario.error())
      one.line = one.column = 0; // of a text that nobody wrote
  return scenario;
}

// ---- The kernel ----

Result<std::pair<std::string, std::uint64_t>> parse_sysctl(const std::string& setting) {
  const std::size_t equals = setting.find('=');
  const std::string value = equals == std::string::npos ? "" : setting.substr(equals + 1);
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  if (value.empty() || parsed.ec != std::errc{} || parsed.ptr != value.data() + value.size())
    return fail(Error::Code::bad_input,
                fmt::format("--sysctl {}: expected NAME=NUMBER, as net.bpf.bufsize=8192", setting));
  return std::pair(setting.substr(0, equals), number);
}

tl::expected<Plan, Errors> plan_of_tap(const PlanOptions& options) {
  constexpr std::size_t ring_bytes = std::size_t{16} << 20;
  auto tap = open_tap(options.interface, ring_bytes);
  if (!tap)
    return failed(tap.error());
  Plan plan;
  InterfaceConfig interface;
  interface.name = options.interface.substr(0, ZB_IFNAMSIZ - 1);
  interface.link_type = (*tap)->link_type();
  plan.interfaces.push_back(interface);
  plan.tap = std::move(*tap);
  plan.description = fmt::format("{}, live", options.interface);
  plan.kernel.tunables.zerocopy_enable = true;
  plan.kernel.revision = zb_revision_find(options.revision.empty() ? "freebsd" : options.revision.c_str());
  return plan;
}

tl::expected<Plan, Errors> plan_of_scenario(const PlanOptions& options) {
  Overrides overrides;
  if (!options.revision.empty())
    overrides.revision = options.revision;
  auto scenario = scenario_of(options, overrides);
  if (!scenario)
    return tl::make_unexpected(scenario.error());
  auto config = make_config(*scenario, 0);
  if (!config)
    return tl::make_unexpected(config.error());
  Plan plan;
  plan.kernel = config->kernel;
  for (const SimInterface& interface : config->interfaces)
    plan.interfaces.push_back(interface.config);
  for (const SimTraffic& traffic : config->traffic) {
    const auto at = std::find_if(plan.interfaces.begin(), plan.interfaces.end(),
                                 [&](const InterfaceConfig& one) { return one.name == traffic.interface; });
    plan.streams.push_back(
        {static_cast<std::size_t>(at - plan.interfaces.begin()),
         [make = traffic.make_source, seed = config->seed + plan.streams.size()] { return make(seed); }});
  }
  for (const std::string& line : traffic_lines(scenario->runs.front()))
    plan.description += (plan.description.empty() ? "" : "; ") + line;
  return plan;
}

} // namespace

tl::expected<Plan, Errors> make_plan(const PlanOptions& options) {
  const int sources = !options.interface.empty() + !options.scenario.empty() +
                      (!options.capture.empty() || !options.traffic.empty());
  if (sources > 1)
    return wrong("--iface, --scenario, and --pcap or --traffic: only one of them says what arrives");
  auto plan = options.interface.empty() ? plan_of_scenario(options) : plan_of_tap(options);
  if (!plan)
    return plan;
  for (const std::string& setting : options.sysctls) {
    auto parsed = parse_sysctl(setting);
    if (!parsed)
      return failed(parsed.error());
    plan->sysctls.push_back(std::move(*parsed));
  }
  return plan;
}

} // namespace zbuf::exec
