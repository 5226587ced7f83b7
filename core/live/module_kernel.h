// SPDX-License-Identifier: BSD-2-Clause
// /dev/bpf of this project's Linux module, which tells what it does: its events are exact.
#pragma once

#include "core/device/native.h"
#include "core/live/kernel_ring.h"
#include "core/live/live_kernel.h"

namespace zbuf {

/// A ring for each of the devices. Errors: those of KernelRing::open().
Result<std::vector<KernelRing>> open_rings(const std::vector<std::unique_ptr<NativeDevice>>& devices);

/// Takes the kernel's side of every event from the rings, and the user's from the readers. Packets have their
/// bytes in the recording if the first descriptor delivered them.
std::unique_ptr<LiveKernel> make_module_kernel(std::uint32_t link_type,
                                               std::vector<std::unique_ptr<NativeDevice>> devices,
                                               std::vector<KernelRing> rings);

} // namespace zbuf
