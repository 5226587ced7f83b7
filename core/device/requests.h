// SPDX-License-Identifier: BSD-2-Clause
// The ioctl requests of bpf(4) by name, with types, and with errors that say what to do.
#pragma once

#include "core/base/result.h"
#include "core/device/device.h"

#include <string>
#include <vector>

namespace zbuf {

enum class BufferMode : std::uint32_t { buffer = ZB_BUFMODE_BUFFER, zbuf = ZB_BUFMODE_ZBUF };

Result<void> set_buffer_mode(Device& device, BufferMode mode);
Result<std::size_t> max_zbuf_length(Device& device);
Result<std::uint32_t> buffer_length(Device& device);
/// Returns the size that the kernel chose: 32 to net.bpf.maxbufsize bytes.
Result<std::uint32_t> set_buffer_length(Device& device, std::uint32_t bytes);
/// Lends two buffers, page-aligned, each `bytes` long, a multiple of the page size, until the device closes.
Result<void> set_zbuf(Device& device, void* a, void* b, std::size_t bytes);
/// Has the kernel hand over a buffer that is not full. What it returns is not to be trusted (spec 2.16c):
/// look at the generations.
Result<void> rotate_zbuf(Device& device);
Result<void> set_interface(Device& device, const std::string& name);
Result<std::string> interface_name(Device& device);
Result<std::uint32_t> link_type(Device& device);
Result<void> set_filter(Device& device, std::span<const zb_bpf_insn> program, bool reset = true);
Result<void> set_immediate(Device& device, bool on);
/// Nanoseconds; the kernel rounds to its ticks (spec 2.15). 0: none.
Result<void> set_read_timeout(Device& device, std::uint64_t timeout_ns);
Result<void> set_nonblocking(Device& device, bool on);
Result<void> flush(Device& device);
Result<zb_bpf_stat> statistics(Device& device);

} // namespace zbuf
