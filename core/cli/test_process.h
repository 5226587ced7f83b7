// SPDX-License-Identifier: BSD-2-Clause
// For tests: runs a program, and keeps what it wrote.
#pragma once

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <future>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace zbuf {

struct Finished {
  int status = -1; ///< as a shell has it; -1: killed by a signal
  std::string out{};
  std::string err{};
};

/// A child process with both outputs captured; its standard output may be a terminal.
class ChildProcess {
 public:
  /// `environment`: "NAME=value", over the one of the test.
  explicit ChildProcess(std::vector<std::string> command, const std::vector<std::string>& environment = {},
                        bool terminal = false) {
    int err[2];
    int out[2];
    const bool good = ::pipe(err) == 0 && (terminal ? open_terminal(out) : ::pipe(out) == 0);
    if (!good)
      return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], STDOUT_FILENO);
      ::dup2(err[1], STDERR_FILENO);
      for (const int descriptor : {out[0], out[1], err[0], err[1]})
        ::close(descriptor);
      for (const std::string& entry : environment)
        ::putenv(const_cast<char*>(entry.c_str()));
      std::vector<char*> arguments;
      for (std::string& argument : command)
        arguments.push_back(argument.data());
      arguments.push_back(nullptr);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::close(out[1]);
    ::close(err[1]);
    out_ = out[0];
    err_ = err[0];
  }

  void signal(int number) const { ::kill(pid_, number); }

  Finished wait() {
    Finished finished;
    // Both at once: a child that has filled one pipe writes no more to the other.
    std::future<std::string> err = std::async(std::launch::async, [this] { return read_all(err_); });
    finished.out = read_all(out_);
    finished.err = err.get();
    int status = 0;
    ::waitpid(pid_, &status, 0);
    finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return finished;
  }

 private:
  static bool open_terminal(int (&ends)[2]) {
    ends[0] = ::posix_openpt(O_RDWR | O_NOCTTY);
    if (ends[0] < 0 || ::grantpt(ends[0]) != 0 || ::unlockpt(ends[0]) != 0)
      return false;
    ends[1] = ::open(::ptsname(ends[0]), O_RDWR | O_NOCTTY);
    return ends[1] >= 0;
  }

  static std::string read_all(int descriptor) {
    std::string all;
    char piece[4096];
    for (ssize_t got = 0; (got = ::read(descriptor, piece, sizeof(piece))) > 0;)
      all.append(piece, static_cast<std::size_t>(got));
    ::close(descriptor);
    return all;
  }

  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
};

} // namespace zbuf
