// SPDX-License-Identifier: BSD-2-Clause
#include "core/bench/veth_linux.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace zbuf {

namespace {

constexpr const char* names[2] = {"zbuf0", "zbuf1"};

tl::unexpected<Error> refused(const char* what) {
  return fail(Error::Code::unsupported,
              fmt::format("{}: {}; it takes Linux with veth, and root or CAP_SYS_ADMIN and "
                          "CAP_NET_RAW",
                          what, std::strerror(errno)));
}

class Socket {
 public:
  Socket(int domain, int type, int protocol) : descriptor_(::socket(domain, type | SOCK_CLOEXEC, protocol)) {}
  ~Socket() {
    if (descriptor_ >= 0)
      ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool good() const { return descriptor_ >= 0; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

/// One request to the kernel's rtnetlink(7), put together attribute by attribute.
class LinkRequest {
 public:
  LinkRequest() {
    header().nlmsg_len = NLMSG_LENGTH(sizeof(ifinfomsg));
    header().nlmsg_type = RTM_NEWLINK;
    header().nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
  }

  void text(unsigned short type, const char* value) { add(type, value, std::strlen(value) + 1); }
  std::size_t open(unsigned short type) {
    const std::size_t at = header().nlmsg_len;
    add(type, nullptr, 0);
    return at;
  }
  void close(std::size_t at) {
    reinterpret_cast<rtattr*>(bytes_ + at)->rta_len = static_cast<unsigned short>(header().nlmsg_len - at);
  }
  /// The peer of a veth has the fixed part of a request of its own.
  void info() { header().nlmsg_len += static_cast<std::uint32_t>(NLMSG_ALIGN(sizeof(ifinfomsg))); }

  /// Returns 0, or -1 with errno.
  int send() {
    const Socket socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    if (!socket.good() || ::send(socket.get(), bytes_, header().nlmsg_len, 0) < 0)
      return -1;
    struct {
      nlmsghdr header;
      nlmsgerr answer;
      char rest[512];
    } reply{};
    if (::recv(socket.get(), &reply, sizeof(reply), 0) < 0)
      return -1;
    errno = -reply.answer.error;
    return reply.answer.error == 0 ? 0 : -1;
  }

 private:
  nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(bytes_); }

  void add(unsigned short type, const void* value, std::size_t length) {
    auto* const attribute = reinterpret_cast<rtattr*>(bytes_ + header().nlmsg_len);
    attribute->rta_type = type;
    attribute->rta_len = static_cast<unsigned short>(RTA_LENGTH(length));
    if (length > 0)
      std::memcpy(RTA_DATA(attribute), value, length);
    header().nlmsg_len += static_cast<std::uint32_t>(RTA_ALIGN(attribute->rta_len));
  }

  alignas(NLMSG_ALIGNTO) char bytes_[512] = {};
};

int add_pair() {
  LinkRequest request;
  request.text(IFLA_IFNAME, names[0]);
  const std::size_t link = request.open(IFLA_LINKINFO);
  request.text(IFLA_INFO_KIND, "veth");
  const std::size_t data = request.open(IFLA_INFO_DATA);
  const std::size_t peer = request.open(VETH_INFO_PEER);
  request.info();
  request.text(IFLA_IFNAME, names[1]);
  request.close(peer);
  request.close(data);
  request.close(link);
  return request.send();
}

int bring_up(const char* name, std::uint32_t mtu) {
  const Socket socket(AF_INET, SOCK_DGRAM, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
  request.ifr_mtu = static_cast<int>(mtu);
  if (!socket.good() || ::ioctl(socket.get(), SIOCSIFMTU, &request) != 0)
    return -1;
  request.ifr_flags = IFF_UP;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request);
}

/// Nobody else talks on these interfaces. Where this fails, a few packets more come.
void without_ipv6() {
  const int file = ::open("/proc/sys/net/ipv6/conf/all/disable_ipv6", O_WRONLY | O_CLOEXEC);
  if (file < 0)
    return;
  if (::write(file, "1", 1) < 0)
    errno = 0;
  ::close(file);
}

int bind_to(int socket, const char* name, unsigned short protocol) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(protocol);
  address.sll_ifindex = static_cast<int>(::if_nametoindex(name));
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

/// On a thread of its own, because the namespace is the thread's.
Result<VethPair> make_here(std::uint32_t mtu) {
  if (::unshare(CLONE_NEWNET) != 0)
    return refused("unshare(CLONE_NEWNET)");
  without_ipv6();
  if (add_pair() != 0)
    return refused("making a veth pair");
  for (const char* name : names)
    if (bring_up(name, mtu) != 0)
      return refused("bringing a veth up");
  Socket sender(AF_PACKET, SOCK_RAW, 0);
  Socket receiver(AF_PACKET, SOCK_RAW, 0);
  if (!sender.good() || !receiver.good())
    return refused("socket(AF_PACKET)");
  if (bind_to(sender.get(), names[0], 0) != 0)
    return refused("bind of a packet socket");
  return VethPair{sender.release(), receiver.release()};
}

} // namespace

Result<VethPair> make_veth_pair(std::uint32_t mtu) {
  Result<VethPair> pair;
  std::thread([&] {
    pair = make_here(mtu);
    // The receiver is bound by who sets its ring up; which interface that is, only this thread can find out.
    if (pair && bind_to(pair->receiver, names[1], 0) != 0)
      pair = refused("bind of a packet socket");
  }).join();
  return pair;
}

} // namespace zbuf
