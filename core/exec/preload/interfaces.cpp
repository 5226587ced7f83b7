// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/preload/interfaces.h"

#include "core/exec/preload/channel.h"
#include "core/exec/preload/descriptors.h"
#include "core/exec/preload/real.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

using namespace zbuf::exec;

ZBUF_REAL(ioctl, int(int, unsigned long, ...));
ZBUF_REAL(getifaddrs, int(ifaddrs**));
ZBUF_REAL(freeifaddrs, void(ifaddrs*));
ZBUF_REAL(if_nametoindex, unsigned(const char*));
ZBUF_REAL(if_indextoname, char*(unsigned, char*));

namespace {

constexpr std::uint32_t ethernet = 1; // DLT_EN10MB

short flags_of(const InterfaceEntry& interface) {
  int flags = IFF_UP | IFF_RUNNING;
  flags |= interface.link_type == ethernet ? IFF_BROADCAST | IFF_MULTICAST : IFF_POINTOPOINT | IFF_NOARP;
  return static_cast<short>(flags);
}

/// Of the /24 that it is in: 0 its own, 1 the mask, 2 the broadcast address.
sockaddr_in address_of(const InterfaceEntry& interface, int which) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const std::uint8_t* const a = interface.address;
  const std::uint32_t own =
      std::uint32_t{a[0]} << 24 | std::uint32_t{a[1]} << 16 | std::uint32_t{a[2]} << 8 | a[3];
  address.sin_addr.s_addr = htonl(which == 0 ? own : which == 1 ? 0xffffff00u : own | 0xffu);
  return address;
}

void put_address(ifreq& request, const InterfaceEntry& interface, int which) {
  const sockaddr_in address = address_of(interface, which);
  std::memcpy(&request.ifr_addr, &address, sizeof(address));
}

/// False: not a request that an interface answers here.
bool answer(ifreq& request, unsigned long number, const InterfaceEntry& interface) {
  switch (number) {
  case SIOCGIFFLAGS:
    request.ifr_flags = flags_of(interface);
    return true;
  case SIOCGIFADDR:
    put_address(request, interface, 0);
    return true;
  case SIOCGIFNETMASK:
    put_address(request, interface, 1);
    return true;
  case SIOCGIFBRDADDR:
    put_address(request, interface, 2);
    return true;
  case SIOCGIFMTU:
    request.ifr_mtu = static_cast<int>(interface.mtu);
    return true;
  case SIOCGIFMETRIC:
    request.ifr_metric = 0;
    return true;
  case SIOCGIFINDEX:
    request.ifr_ifindex = static_cast<int>(interface.index);
    return true;
  case SIOCGIFHWADDR:
    std::memset(&request.ifr_hwaddr, 0, sizeof(request.ifr_hwaddr));
    request.ifr_hwaddr.sa_family = interface.link_type == ethernet ? ARPHRD_ETHER : ARPHRD_NONE;
    std::memcpy(request.ifr_hwaddr.sa_data, interface.mac, sizeof(interface.mac));
    return true;
  default:
    return false;
  }
}

/// SIOCGIFCONF: ours behind those of the machine.
int list_all(int fd, ifconf& list) {
  unsigned ours = 0;
  while (interface_at(ours) != nullptr)
    ++ours;
  const int room = list.ifc_len;
  const int result = REAL(ioctl)(fd, SIOCGIFCONF, &list);
  if (result < 0)
    return result;
  for (unsigned n = 0; n < ours; ++n) {
    const int end = list.ifc_len + static_cast<int>(sizeof(ifreq));
    if (list.ifc_buf != nullptr) {
      if (end > room)
        break;
      ifreq request{};
      const InterfaceEntry& interface = *interface_at(n);
      std::memcpy(request.ifr_name, interface.name, sizeof(interface.name));
      put_address(request, interface, 0);
      std::memcpy(list.ifc_buf + list.ifc_len, &request, sizeof(request));
    }
    list.ifc_len = end;
  }
  return result;
}

} // namespace

namespace zbuf::exec {

bool look_up_interface(int fd, unsigned long number, void* argument, int& result) {
  if (!has_kernel() || argument == nullptr)
    return false;
  if (number == SIOCGIFCONF) {
    result = list_all(fd, *static_cast<ifconf*>(argument));
    return true;
  }
  auto& request = *static_cast<ifreq*>(argument);
  if (number == SIOCGIFNAME) {
    for (unsigned n = 0; interface_at(n) != nullptr; ++n)
      if (static_cast<int>(interface_at(n)->index) == request.ifr_ifindex) {
        std::memcpy(request.ifr_name, interface_at(n)->name, sizeof(request.ifr_name));
        return true;
      }
    return false;
  }
  const InterfaceEntry* const interface = interface_named(request.ifr_name);
  return interface != nullptr && answer(request, number, *interface);
}

} // namespace zbuf::exec

