// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/descriptor_status.h"

#include "core/exec/protocol.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace zbuf::exec {

namespace {

namespace fs = std::filesystem;

/// A descriptor that is closed when it goes.
class Socket {
 public:
  Socket() : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~Socket() { ::close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool connect(const std::string& path) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
      return false;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    return ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  bool send(const void* bytes, std::size_t length) const {
    return ::send(descriptor_, bytes, length, MSG_NOSIGNAL) == static_cast<ssize_t>(length);
  }
  bool receive(void* bytes, std::size_t length) const {
    return length == 0 || ::recv(descriptor_, bytes, length, MSG_WAITALL) == static_cast<ssize_t>(length);
  }

 private:
  int descriptor_;
};

std::optional<std::vector<DescriptorStatus>> ask(const std::string& path) {
  constexpr std::uint32_t most = 1u << 20;
  const Socket socket;
  Request request;
  request.call = Call::status;
  Reply reply;
  if (!socket.connect(path) || !socket.send(&request, sizeof(request)) ||
      !socket.receive(&reply, sizeof(reply)) || reply.length > most ||
      reply.length % sizeof(DescriptorStatus) != 0)
    return std::nullopt;
  std::vector<DescriptorStatus> all(reply.length / sizeof(DescriptorStatus));
  if (!socket.receive(all.data(), reply.length))
    return std::nullopt;
  return all;
}

} // namespace

std::string socket_folder() {
  if (const char* const runtime = std::getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime != '\0')
    return std::string(runtime) + "/zbuf-exec";
  std::error_code ignored;
  return fmt::format("{}/zbuf-exec-{}", fs::temp_directory_path(ignored).string(), ::getuid());
}

std::vector<Running> running() {
  std::vector<Running> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(socket_folder(), error)) {
    const std::string name = entry.path().stem().string();
    Running one;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), one.pid);
    if (entry.path().extension() != ".sock" || parsed.ec != std::errc{} ||
        parsed.ptr != name.data() + name.size())
      continue;
    one.socket = entry.path().string();
    if (auto descriptors = ask(one.socket)) {
      one.descriptors = std::move(*descriptors);
      all.push_back(std::move(one));
    }
  }
  std::sort(all.begin(), all.end(), [](const Running& x, const Running& y) { return x.pid < y.pid; });
  return all;
}

} // namespace zbuf::exec
