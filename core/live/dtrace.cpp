// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/dtrace.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace zbuf {

namespace {

constexpr int patience_ms = 15'000; // dtrace compiles the program, and then patches the kernel

/// A number, in base 10 or 16; nothing else may stand there.
std::optional<std::uint64_t> number_of(std::string_view word, int base) {
  if (base == 16 && word.substr(0, 2) == "0x")
    word.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number, base);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size())
    return std::nullopt;
  return number;
}

/// The next word, taken off.
std::string_view word_of(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

Event event(std::uint64_t time_ns, zb_event_kind kind, std::uint16_t descriptor, std::uint32_t a = 0) {
  return {time_ns, ZB_NO_PACKET, a, 0, 0, 0, descriptor, static_cast<std::uint8_t>(kind), ZB_NO_BUFFER};
}

} // namespace

std::string dtrace_program(int process) {
  // walltimestamp has the resolution of a tick, so it is used once. The ticks at the end have dtrace notice
  // that nobody reads any more.
  return fmt::format(R"(
dtrace:::BEGIN {{ printf("zbuf begin %d %d\n", timestamp, walltimestamp); }}
fbt::bpf_setif:entry /pid == {}/ {{ known[arg0] = 1; printf("zbuf %d attach %x\n", timestamp, arg0); }}
fbt::bpf_zerocopy_buffull:entry /known[arg0]/ {{ printf("zbuf %d full %x\n", timestamp, arg0); }}
fbt::bpf_bufheld:entry /known[arg0]/ {{ printf("zbuf %d held %x\n", timestamp, arg0); }}
fbt::bpf_buf_reclaimed:entry /known[arg0]/ {{ printf("zbuf %d reclaimed %x\n", timestamp, arg0); }}
fbt::bpf_timed_out:entry /known[arg0]/ {{ printf("zbuf %d timeout %x\n", timestamp, arg0); }}
fbt::bpfd_free:entry /known[arg0]/ {{ known[arg0] = 0; }}
tick-1s {{ printf("zbuf tick\n"); }}
)",
                     process);
}

// ---- Lines ----

void DtraceLines::take(std::string_view bytes, std::vector<Event>& into) {
  constexpr std::size_t longest_line = 4096;
  rest_ += bytes;
  std::size_t at = 0;
  for (std::size_t end = 0; (end = rest_.find('\n', at)) != std::string::npos; at = end + 1)
    take_line(std::string_view(rest_).substr(at, end - at), into);
  rest_.erase(0, at);
  if (rest_.size() > longest_line)
    rest_.clear();
}

void DtraceLines::take_line(std::string_view line, std::vector<Event>& into) {
  const std::string_view whole = line;
  const std::string_view first = word_of(line);
  const std::string_view second = word_of(line);
  if (first == "zbuf" && second == "tick")
    return;
  if (first == "zbuf" && second == "begin") {
    const auto time_ns = number_of(word_of(line), 10);
    const auto wall_ns = number_of(word_of(line), 10);
    if (time_ns && wall_ns) {
      shift_ns_ = *wall_ns - *time_ns;
      begun_ = true;
    }
    return;
  }
  if (first == "zbuf") {
    const auto time_ns = number_of(second, 10);
    const std::string_view what = word_of(line);
    const auto address = number_of(word_of(line), 16);
    if (begun_ && time_ns && address && take_step(*time_ns + shift_ns_, what, *address, into))
      return;
  }
  // "dtrace: 17 drops on CPU 0", also "dynamic variable drops".
  if (first == "dtrace:" && whole.find(" drop") != std::string_view::npos)
    if (const auto lost = number_of(second, 10)) {
      into.push_back(event(last_ns_, ZB_EV_LOST_EVENTS, ZB_NO_DESCRIPTOR, static_cast<std::uint32_t>(*lost)));
      return;
    }
  if (!whole.empty())
    complaint_ = whole;
}

