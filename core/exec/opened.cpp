// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/opened.h"

#include "core/device/error_numbers.h"
#include "core/trace/event.h"

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
                     std::uint64_t now_ns, const LoanWatch::Emit& emit) {
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
    if (watch_ != nullptr) {
      watch_->wiped();
      note({MistakeKind::wiped_loan, ZB_NO_BUFFER, now_ns});
    }
    return error;
  }
  note_memory(argument, flags, now_ns);
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

// ---- Mistakes that are not about what is done with a loan ----

void Opened::note(const Mistake& mistake) {
  const auto known = std::find_if(mistakes_.begin(), mistakes_.end(), [&](const Mistake& one) {
    return one.kind == mistake.kind && one.buffer == mistake.buffer;
  });
  if (known != mistakes_.end())
    ++known->count;
  else
    mistakes_.push_back(mistake);
}

/// What was lent, and should not have been.
void Opened::note_memory(const zb_bpf_zbuf& argument, std::uint64_t flags, std::uint64_t now_ns) {
  const std::uint64_t apart =
      argument.bufa < argument.bufb ? argument.bufb - argument.bufa : argument.bufa - argument.bufb;
  if (apart < argument.buflen) {
    Mistake mistake{MistakeKind::aliased_buffers, ZB_NO_BUFFER, now_ns};
    mistake.value = apart == 0 ? 0 : static_cast<std::uint32_t>(argument.buflen - apart);
    note(mistake);
  }
  for (const zb_which which : {ZB_A, ZB_B})
    if ((flags & (which == ZB_A ? loan_a_stack : loan_b_stack)) != 0)
      note({MistakeKind::lent_stack, which, now_ns});
}

namespace {

std::string wrong_buffers(const zb_bpf_zbuf& z, int error, bool has_loan) {
  if (error == ZB_EFAULT)
    return "the memory is not there, or cannot be both read and written";
  if (z.bufa == 0 || z.bufb == 0)
    return fmt::format("{} is NULL", z.bufa == 0 ? "bz_bufa" : "bz_bufb");
  if (z.buflen == 0)
    return "bz_buflen is 0";
  for (const auto& [name, address] : {std::pair("bz_bufa", z.bufa), std::pair("bz_bufb", z.bufb)})
    if (address % ZB_PAGE_SIZE != 0)
      return fmt::format("{}, {:#x}, is not the beginning of a page: expected a multiple of {}, as mmap(2) "
                         "returns",
                         name, address, ZB_PAGE_SIZE);
  if (z.buflen % ZB_PAGE_SIZE != 0)
    return fmt::format("bz_buflen is {}: expected a multiple of the page size, {}", z.buflen, ZB_PAGE_SIZE);
  if (z.buflen > ZB_ZMAX)
    return fmt::format("bz_buflen is {}: at most {}, as BIOCGETZMAX says", z.buflen, ZB_ZMAX);
  return has_loan ? "the descriptor has its buffers: they are lent once"
                  : "the descriptor is attached, or has buffers: BIOCSETZBUF comes before BIOCSETIF";
}

std::string no_such_interface(const char* name, const std::vector<InterfaceConfig>& interfaces) {
  std::string names;
  for (const InterfaceConfig& interface : interfaces)
    names += (names.empty() ? "" : ", ") + interface.name;
  return fmt::format("there is no interface \"{}\" here; there is {}",
                     std::string(name, ::strnlen(name, ZB_IFNAMSIZ)), names);
}

/// Without it nothing that follows can work, and no program tries it just to see.
bool is_needed(std::uint32_t request, int error) {
  return request == ZB_BIOCSETZBUF || request == ZB_BIOCSETBUFMODE ||
         (request == ZB_BIOCSETIF && error == ZB_EINVAL);
}

} // namespace

