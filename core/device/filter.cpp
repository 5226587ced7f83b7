#include "core/device/filter.h"

#include "core/base/assert.h"

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

struct CloseHandle {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};

} // namespace

Result<std::vector<zb_bpf_insn>> compile_filter(const std::string& expression, int link_type,
                                                std::uint32_t snaplen) {
  if (snaplen == 0 || snaplen > 262144)
    return fail(Error::Code::bad_input, fmt::format("snaplen {}: expected 1 to 262144 bytes", snaplen));
  if (expression.find('\0') != std::string::npos)
    return fail(Error::Code::bad_input, "filter: a NUL byte in the expression; remove it");
  // libpcap before 1.8 compiled with globals; one at a time costs nothing.
  static std::mutex compiler;
  const std::lock_guard<std::mutex> held(compiler);
  const std::unique_ptr<pcap_t, CloseHandle> handle(pcap_open_dead(link_type, static_cast<int>(snaplen)));
  if (handle == nullptr)
    return fail(Error::Code::io, "filter: libpcap has no memory for a handle");
  bpf_program program{};
  if (pcap_compile(handle.get(), &program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return fail(Error::Code::bad_input,
                fmt::format("filter \"{}\": {}; see pcap-filter(7)", expression, pcap_geterr(handle.get())));
  const auto* first = reinterpret_cast<const zb_bpf_insn*>(program.bf_insns);
  std::vector<zb_bpf_insn> instructions(first, first + program.bf_len);
  pcap_freecode(&program);
  return instructions;
}

bool filter_is_valid(std::span<const zb_bpf_insn> program) {
  return !program.empty() && bpf_validate(as_pcap(program), static_cast<int>(program.size())) != 0;
}

std::uint32_t run_filter(std::span<const zb_bpf_insn> program, std::span<const std::uint8_t> bytes,
                         std::uint32_t wire_length) {
  return bpf_filter(as_pcap(program), bytes.data(), wire_length, static_cast<u_int>(bytes.size()));
}

std::vector<std::string> list_filter(std::span<const zb_bpf_insn> program) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < program.size(); ++i)
    lines.emplace_back(bpf_image(as_pcap(program) + i, static_cast<int>(i)));
  return lines;
}

} // namespace zbuf
