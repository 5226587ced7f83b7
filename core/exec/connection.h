// SPDX-License-Identifier: BSD-2-Clause
// One socket of a program: either an open descriptor, or a thread that makes system calls.
#pragma once

#include "core/exec/kernel_server.h"
#include "core/exec/opened.h"
#include "core/exec/socket_sleeper.h"

#include <optional>
#include <span>
#include <vector>

namespace zbuf::exec {

/// Made and served by a thread of its own, until the other end closes.
class Connection {
 public:
  Connection(KernelServer& server, int socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void serve();

 private:
  bool receive(Request& request);
  bool send(Reply& reply, std::span<const std::byte> payload = {});
  bool answer(const Request& request);

  bool open(const Request& request);
  bool control(const Request& request);
  bool read(const Request& request);
  bool write(const Request& request);
  bool poll(const Request& request);
  bool closed(const Request& request);
  bool hello();
  bool status();
  bool mistake(const Request& request);

  template <typename Body>
  void call(const Request& request, Reply& reply, const Body& body);
  int control_opened(Opened& opened, const Request& request, Reply& reply);
  int set_filter(Opened& opened, std::uint32_t request, std::byte* argument);
  int list_types(Opened& opened, std::byte* argument);
  std::size_t ask(std::vector<PollEntry>& entries);
  int poll_one(PollEntry& entry, std::int64_t timeout_ns);
  int poll_many(std::vector<PollEntry>& entries, std::int64_t timeout_ns);

  KernelServer& server_;
  int socket_;
  SocketSleeper sleeper_;
  std::vector<std::byte> payload_{}; ///< of the request under way
  std::vector<std::byte> answer_{};  ///< payload of its reply
  int file_ = -1;                    ///< came with it
};

} // namespace zbuf::exec
