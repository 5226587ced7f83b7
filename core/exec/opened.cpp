// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/opened.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

namespace zbuf::exec {

namespace {

std::string command_of(std::int32_t pid) {
  std::ifstream file(fmt::format("/proc/{}/comm", pid));
  std::string name;
  std::getline(file, name);
  return name;
}

/// Page-aligned and not NULL: the engine would look at what lies there.
bool is_usable(std::uint64_t address) {
  return address != 0 && address % ZB_PAGE_SIZE == 0;
}

} // namespace

Opened::Opened(std::unique_ptr<EmulatedDevice> device, const OpenOrigin& origin)
    : device_(std::move(device)), origin_(origin) {
  report_.number = device_->number();
  report_.pid = origin.pid;
  report_.command = command_of(origin.pid);
  report_.opened_ns = origin.now_ns;
  report_.open = true;
}

Opened::~Opened() {
  if (pages_ != nullptr)
    if (LoanNotes* const notes = pages_->notes(slot_))
      __atomic_store_n(&notes->closed, 1u, __ATOMIC_RELEASE);
}

int Opened::control(std::uint32_t request, void* argument) {
  sample();
  const Figures before = since_reset_;
  const int error = device_->control(request, argument);
  sample();
  if (since_reset_.received < before.received || since_reset_.dropped < before.dropped) {
    before_reset_.received += before.received;
    before_reset_.matched += before.matched;
    before_reset_.dropped += before.dropped;
    sample();
  }
  return error;
}

int Opened::set_zbuf(zb_bpf_zbuf& argument, std::uint64_t flags, int file, std::uint64_t clock_start_ns,
                     const LoanWatch::Emit& emit) {
  const bool sound =
      argument.buflen != 0 && argument.buflen <= ZB_ZMAX && argument.buflen % ZB_PAGE_SIZE == 0;
  auto pages = std::make_unique<UserPages>(
      file,
      std::array{
          UserPages::Wish{argument.bufa, sound && is_usable(argument.bufa), (flags & loan_a_there) != 0},
          UserPages::Wish{argument.bufb, sound && is_usable(argument.bufb), (flags & loan_b_there) != 0}},
      sound ? argument.buflen : 0);
  zb_bpf_zbuf here{pages->address(0), pages->address(1), argument.buflen};
  const int error = control(ZB_BIOCSETZBUF, &here);
  if (error != 0) {
    if (watch_ != nullptr)
      watch_->wiped();
    return error;
  }
  slot_ = static_cast<unsigned>(flags >> loan_slot_shift);
  pages_ = std::move(pages);
  const auto header = [&](std::size_t which) {
    return reinterpret_cast<const zb_shared_header*>(static_cast<std::uintptr_t>(pages_->address(which)));
  };
  const auto emit_as_ours = [emit, number = report_.number](zb_event event) {
    event.descriptor = number;
    emit(event);
  };
  watch_ = std::make_unique<LoanWatch>(std::array{header(0), header(1)}, pages_->notes(slot_), clock_start_ns,
                                       emit_as_ours, [this] { return dropped(); });
  return 0;
}

void Opened::sample() {
  const std::optional<zb_xbpf_d> own = device_->stats();
  if (!own)
    return; // not attached: nothing changes
  last_ = *own;
  since_reset_ = {own->rcount, own->fcount, own->dcount};
  report_.received = before_reset_.received + own->rcount;
  report_.matched = before_reset_.matched + own->fcount;
  report_.dropped = before_reset_.dropped + own->dcount;
  report_.interface.assign(own->ifname, strnlen(own->ifname, sizeof(own->ifname)));
  report_.mode = static_cast<BufferMode>(own->bufmode);
  report_.buffer_bytes = static_cast<std::uint64_t>(own->bufsize);
}

DescriptorReport Opened::report(std::uint64_t now_ns) {
  sample();
  DescriptorReport report = report_;
  report.closed_ns = now_ns;
  if (watch_ != nullptr) {
    report.mode = BufferMode::zbuf;
    report.published = watch_->published();
    report.acknowledged = watch_->acknowledged();
    report.mistakes = watch_->mistakes(now_ns);
  }
  return report;
}

DescriptorStatus Opened::status() {
  sample();
  DescriptorStatus status;
  status.bpf = last_;
  status.bpf.structsize = sizeof(zb_xbpf_d);
  status.bpf.pid = report_.pid;
  report_.command.copy(status.command, sizeof(status.command) - 1);
  status.number = report_.number;
  if (pages_ != nullptr) {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto* const header =
          reinterpret_cast<const zb_shared_header*>(static_cast<std::uintptr_t>(pages_->address(i)));
      status.kernel_gen[i] = zb_header_kernel_gen(header);
      status.user_gen[i] = zb_header_user_gen(header);
      status.kernel_len[i] = zb_header_kernel_len(header);
    }
  }
  return status;
}

} // namespace zbuf::exec
