// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/bpf_stats.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#if defined(__FreeBSD__)
#include <sys/types.h>

#include <sys/sysctl.h>
#include <sys/user.h>
#endif

namespace zbuf {

namespace {

std::string command_of(std::int32_t pid) {
#if defined(__FreeBSD__)
  kinfo_proc process{};
  std::size_t size = sizeof(process);
  const int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, pid};
  if (::sysctl(name, 4, &process, &size, nullptr, 0) != 0 || size != sizeof(process))
    return {};
  return process.ki_comm;
#else
  std::string command;
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::getline(file, command);
  return command;
#endif
}

} // namespace

std::string flags_of(const zb_xbpf_d& bpf) {
  std::string flags(7, '-');
  flags[0] = bpf.promisc != 0 ? 'p' : '-';
  flags[1] = bpf.immediate != 0 ? 'i' : '-';
  flags[2] = bpf.hdrcmplt != 0 ? '-' : 'f';
  flags[3] = bpf.direction == ZB_D_IN ? '-' : bpf.direction == ZB_D_OUT ? 'o' : 's';
  flags[4] = bpf.feedback != 0 ? 'b' : '-';
  flags[5] = bpf.async != 0 ? 'a' : '-';
  flags[6] = bpf.locked != 0 ? 'l' : '-';
  return flags;
}

Result<std::vector<SystemDescriptor>> parse_proc_net_bpf(std::string_view text) {
  std::vector<SystemDescriptor> all;
  std::istringstream lines{std::string(text)};
  std::string line;
  std::getline(lines, line); // names of the columns
  for (std::uint32_t number = 2; std::getline(lines, line); ++number) {
    std::istringstream words(line);
    SystemDescriptor found;
    zb_xbpf_d& x = found.bpf;
    std::uint32_t descriptor = 0;
    std::string interface, flags;
    if (!(words >> descriptor >> x.pid >> interface >> flags >> x.rcount >> x.dcount >> x.fcount >> x.slen >>
          x.hlen >> x.bufsize >> x.wcount >> x.wfcount >> x.wdcount >> x.zcopy >> x.bufmode) ||
        flags.size() != 7)
      return fail(
          Error{Error::Code::bad_input,
                fmt::format("\"{}\": expected a descriptor, as this project's module describes it", line),
                "/proc/net/bpf", number});
    x.structsize = sizeof(x);
    if (interface != "-")
      interface.copy(x.ifname, sizeof(x.ifname) - 1);
    const auto has = [&](char flag) { return flags.find(flag) != std::string::npos; };
    x.promisc = has('p');
    x.immediate = has('i');
    x.hdrcmplt = !has('f');
    x.direction = static_cast<std::int32_t>(has('s') ? ZB_D_INOUT : has('o') ? ZB_D_OUT : ZB_D_IN);
    x.feedback = has('b');
    x.async = has('a');
    x.locked = has('l');
    found.command = command_of(x.pid);
    all.push_back(std::move(found));
  }
  return all;
}

#if defined(__FreeBSD__)

Result<std::vector<SystemDescriptor>> system_descriptors() {
  std::vector<zb_xbpf_d> list;
  std::size_t size = 0;
  for (int attempt = 0; attempt < 10; ++attempt) { // descriptors may come between the two calls
    if (::sysctlbyname("net.bpf.stats", nullptr, &size, nullptr, 0) != 0)
      return fail(Error::Code::io, fmt::format("net.bpf.stats: {}. Run it as root", std::strerror(errno)));
    list.resize(size / sizeof(zb_xbpf_d) + 8);
    size = list.size() * sizeof(zb_xbpf_d);
    if (::sysctlbyname("net.bpf.stats", list.data(), &size, nullptr, 0) == 0)
      break;
    if (errno != ENOMEM)
      return fail(Error::Code::io, fmt::format("net.bpf.stats: {}. Run it as root", std::strerror(errno)));
    size = 0;
  }
  list.resize(size / sizeof(zb_xbpf_d));
  std::vector<SystemDescriptor> all;
  for (const zb_xbpf_d& one : list)
    all.push_back({one, command_of(one.pid)});
  return all;
}

#else

Result<std::vector<SystemDescriptor>> system_descriptors() {
  std::ifstream file("/proc/net/bpf");
  if (!file)
    return errno == ENOENT
               ? fail(Error::Code::unsupported, "this kernel has no bpf(4): FreeBSD has, and Linux with this "
                                                "project's module")
               : fail(Error::Code::io,
                      fmt::format("/proc/net/bpf: {}. Run it as root", std::strerror(errno)));
  std::ostringstream text;
  text << file.rdbuf();
  return parse_proc_net_bpf(text.str());
}

#endif

} // namespace zbuf
