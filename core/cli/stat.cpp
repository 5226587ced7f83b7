// SPDX-License-Identifier: BSD-2-Clause
// zbuf stat: the bpf descriptors that there are, as netstat -B prints them, and whose buffers are whose.
#include "core/cli/commands.h"

#include "core/cli/interrupt.h"
#include "core/live/bpf_stats.h"
#include "core/scenario/text_style.h"

#if defined(ZBUF_HAS_EXEC)
#include "core/exec/descriptor_status.h"
#endif

#include <atomic>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

namespace zbuf {

namespace {

using namespace std::chrono_literals;

struct StatArguments {
  bool json = false;
  double watch_s = 0;
};

/// One line of the table.
struct Row {
  std::string kernel; ///< "system", or "exec" and its process
  zb_xbpf_d bpf{};
  std::string command;
  bool knows_owner = false;
  bool user_owns[2] = {false, false};

  [[nodiscard]] bool zero_copy() const { return bpf.bufmode == ZB_BUFMODE_ZBUF; }
  [[nodiscard]] std::string owner() const {
    if (!zero_copy() || !knows_owner)
      return zero_copy() ? "?" : "-";
    return fmt::format("A {}, B {}", user_owns[0] ? "user" : "kernel", user_owns[1] ? "user" : "kernel");
  }
  [[nodiscard]] std::string interface() const {
    const std::string name(bpf.ifname, strnlen(bpf.ifname, sizeof(bpf.ifname)));
    return name.empty() ? "-" : name;
  }
};

struct Rows {
  std::vector<Row> all;
  std::optional<Error> system; ///< why its descriptors are not among them
};

Rows collect() {
  Rows rows;
  if (const auto found = system_descriptors()) {
    for (const SystemDescriptor& one : *found)
      rows.all.push_back({"system", one.bpf, one.command});
  } else {
    rows.system = found.error();
  }
#if defined(ZBUF_HAS_EXEC)
  for (const exec::Running& running : exec::running())
    for (const exec::DescriptorStatus& one : running.descriptors) {
      Row row{fmt::format("exec {}", running.pid), one.bpf,
              std::string(one.command, strnlen(one.command, sizeof(one.command))), true};
      for (int buffer = 0; buffer < 2; ++buffer)
        row.user_owns[buffer] = one.kernel_gen[buffer] != one.user_gen[buffer];
      rows.all.push_back(row);
    }
#endif
  return rows;
}

std::string as_table(const std::vector<Row>& rows) {
  std::string text = fmt::format(
      "{:>7} {:>8} {:>7} {:>10} {:>10} {:>10} {:>7} {:>7} {:<9} {:>10} {:<18} {:<12} {}\n", "Pid", "Netif",
      "Flags", "Recv", "Drop", "Match", "Sblen", "Hblen", "Mode", "Zcopy", "Owner", "Kernel", "Command");
  for (const Row& row : rows) {
    const zb_xbpf_d& x = row.bpf;
    text +=
        fmt::format("{:>7} {:>8} {:>7} {:>10} {:>10} {:>10} {:>7} {:>7} {:<9} {:>10} {:<18} {:<12} {}\n",
                    x.pid, row.interface(), flags_of(x), x.rcount, x.dcount, x.fcount, x.slen, x.hlen,
                    row.zero_copy() ? "zero-copy" : "read(2)", x.zcopy, row.owner(), row.kernel, row.command);
  }
  return text;
}

std::string as_json(const std::vector<Row>& rows) {
  using nlohmann::json;
  json all = json::array();
  for (const Row& row : rows) {
    const zb_xbpf_d& x = row.bpf;
    json one{{"kernel", row.kernel},
             {"pid", x.pid},
             {"interface", row.interface()},
             {"flags", flags_of(x)},
             {"received", x.rcount},
             {"dropped", x.dcount},
             {"matched", x.fcount},
             {"store_bytes", x.slen},
             {"hold_bytes", x.hlen},
             {"buffer_bytes", x.bufsize},
             {"mode", row.zero_copy() ? "zero-copy" : "read(2)"},
             {"zero_copies", x.zcopy},
             {"written", x.wcount},
             {"command", row.command}};
    if (row.zero_copy() && row.knows_owner)
      one["user_owns"] = json::object({{"A", row.user_owns[0]}, {"B", row.user_owns[1]}});
    all.push_back(one);
  }
  return json{{"descriptors", all}}.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

int show(const StatArguments& arguments) {
  const Rows rows = collect();
  fmt::print("{}", arguments.json ? as_json(rows.all) : as_table(rows.all));
  if (rows.system && rows.system->code != Error::Code::unsupported)
    tell(*rows.system);
  else if (rows.all.empty() && !arguments.json)
    fmt::print("No descriptor is open{}.\n",
               rows.system ? ": no program runs under zbuf exec, and " + rows.system->message : "");
  std::fflush(stdout);
  return rows.system && rows.system->code != Error::Code::unsupported ? status_bad_input : status_good;
}

int watch(const StatArguments& arguments) {
  std::atomic<bool> stopped = false;
  const InterruptScope interruptible([&] { stopped = true; });
  const bool terminal = is_terminal(1) && !arguments.json;
  for (int status = status_good; !stopped;) {
    if (terminal)
      fmt::print("\x1b[H\x1b[2J");
    status = show(arguments);
    if (status != status_good || std::ferror(stdout) != 0)
      return status;
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(arguments.watch_s);
    while (!stopped && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(
          std::min<std::chrono::duration<double>>(50ms, until - std::chrono::steady_clock::now()));
  }
  return status_interrupted;
}

} // namespace

void add_stat(CLI::App& app, CommandContext& context) {
  auto arguments = std::make_shared<StatArguments>();
  CLI::App* stat = app.add_subcommand("stat", "Show the bpf descriptors that are open");
  stat->add_flag("--json", arguments->json, "As JSON; with --watch a line each time");
  stat->add_option("--watch", arguments->watch_s, "Again and again, every so many seconds (default: 1)")
      ->expected(0, 1)
      ->default_str("1")
      ->check(CLI::Range(0.05, 3600.0).description(""))
      ->type_name("SECONDS");
  stat->footer(
      "What netstat -B prints, and the mode, copies into lent buffers, and who owns the two: of programs "
      "under\n"
      "zbuf exec, and of the machine itself, if that is FreeBSD or has the Linux module.\n"
      "Flags: p promiscuous, i immediate, f the kernel fills in the source address of what is written,\n"
      "s both directions or o outgoing only, b feedback, a signals, l locked.\n\n"
      "Examples:\n"
      "  zbuf stat\n"
      "  zbuf stat --watch 0.5\n"
      "  zbuf stat --json | jq '.descriptors[] | select(.dropped > 0)'\n\n"
      "Exit status: 0 good, 2 the system does not tell, 130 --watch was stopped.");
  stat->callback([arguments, &context] {
    context.status = arguments->watch_s > 0 ? watch(*arguments) : show(*arguments);
  });
}

} // namespace zbuf
