// SPDX-License-Identifier: BSD-2-Clause
#include "core/device/requests.h"

#include "core/trace/event.h"

#include <cstring>
#include <fmt/format.h>

namespace zbuf {

namespace {

/// What usually is behind an error of this request, and what to do about it.
std::string_view advice(std::uint32_t request, int error) {
  if (request == ZB_BIOCSETBUFMODE && error == ZB_EINVAL)
    return "zero-copy buffers are switched off; set the sysctl net.bpf.zerocopy_enable to 1";
  if (request == ZB_BIOCSETBUFMODE && error == ZB_EBUSY)
    return "the descriptor has buffers or an interface already (on FreeBSD 10.0 to 10.2 always); "
           "set the mode right after open";
  if (request == ZB_BIOCSETZBUF && error == ZB_EINVAL)
    return "both buffers must be page-aligned, a whole number of pages, at most BIOCGETZMAX bytes, and lent "
           "once";
  if (request == ZB_BIOCSETZBUF && error == ZB_EFAULT)
    return "both buffers must be mapped, readable and writable";
  if (request == ZB_BIOCSETIF && error == ZB_ENXIO)
    return "there is no such interface, or it has no BPF";
  if (request == ZB_BIOCSETIF && error == ZB_EINVAL)
    return "in zero-copy mode BIOCSETZBUF comes first";
  if ((request == ZB_BIOCSETF || request == ZB_BIOCSETFNR || request == ZB_BIOCSETWF) && error == ZB_EINVAL)
    return "the filter program is not valid, or longer than net.bpf.maxinsns";
  if (error == ZB_EOPNOTSUPP)
    return "the descriptor is in the other buffer mode";
  if (error == ZB_EPERM)
    return "the descriptor was locked by BIOCLOCK";
  return {};
}

Result<void> call(Device& device, std::uint32_t request, void* argument, const std::string& with = {}) {
  const int error = device.control(request, argument);
  if (error == 0)
    return {};
  const char* const name = request_name(request);
  const std::string_view hint = advice(request, error);
  return fail(error == ZB_ENXIO ? Error::Code::not_found : Error::Code::unsupported,
              fmt::format("{}{}{}: {}{}{}", name != nullptr ? name : "ioctl", with.empty() ? "" : " ", with,
                          error_name(error), hint.empty() ? "" : "; ", hint));
}

template <typename T>
Result<T> get(Device& device, std::uint32_t request) {
  T value{};
  return call(device, request, &value).map([&] { return value; });
}

Result<zb_ifreq> interface_request(const std::string& name) {
  zb_ifreq request{};
  if (name.empty() || name.size() >= sizeof(request.name))
    return fail(Error::Code::bad_input, fmt::format("interface name \"{}\": expected 1 to {} characters",
                                                    name, sizeof(request.name) - 1));
  std::memcpy(request.name, name.data(), name.size());
  return request;
}

} // namespace

Result<void> set_buffer_mode(Device& device, BufferMode mode) {
  auto value = static_cast<std::uint32_t>(mode);
  return call(device, ZB_BIOCSETBUFMODE, &value,
              mode == BufferMode::zbuf ? "BPF_BUFMODE_ZBUF" : "BPF_BUFMODE_BUFFER");
}

Result<std::size_t> max_zbuf_length(Device& device) {
  return get<std::uint64_t>(device, ZB_BIOCGETZMAX).map([](std::uint64_t n) { return std::size_t{n}; });
}

Result<std::uint32_t> buffer_length(Device& device) {
  return get<std::uint32_t>(device, ZB_BIOCGBLEN);
}

Result<std::uint32_t> set_buffer_length(Device& device, std::uint32_t bytes) {
  std::uint32_t value = bytes;
  return call(device, ZB_BIOCSBLEN, &value, fmt::format("{}", bytes)).map([&] { return value; });
}

Result<void> set_zbuf(Device& device, void* a, void* b, std::size_t bytes) {
  zb_bpf_zbuf request{reinterpret_cast<std::uintptr_t>(a), reinterpret_cast<std::uintptr_t>(b), bytes};
  return call(device, ZB_BIOCSETZBUF, &request, fmt::format("2 x {} bytes", bytes));
}

Result<void> rotate_zbuf(Device& device) {
  zb_bpf_zbuf ignored{};
  return call(device, ZB_BIOCROTZBUF, &ignored);
}

Result<void> set_interface(Device& device, const std::string& name) {
  auto request = interface_request(name);
  if (!request)
    return fail(request.error());
  return call(device, ZB_BIOCSETIF, &*request, name);
}

Result<std::string> interface_name(Device& device) {
  return get<zb_ifreq>(device, ZB_BIOCGETIF).map([](const zb_ifreq& request) {
    return std::string(request.name, strnlen(request.name, sizeof(request.name)));
  });
}

Result<std::uint32_t> link_type(Device& device) {
  return get<std::uint32_t>(device, ZB_BIOCGDLT);
}

Result<void> set_filter(Device& device, std::span<const zb_bpf_insn> program, bool reset) {
  zb_bpf_program request{static_cast<std::uint32_t>(program.size()), 0,
                         reinterpret_cast<std::uintptr_t>(program.data())};
  return call(device, reset ? ZB_BIOCSETF : ZB_BIOCSETFNR, &request,
              fmt::format("({} instructions)", program.size()));
}

Result<void> set_immediate(Device& device, bool on) {
  std::uint32_t value = on;
  return call(device, ZB_BIOCIMMEDIATE, &value);
}

Result<void> set_read_timeout(Device& device, std::uint64_t timeout_ns) {
  zb_timeval value{static_cast<std::int64_t>(timeout_ns / 1'000'000'000),
                   static_cast<std::int64_t>(timeout_ns % 1'000'000'000 / 1'000)};
  return call(device, ZB_BIOCSRTIMEOUT, &value);
}

Result<void> set_nonblocking(Device& device, bool on) {
  std::uint32_t value = on;
  return call(device, ZB_FIONBIO, &value);
}

Result<void> flush(Device& device) {
  return call(device, ZB_BIOCFLUSH, nullptr);
}

Result<zb_bpf_stat> statistics(Device& device) {
  return get<zb_bpf_stat>(device, ZB_BIOCGSTATS);
}

} // namespace zbuf
