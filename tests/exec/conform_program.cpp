// SPDX-License-Identifier: BSD-2-Clause
// Run under the preloaded library: the recorded observations, with real system calls. The last line says how
// many differ. Arguments: files of observations.
#include "core/device/native.h"
#include "core/observation/conform.h"
#include "tests/exec/machine_link.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

namespace zbuf {
namespace {

void must(bool good) {
  if (good)
    return;
  std::puts("the machine is gone");
  std::exit(2);
}

std::uint32_t order(MachineOrder order, std::span<const std::byte> packet = {}) {
  must(::send(machine_link, &order, sizeof(order), 0) == static_cast<ssize_t>(sizeof(order)));
  must(packet.empty() ||
       ::send(machine_link, packet.data(), packet.size(), 0) == static_cast<ssize_t>(packet.size()));
  std::uint32_t answer = 0;
  must(::recv(machine_link, &answer, sizeof(answer), MSG_WAITALL) == static_cast<ssize_t>(sizeof(answer)));
  return answer;
}

class RemoteBed final : public TestBed {
 public:
  RemoteBed() {
    order({MachineOrder::fresh});
    // The way to the last machine leads nowhere: the first call finds that out.
    int error = 0;
    if (const auto device = NativeDevice::open(O_RDWR, error)) {
      zb_bpf_version version{};
      device->control(ZB_BIOCVERSION, &version);
    }
  }
  std::unique_ptr<Device> open(bool nonblocking, int& error) override {
    return NativeDevice::open(O_RDWR | (nonblocking ? O_NONBLOCK : 0), error);
  }
  void enable_zerocopy(bool on) override { order({MachineOrder::zerocopy, on ? 1u : 0u}); }
  [[nodiscard]] std::string interface_name() const override { return "tap0"; }
  void inject(std::span<const std::byte> packet) override {
    order({MachineOrder::packet, static_cast<std::uint32_t>(packet.size())}, packet);
  }
  void destroy_interface() override { order({MachineOrder::destroy}); }
  std::optional<zb_xbpf_d> stats(const Device&) override {
    if (order({MachineOrder::stats}) == 0)
      return std::nullopt;
    zb_xbpf_d stats{};
    must(::recv(machine_link, &stats, sizeof(stats), MSG_WAITALL) == static_cast<ssize_t>(sizeof(stats)));
    return stats;
  }
};

int run(int argc, char** argv) {
  Conformance found;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const auto done = replay_observations(
        text.str(), argv[i], [] { return std::make_shared<RemoteBed>(); }, found);
    if (!done) {
      std::puts(done.error().text().c_str());
      return 2;
    }
  }
  for (const Difference& d : found.differences)
    std::printf("%s, line %u: %s: %s is %s, recorded %s\n", d.case_name.c_str(), d.line, d.operation.c_str(),
                d.field.c_str(), d.found.c_str(), d.expected.c_str());
  std::printf("%llu cases, %llu observations, %llu differ\n", static_cast<unsigned long long>(found.cases),
              static_cast<unsigned long long>(found.observations),
              static_cast<unsigned long long>(found.differing));
  return found.differing == 0 ? 0 : 1;
}

} // namespace
} // namespace zbuf

int main(int argc, char** argv) {
  return zbuf::run(argc, argv);
}