// ---- getifaddrs ----

namespace {

union AnyAddress {
  sockaddr any;
  sockaddr_in in;
  sockaddr_ll ll;
};

/// Two elements of the list for each interface: its link address, and its IPv4 address.
struct Element {
  ifaddrs head;
  char name[IFNAMSIZ];
  AnyAddress address, netmask, broadcast;
};

void fill_common(Element& element, const InterfaceEntry& interface, ifaddrs* next) {
  element.head.ifa_next = next;
  std::memcpy(element.name, interface.name, sizeof(element.name));
  element.head.ifa_name = element.name;
  element.head.ifa_flags = static_cast<unsigned short>(flags_of(interface));
  element.head.ifa_addr = &element.address.any;
}

void fill_link(Element& element, const InterfaceEntry& interface) {
  sockaddr_ll& address = element.address.ll;
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(interface.index);
  address.sll_hatype = interface.link_type == ethernet ? ARPHRD_ETHER : ARPHRD_NONE;
  address.sll_halen = sizeof(interface.mac);
  std::memcpy(address.sll_addr, interface.mac, sizeof(interface.mac));
}

void fill_internet(Element& element, const InterfaceEntry& interface) {
  element.address.in = address_of(interface, 0);
  element.netmask.in = address_of(interface, 1);
  element.broadcast.in = address_of(interface, 2);
  element.head.ifa_netmask = &element.netmask.any;
  element.head.ifa_broadaddr = &element.broadcast.any;
}

/// In front of our elements, which are in one piece; behind them comes the list of the machine.
constexpr std::uint64_t mark = 0x7a627566657865ull; // tells our lists when they are freed
struct Header {
  std::uint64_t mark;
  ifaddrs* rest;
};

} // namespace

ZBUF_EXPORT int getifaddrs(ifaddrs** list) {
  unsigned count = 0;
  while (interface_at(count) != nullptr)
    ++count;
  if (count == 0)
    return REAL(getifaddrs)(list);
  ifaddrs* rest = nullptr;
  const int result = REAL(getifaddrs)(&rest);
  if (result != 0)
    return result;
  auto* const memory = static_cast<char*>(std::calloc(1, sizeof(Header) + 2 * count * sizeof(Element)));
  if (memory == nullptr) {
    REAL(freeifaddrs)(rest);
    errno = ENOMEM;
    return -1;
  }
  *reinterpret_cast<Header*>(memory) = {mark, rest};
  auto* const elements = reinterpret_cast<Element*>(memory + sizeof(Header));
  for (unsigned n = 0; n < count; ++n) {
    Element& link = elements[2 * n];
    Element& internet = elements[2 * n + 1];
    fill_common(link, *interface_at(n), &internet.head);
    fill_link(link, *interface_at(n));
    fill_common(internet, *interface_at(n), n + 1 < count ? &elements[2 * n + 2].head : rest);
    fill_internet(internet, *interface_at(n));
  }
  *list = &elements[0].head;
  return 0;
}

ZBUF_EXPORT void freeifaddrs(ifaddrs* list) {
  // Only a list of ours begins with one of our names; what lies in front of it then is our header.
  if (list != nullptr && interface_at(0) != nullptr &&
      std::strcmp(list->ifa_name, interface_at(0)->name) == 0 &&
      list->ifa_name == reinterpret_cast<Element*>(list)->name) {
    auto* const header = reinterpret_cast<Header*>(reinterpret_cast<char*>(list) - sizeof(Header));
    if (header->mark == mark) {
      REAL(freeifaddrs)(header->rest);
      std::free(header);
      return;
    }
  }
  REAL(freeifaddrs)(list);
}

ZBUF_EXPORT unsigned if_nametoindex(const char* name) {
  const InterfaceEntry* const interface = interface_named(name);
  return interface != nullptr ? interface->index : REAL(if_nametoindex)(name);
}

ZBUF_EXPORT char* if_indextoname(unsigned index, char* name) {
  for (unsigned n = 0; interface_at(n) != nullptr; ++n)
    if (interface_at(n)->index == index)
      return static_cast<char*>(std::memcpy(name, interface_at(n)->name, IFNAMSIZ));
  return REAL(if_indextoname)(index, name);
}
