// SPDX-License-Identifier: BSD-2-Clause
#include "core/bench/machine.h"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#elif defined(__FreeBSD__)
#include <pthread_np.h>
#include <sys/cpuset.h>
#include <sys/param.h>
#include <sys/sysctl.h>
#include <sys/types.h>
#endif

namespace zbuf {

namespace {

#if defined(__linux__) || defined(__FreeBSD__)

#if defined(__linux__)
using CoreSet = cpu_set_t;
#else
using CoreSet = cpuset_t;
#endif

/// Those that this process may use, as it began.
const std::vector<int>& cores() {
  static const std::vector<int> all = [] {
    std::vector<int> found;
    CoreSet set;
    CPU_ZERO(&set);
    if (pthread_getaffinity_np(pthread_self(), sizeof(set), &set) == 0)
      for (int core = 0; core < CPU_SETSIZE; ++core)
        if (CPU_ISSET(core, &set))
          found.push_back(core);
    return found;
  }();
  return all;
}

#endif

std::string processor_name() {
#if defined(__linux__)
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name") && line.find(": ") != std::string::npos)
      return line.substr(line.find(": ") + 2);
#elif defined(__FreeBSD__)
  char model[256] = {};
  std::size_t size = sizeof(model) - 1;
  if (sysctlbyname("hw.model", model, &size, nullptr, 0) == 0)
    return model;
#endif
  return {};
}

std::uint64_t nanoseconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(time.tv_nsec);
}

} // namespace

Machine this_machine() {
  Machine machine;
  utsname name{};
  if (uname(&name) == 0)
    machine.system = fmt::format("{} {} {}", name.sysname, name.release, name.machine);
  machine.processor = processor_name();
#if defined(__linux__) || defined(__FreeBSD__)
  machine.cores = std::max(1u, static_cast<unsigned>(cores().size()));
#else
  machine.cores = std::max(1u, std::thread::hardware_concurrency());
#endif
  return machine;
}

void stay_on_core([[maybe_unused]] unsigned n) {
#if defined(__linux__) || defined(__FreeBSD__)
  if (cores().empty())
    return;
  CoreSet set;
  CPU_ZERO(&set);
  CPU_SET(cores()[n % cores().size()], &set);
  (void)pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
#endif
}

std::uint64_t monotonic_ns() {
  return nanoseconds(CLOCK_MONOTONIC);
}

ThreadTime::ThreadTime() {
  if (pthread_getcpuclockid(pthread_self(), &clock_) != 0)
    clock_ = CLOCK_THREAD_CPUTIME_ID;
}

std::uint64_t ThreadTime::used_ns() const {
  return nanoseconds(clock_);
}

std::uint64_t times_pushed_out() {
  rusage usage{};
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? static_cast<std::uint64_t>(usage.ru_nivcsw) : 0;
}

} // namespace zbuf
