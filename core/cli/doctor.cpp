// SPDX-License-Identifier: BSD-2-Clause
// zbuf doctor: what this machine offers, and the command that mends what it does not.
#include "core/cli/commands.h"
#include "core/cli/window_program.h"

#include "core/device/native.h"
#include "core/device/requests.h"
#include "core/scenario/text_style.h"
#include "core/scenario/units.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <net/if.h>
#include <nlohmann/json.hpp>
#include <pcap/pcap.h>
#include <string>
#include <unistd.h>
#include <vector>

#if defined(__linux__)
#include <linux/capability.h>
#include <sys/syscall.h>
#elif defined(__FreeBSD__)
#include <sys/types.h>

#include <sys/sysctl.h>
#endif

namespace zbuf {

namespace {

struct Finding {
  enum class Health { good, missing, neutral };
  std::string name;
  Health health = Health::neutral;
  std::string text;
  std::string mend{}; ///< a command; empty: nothing to be done
};
using Health = Finding::Health;

// ---- What the system says ----

/// A sysctl of bpf, by its FreeBSD name. Nothing: the system has none of that name.
std::optional<std::int64_t> bpf_sysctl(const std::string& name) {
#if defined(__FreeBSD__)
  int value = 0;
  std::size_t size = sizeof(value);
  if (::sysctlbyname(("net.bpf." + name).c_str(), &value, &size, nullptr, 0) != 0)
    return std::nullopt;
  return value;
#else
  std::ifstream file("/proc/sys/net/bpf/" + name);
  std::int64_t value = 0;
  return file >> value ? std::optional(value) : std::nullopt;
#endif
}

// ---- What is looked at ----

Finding look_at_permission() {
#if defined(__linux__)
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  const bool asked = ::syscall(SYS_capget, &header, data) == 0;
  if (asked && (data[0].effective & (1u << CAP_NET_RAW)) != 0)
    return {"permission", Health::good, "this process may capture (CAP_NET_RAW)"};
  return {"permission", Health::missing,
          "this process may not capture; zbuf run and zbuf exec need no permission",
          "sudo setcap cap_net_raw+ep " + program_path()};
#else
  if (::access("/dev/bpf", R_OK | W_OK) == 0)
    return {"permission", Health::good, "this process may open /dev/bpf"};
  return {"permission", Health::missing,
          fmt::format("this process may not open /dev/bpf: {}", std::strerror(errno)),
          "run it as root, or give a group \"perm bpf 0660\" in /etc/devfs.conf"};
#endif
}

Finding look_at_libpcap() {
  const std::string version = pcap_lib_version();
#if defined(__FreeBSD__)
  if (version.find("zerocopy") != std::string::npos)
    return {"libpcap", Health::good, version};
  // Nothing of ours needs it: that is no reason to end with 1.
  return {"libpcap", Health::neutral,
          version +
              ": built without its zero-copy client, as 1.9.0 to 1.10.5 silently were: tcpdump captures with "
              "read(2) whatever the kernel offers. zbuf has a client of its own",
          "pkg install libpcap (1.10.6 or later)"};
#else
  return {"libpcap", Health::good, version};
#endif
}

Finding look_at_interfaces() {
  std::string names;
  struct if_nameindex* const all = ::if_nameindex();
  for (const struct if_nameindex* entry = all; entry != nullptr && entry->if_index != 0; ++entry)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", entry->if_name);
  ::if_freenameindex(all);
  return {"interfaces", Health::neutral, names.empty() ? "none" : names};
}

#if defined(__linux__)
constexpr const char* load_command = "./lab --module";
#endif

/// /dev/bpf, and what can be asked of it.
void look_at_device(std::vector<Finding>& findings) {
  auto device = open_native();
  if (!device) {
#if defined(__linux__)
    const bool absent = device.error().code == Error::Code::not_found;
    findings.push_back(
        {"/dev/bpf", absent ? Health::neutral : Health::missing,
         absent ? "none: zbuf attach uses the tap and the emulated kernel. With this project's module "
                  "there is one"
                : device.error().message,
         absent ? load_command : "sudo zbuf doctor"});
#else
    findings.push_back({"/dev/bpf", Health::missing, device.error().message, "run it as root"});
#endif
    return;
  }
  findings.push_back({"/dev/bpf", Health::good, "opens"});
  if (auto set = set_buffer_mode(**device, BufferMode::zbuf); !set) {
    findings.push_back(
        {"zero-copy", Health::missing, set.error().message, "sysctl net.bpf.zerocopy_enable=1"});
    return;
  }
  const auto most = max_zbuf_length(**device);
  findings.push_back(
      {"zero-copy", Health::good,
       most ? fmt::format("buffers of up to {} (BIOCGETZMAX)", show_size(*most)) : most.error().message});
}

void look_at_sysctls(std::vector<Finding>& findings) {
  if (const auto enabled = bpf_sysctl("zerocopy_enable"))
    findings.push_back({"net.bpf.zerocopy_enable", *enabled != 0 ? Health::good : Health::missing,
                        *enabled != 0 ? "1" : "0: descriptors refuse zero-copy",
                        *enabled != 0 ? "" : "sysctl net.bpf.zerocopy_enable=1"});
  // Only ours have it: the drop-in on FreeBSD, and the module.
  for (const char* const name : {"zerocopy_strict", "strict"})
    if (const auto strict = bpf_sysctl(name))
      findings.push_back({fmt::format("net.bpf.{}", name), Health::neutral,
                          *strict != 0
                              ? "1: this project's engine, with the faults of FreeBSD's (revision freebsd)"
                              : "0: this project's engine, mended (revision zbuf)"});
  if (const auto most = bpf_sysctl("maxbufsize"))
    findings.push_back(
        {"net.bpf.maxbufsize", Health::neutral,
         fmt::format("{}: the largest buffer of read(2)", show_size(static_cast<std::uint64_t>(*most)))});
#if defined(__FreeBSD__)
  clockinfo clock{};
  std::size_t size = sizeof(clock);
  const std::int64_t hz = ::sysctlbyname("kern.clockrate", &clock, &size, nullptr, 0) == 0 ? clock.hz : 0;
#else
  const std::int64_t hz = bpf_sysctl("hz").value_or(0);
#endif
  if (hz != 0)
    findings.push_back(
        {"hz", hz >= 1000 ? Health::good : Health::neutral,
         fmt::format("{}: read time-outs are multiples of {} ms; a shorter one means no time-out on "
                     "FreeBSD",
                     hz, 1000 / hz),
         hz >= 1000 ? "" : "kern.hz=1000 in /boot/loader.conf"});
}

#if defined(__FreeBSD__)
Finding look_at_dtrace() {
  if (::access("/dev/dtrace/dtrace", R_OK | W_OK) == 0)
    return {"dtrace", Health::good, "may be used"};
  return errno == EACCES ? Finding{"dtrace", Health::neutral, "there, for root"}
                         : Finding{"dtrace", Health::neutral, "not loaded", "kldload dtraceall"};
}
#endif

std::vector<Finding> look() {
  std::vector<Finding> findings{look_at_permission(), look_at_libpcap()};
  look_at_device(findings);
  look_at_sysctls(findings);
#if defined(__FreeBSD__)
  findings.push_back(look_at_dtrace());
#endif
  findings.push_back(look_at_interfaces());
  return findings;
}

// ---- How it is told ----

const char* health_name(Health health) {
  return health == Health::good ? "good" : health == Health::missing ? "missing" : "neutral";
}

void show(const std::vector<Finding>& findings, const TextStyle& style) {
  for (const Finding& finding : findings) {
    const bool good = finding.health == Health::good;
    const char* const mark = finding.health == Health::neutral ? (style.unicode ? "·" : "-")
                             : good                            ? (style.unicode ? "✓" : "+")
                                                               : (style.unicode ? "✗" : "x");
    const Ink ink = finding.health == Health::neutral ? Ink::faint : good ? Ink::good : Ink::bad;
    constexpr std::size_t indent = 26;
    const auto lines = wrap(finding.text, std::max<std::size_t>(style.width, 60) - indent);
    fmt::print("{} {}{}\n", paint(style, ink, mark), pad_right(finding.name, indent - 2),
               lines.empty() ? "" : lines.front());
    for (std::size_t i = 1; i < lines.size(); ++i)
      fmt::print("{}{}\n", std::string(indent, ' '), lines[i]);
    if (!finding.mend.empty())
      fmt::print("{}{}\n", std::string(indent, ' '), paint(style, Ink::strong, finding.mend));
  }
}

std::string as_json(const std::vector<Finding>& findings) {
  nlohmann::json all = nlohmann::json::array();
  for (const Finding& finding : findings)
    all.push_back({{"name", finding.name},
                   {"health", health_name(finding.health)},
                   {"text", finding.text},
                   {"mend", finding.mend}});
  return nlohmann::json{{"findings", all}}.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
         '\n';
}

} // namespace

void add_doctor(CLI::App& app, CommandContext& context) {
  auto json = std::make_shared<bool>(false);
  CLI::App* doctor =
      app.add_subcommand("doctor", "Say what this machine offers, and how to mend what is missing");
  doctor->add_flag("--json", *json, "As JSON");
  doctor->footer(
      "Examples:\n"
      "  zbuf doctor\n"
      "  sudo zbuf doctor --json | jq -r '.findings[] | select(.health == \"missing\") | .mend'\n\n"
      "Exit status: 0 nothing is missing for live captures, 1 something is.");
  doctor->callback([json, &context] {
    const std::vector<Finding> findings = look();
    if (*json)
      fmt::print("{}", as_json(findings));
    else
      show(findings, style_of(1, context.colour));
    for (const Finding& finding : findings)
      if (finding.health == Health::missing)
        context.status = status_failed;
  });
}

} // namespace zbuf
