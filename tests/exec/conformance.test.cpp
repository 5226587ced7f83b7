// SPDX-License-Identifier: BSD-2-Clause
// The recorded observations of a real kernel, through real open(2), ioctl(2), read(2) and poll(2) of another
// process, and memory that it lends.
#include "core/exec/kernel_server.h"
#include "core/exec/program.h"
#include "tests/exec/machine_link.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace zbuf::exec {
namespace {

/// The machine of the program: anew for each case.
class Machine {
 public:
  explicit Machine(std::string socket) : socket_(std::move(socket)) {}

  void serve(int link) {
    for (MachineOrder order; ::recv(link, &order, sizeof(order), MSG_WAITALL) == sizeof(order);) {
      std::uint32_t answer = 0;
      std::optional<zb_xbpf_d> stats;
      obey(order, link, answer, stats);
      ::send(link, &answer, sizeof(answer), MSG_NOSIGNAL);
      if (stats)
        ::send(link, &*stats, sizeof(*stats), MSG_NOSIGNAL);
    }
  }

 private:
  void obey(const MachineOrder& order, int link, std::uint32_t& answer, std::optional<zb_xbpf_d>& stats) {
    if (order.what == MachineOrder::fresh) {
      server_.reset();
      KernelServer::Options options;
      options.kernel.tunables.hz = 100;
      options.kernel.tunables.zerocopy_enable = true;
      options.interfaces = {{.name = "tap0"}};
      options.socket = socket_;
      auto server = KernelServer::create(std::move(options));
      ASSERT_TRUE(server) << server.error().text();
      server_ = std::move(*server);
      return;
    }
    std::vector<std::byte> bytes(order.what == MachineOrder::packet ? order.value : 0);
    const ssize_t got = bytes.empty() ? 0 : ::recv(link, bytes.data(), bytes.size(), MSG_WAITALL);
    ASSERT_EQ(got, static_cast<ssize_t>(bytes.size()));
    const std::lock_guard<Giant> held(server_->clock().giant());
    const auto tap0 = server_->kernel().find_interface("tap0");
    if (order.what == MachineOrder::zerocopy)
      EXPECT_TRUE(server_->kernel().set_sysctl("net.bpf.zerocopy_enable", order.value));
    else if (order.what == MachineOrder::packet && tap0)
      server_->arrive(*tap0, {bytes, order.value, false});
    else if (order.what == MachineOrder::destroy && tap0)
      server_->kernel().destroy_interface(*tap0);
    if (order.what != MachineOrder::stats)
      return;
    const auto all = server_->kernel().stats();
    answer = all.empty() ? 0 : 1;
    if (answer != 0)
      stats = all.front();
  }

  const std::string socket_;
  std::unique_ptr<KernelServer> server_;
};

TEST(ConformanceThroughSystemCalls, DoesWhatTheRealKernelDid) {
  const std::string folder = ::testing::TempDir();
  const std::string socket = folder + "zbuf-conform-" + std::to_string(::getpid()) + ".sock";
  std::vector<std::string> command{ZBUF_CONFORM_PROGRAM};
  for (const auto& entry : std::filesystem::directory_iterator(ZBUF_SOURCE_DIR "/tests/vectors/freebsd-13.2"))
    command.push_back(entry.path());
  int link[2];
  int out[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, link), 0);
  ASSERT_EQ(::pipe(out), 0);
  // The library is not sanitized, and would have to stand behind a sanitizer's.
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(link[1], machine_link);
    ::dup2(out[1], STDOUT_FILENO);
    for (const int fd : {link[0], link[1], out[0], out[1]})
      ::close(fd);
    ::setenv("LD_PRELOAD", ZBUF_PRELOAD_LIBRARY, 1);
    ::setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    ::setenv(socket_variable, socket.c_str(), 1);
    std::vector<char*> arguments;
    for (std::string& argument : command)
      arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(link[1]);
  ::close(out[1]);
  Machine(socket).serve(link[0]);
  std::string said;
  char piece[4096];
  for (ssize_t n = 0; (n = ::read(out[0], piece, sizeof(piece))) > 0;)
    said.append(piece, static_cast<std::size_t>(n));
  const Ending ending = wait_for_program(pid);
  EXPECT_EQ(ending.shell_status(), 0) << said;
  EXPECT_NE(said.find("491 cases, 21656 observations, 0 differ"), std::string::npos) << said;
}

} // namespace
} // namespace zbuf::exec
