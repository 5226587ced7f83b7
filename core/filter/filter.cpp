// SPDX-License-Identifier: BSD-2-Clause
#include "core/filter/filter.h"

#include "core/base/assert.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <pcap/pcap.h>

namespace zbuf {

namespace {

static_assert(sizeof(zb_bpf_insn) == sizeof(bpf_insn));

const bpf_insn* as_pcap(std::span<const zb_bpf_insn> program) {
  return reinterpret_cast<const bpf_insn*>(program.data());
}

/// The instructions that there are. libpcap's check lets most other numbers pass.
constexpr std::array<std::uint16_t, 49> codes{
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0c, 0x14, 0x15, 0x16, 0x1c, 0x1d, 0x20, 0x24, 0x25,
    0x28, 0x2c, 0x2d, 0x30, 0x34, 0x35, 0x3c, 0x3d, 0x40, 0x44, 0x45, 0x48, 0x4c, 0x4d, 0x50, 0x54, 0x5c,
    0x60, 0x61, 0x64, 0x6c, 0x74, 0x7c, 0x80, 0x81, 0x84, 0x87, 0x94, 0x9c, 0xa4, 0xac, 0xb1};

bool is_known(const zb_bpf_insn& instruction) {
  return std::binary_search(codes.begin(), codes.end(), instruction.code);
}

/// libpcap's check takes jumps back, the kernel's does not: a packet must come to an end.
bool jumps_back(std::span<const zb_bpf_insn> program) {
  for (std::size_t i = 0; i < program.size(); ++i)
    if (program[i].code == (BPF_JMP | BPF_JA) && program[i].k >= program.size() - i - 1)
      return true;
  return false;
}

/// A load from where no packet has bytes: Linux answers with the packet's direction, interface or VLAN tag.
bool asks_linux(const zb_bpf_insn& instruction) {
  constexpr std::uint32_t first = 0xfffff000; // SKF_AD_OFF, in linux/filter.h
  return BPF_CLASS(instruction.code) == BPF_LD && BPF_MODE(instruction.code) == BPF_ABS &&
         instruction.k >= first;
}

struct CloseHandle {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};

} // namespace

Result<std::vector<zb_bpf_insn>> compile_filter(const std::string& expression, int link_type,
                                                std::uint32_t snaplen, std::optional<std::uint32_t> netmask) {
  if (snaplen == 0 || snaplen > 262144)
    return fail(Error::Code::bad_input, fmt::format("snaplen {}: expected 1 to 262144 bytes", snaplen));
  if (expression.find('\0') != std::string::npos)
    return fail(Error::Code::bad_input, "filter: a NUL byte in the expression; remove it");
  if (expression.find_first_not_of(" \t\r\n") == std::string::npos)
    return std::vector<zb_bpf_insn>{{BPF_RET | BPF_K, 0, 0, snaplen}}; // some link types have no compiler
  // libpcap before 1.8 compiled with globals; one at a time costs nothing.
  static std::mutex compiler;
  const std::lock_guard<std::mutex> held(compiler);
  const std::unique_ptr<pcap_t, CloseHandle> handle(pcap_open_dead(link_type, static_cast<int>(snaplen)));
  if (handle == nullptr)
    return fail(Error::Code::io, "filter: libpcap has no memory for a handle");
  bpf_program program{};
  if (pcap_compile(handle.get(), &program, expression.c_str(), 1, netmask.value_or(PCAP_NETMASK_UNKNOWN)) !=
      0)
    return fail(Error::Code::bad_input,
                fmt::format("filter \"{}\": {}; see pcap-filter(7)", expression, pcap_geterr(handle.get())));
  const auto* first = reinterpret_cast<const zb_bpf_insn*>(program.bf_insns);
  std::vector<zb_bpf_insn> instructions(first, first + program.bf_len);
  pcap_freecode(&program);
  if (jumps_back(instructions))
    return fail(Error::Code::unsupported,
                fmt::format("filter \"{}\": it takes a loop, which bpf(4) refuses; expected one without "
                            "\"protochain\"",
                            expression));
  if (const auto load = std::find_if(instructions.begin(), instructions.end(), asks_linux);
      load != instructions.end())
    return fail(
        Error::Code::unsupported,
        fmt::format("filter \"{}\": it asks for what only Linux's kernel knows of a packet (it loads {:#x}), "
                    "and a bpf(4) kernel rejects every packet with it; expected one without \"inbound\", "
                    "\"outbound\", \"ifindex\" and the like",
                    expression, load->k));
  return instructions;
}

bool filter_is_valid(std::span<const zb_bpf_insn> program) {
  return !program.empty() && std::all_of(program.begin(), program.end(), is_known) && !jumps_back(program) &&
         bpf_validate(as_pcap(program), static_cast<int>(program.size())) != 0;
}

std::vector<std::string> list_filter(std::span<const zb_bpf_insn> program) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < program.size(); ++i)
    lines.emplace_back(bpf_image(as_pcap(program) + i, static_cast<int>(i)));
  return lines;
}

} // namespace zbuf