/// False: not a step.
bool DtraceLines::take_step(std::uint64_t time_ns, std::string_view what, std::uint64_t address,
                            std::vector<Event>& into) {
  last_ns_ = time_ns;
  if (what == "attach") {
    const auto next = static_cast<std::uint16_t>(known_.size());
    known_.try_emplace(address, Known{next, false}); // a filter or a link type may attach it again
    return true;
  }
  const auto found = known_.find(address);
  if (found == known_.end())
    return what == "full" || what == "held" || what == "reclaimed" || what == "timeout";
  Known& known = found->second;
  if (what == "full") {
    into.push_back(event(time_ns, ZB_EV_DROPPED, known.number,
                         static_cast<std::uint32_t>(known.lent ? ZB_DROP_LENT : ZB_DROP_FULL)));
    known.lent = true; // the first drop has the store published (spec 2.8)
  } else if (what == "held" || what == "reclaimed") {
    known.lent = false;
  } else if (what == "timeout") {
    into.push_back(event(time_ns, ZB_EV_TIMED_OUT, known.number));
  } else {
    return false;
  }
  return true;
}

// ---- The program ----

Error no_dtrace_here() {
  return {Error::Code::unsupported,
          "--dtrace looks into FreeBSD's own kernel, with --via device. This project's Linux module (--via "
          "module) "
          "and the emulated kernel (--via tap) tell every step by themselves: leave --dtrace out"};
}

Result<Dtrace> Dtrace::start() {
#if defined(__FreeBSD__)
  return start({"/usr/sbin/dtrace", "-q", "-x", "switchrate=20hz", "-x", "bufsize=4m", "-n",
                dtrace_program(static_cast<int>(::getpid()))});
#else
  return fail(no_dtrace_here());
#endif
}

Result<Dtrace> Dtrace::start(const std::vector<std::string>& command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return fail(Error::Code::io, fmt::format("pipe: {}", std::strerror(errno)));
  Dtrace dtrace(ends[0]);
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setpgid(0, 0); // Ctrl-C is ours
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    static constexpr char missing[] = "there is no such program\n";
    (void)!::write(STDOUT_FILENO, missing, sizeof(missing) - 1);
    ::_exit(127);
  }
  ::close(ends[1]);
  if (child < 0 || ::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
    return fail(Error::Code::io, fmt::format("{} cannot be started: {}", command[0], std::strerror(errno)));
  if (auto begun = dtrace.await_begin(); !begun)
    return fail(begun.error());
  return dtrace;
}

/// Reads until the probes are on.
Result<void> Dtrace::await_begin() {
  while (!lines_.begun()) {
    pollfd ready{pipe_, POLLIN, 0};
    std::array<char, 4096> bytes;
    ssize_t count = 0;
    if (::poll(&ready, 1, patience_ms) > 0 && (count = ::read(pipe_, bytes.data(), bytes.size())) > 0) {
      lines_.take({bytes.data(), static_cast<std::size_t>(count)}, early_);
      continue;
    }
    const std::string words = lines_.complaint().empty() ? "it does not begin" : lines_.complaint();
    return fail(Error::Code::io,
                fmt::format("--dtrace: {}. It takes root, and kldload dtraceall; without it, "
                            "leave --dtrace out: slots are deduced then",
                            words));
  }
  return {};
}

Dtrace::~Dtrace() {
  if (pipe_ >= 0)
    ::close(pipe_);
}

Dtrace::Dtrace(Dtrace&& other) noexcept
    : pipe_(std::exchange(other.pipe_, -1)), lines_(std::move(other.lines_)),
      early_(std::move(other.early_)) {}

void Dtrace::read(std::vector<Event>& into) {
  into.insert(into.end(), early_.begin(), early_.end());
  early_.clear();
  std::array<char, 16384> bytes;
  for (ssize_t count = 0; (count = ::read(pipe_, bytes.data(), bytes.size())) > 0;)
    lines_.take({bytes.data(), static_cast<std::size_t>(count)}, into);
}

} // namespace zbuf