/// In words: why was it refused (spec 4)? Empty: nothing more is known than the error.
std::string Opened::reason_of(std::uint32_t request, const void* argument, int error,
                              const std::vector<InterfaceConfig>& interfaces) const {
  if (error == ZB_EPERM)
    return "the descriptor is locked (BIOCLOCK), or was opened without the right to";
  if (error == ZB_EOPNOTSUPP)
    return request == ZB_BIOCSBLEN
               ? "not in zero-copy mode, where BIOCSETZBUF says how large the buffers are"
               : "in zero-copy mode only: BIOCSETBUFMODE with BPF_BUFMODE_ZBUF comes first";
  switch (request) {
  case ZB_BIOCSETZBUF: {
    zb_bpf_zbuf z;
    std::memcpy(&z, argument, sizeof(z));
    return wrong_buffers(z, error, watch_ != nullptr);
  }
  case ZB_BIOCSETBUFMODE:
    return error == ZB_EBUSY ? "the descriptor has buffers or an interface: BIOCSETBUFMODE comes before "
                               "BIOCSBLEN, BIOCSETZBUF and BIOCSETIF"
                             : "expected BPF_BUFMODE_BUFFER, or BPF_BUFMODE_ZBUF with the sysctl "
                               "net.bpf.zerocopy_enable at 1";
  case ZB_BIOCSETIF:
    return error == ZB_EINVAL  ? "there are no buffers: in zero-copy mode BIOCSETZBUF comes before BIOCSETIF"
           : error == ZB_ENXIO ? no_such_interface(static_cast<const char*>(argument), interfaces)
                               : "";
  case ZB_BIOCSBLEN:
    return "the descriptor is attached: BIOCSBLEN comes before BIOCSETIF";
  case ZB_BIOCSETF:
  case ZB_BIOCSETFNR:
  case ZB_BIOCSETWF:
    return "the kernel does not take the filter: too long, not there, or an instruction that it does not "
           "have";
  default:
    return error == ZB_EINVAL && !attached_ns_
               ? "the descriptor is not attached to an interface, or the value is "
                 "out of range"
               : "";
  }
}

void Opened::note_call(std::uint32_t request, const void* argument, int error, std::uint64_t now_ns,
                       const std::vector<InterfaceConfig>& interfaces) {
  constexpr std::size_t most = 16;
  if (error == 0) { // it was only one attempt
    std::erase_if(refused_, [&](const Refused& one) { return one.request == request; });
    return;
  }
  if (request == ZB_BIOCSETZBUF && watch_ != nullptr)
    return; // wiped_loan
  const auto known = std::find_if(refused_.begin(), refused_.end(), [&](const Refused& one) {
    return one.request == request && one.error == error;
  });
  if (known != refused_.end()) {
    ++known->mistake.count;
    return;
  }
  if (refused_.size() == most)
    return;
  const char* const name = request_name(request);
  const char* const error_name = ::strerrorname_np(system_error(error));
  const std::string reason = reason_of(request, argument, error, interfaces);
  Mistake mistake{MistakeKind::refused_call, ZB_NO_BUFFER, now_ns};
  mistake.value = request;
  mistake.expected = static_cast<std::uint32_t>(system_error(error));
  mistake.text = fmt::format("{} was refused with {} ({}){}{}",
                             name != nullptr ? name : fmt::format("ioctl {:#010x}", request),
                             error_name != nullptr ? error_name : "an error", ::strerror(system_error(error)),
                             reason.empty() ? "" : ": ", reason);
  mistake.harmless = !is_needed(request, error);
  refused_.push_back({request, error, std::move(mistake)});
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
    // From then on the headers say nothing of the program's ways: something else writes them, or they were
    // wiped.
    const auto spoilt = std::find_if(mistakes_.begin(), mistakes_.end(), [](const Mistake& m) {
      return m.kind == MistakeKind::aliased_buffers || m.kind == MistakeKind::lent_stack ||
             m.kind == MistakeKind::wiped_loan;
    });
    report.mistakes = watch_->mistakes(now_ns);
    if (spoilt != mistakes_.end())
      std::erase_if(report.mistakes, [&](const Mistake& m) { return m.first_ns >= spoilt->first_ns; });
  }
  report.mistakes.insert(report.mistakes.end(), mistakes_.begin(), mistakes_.end());
  for (const Refused& one : refused_)
    report.mistakes.push_back(one.mistake);
  std::stable_sort(report.mistakes.begin(), report.mistakes.end(),
                   [](const Mistake& x, const Mistake& y) { return x.first_ns < y.first_ns; });
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
