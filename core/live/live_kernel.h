// SPDX-License-Identifier: BSD-2-Clause
// Where a live capture gets its descriptors and its packets from: an emulated kernel behind a tap, or the
// kernel of this machine.
#pragma once

#include "core/base/result.h"
#include "core/clock/giant_clock.h"
#include "core/device/device.h"
#include "core/live/live_observer.h"
#include "core/live/tap.h"
#include "core/reader/reader.h"
#include "core/trace/recorder.h"

#include <memory>
#include <optional>
#include <string>

namespace zbuf {

class LiveKernel {
 public:
  virtual ~LiveKernel() = default;

  /// DLT_ number of the interface.
  [[nodiscard]] virtual std::uint32_t link_type() const = 0;

  /// "exact", or "deduced" where the kernel does not tell of its slots (spec 6.4).
  [[nodiscard]] virtual std::string slots() const = 0;

  /// The name of its revision (zb_revisions), or what else it is.
  [[nodiscard]] virtual std::string revision() const = 0;

  /// Clock and recorder outlive it. Before open().
  virtual void begin(GiantClock& clock, Recorder& recorder) = 0;

  /// A descriptor. Their numbers in the recording are 0, 1, ...
  virtual Result<std::unique_ptr<Device>> open() = 0;

  /// Where the reader of a descriptor writes what it does. The clock's lock is over it.
  virtual zb_trace* reader_trace(std::uint16_t descriptor) = 0;

  /// A reader is attached.
  virtual void attached(std::uint16_t descriptor, Reader& reader, BufferMode mode) = 0;
  /// Its thread has a fill that next() gave it, and not looked at it.
  virtual void filled(std::uint16_t descriptor, const Fill& fill) = 0;
  /// What the reader says of a fill must wait until filled() has been called.
  [[nodiscard]] virtual bool needs_fills() const = 0;

  /// All readers are attached: packets may come.
  virtual void start() = 0;
  /// No packet comes after it returns.
  virtual void stop() = 0;
  /// Several times a second, by one thread.
  virtual void tick() = 0;
  /// Readers and ticks have ended: what there is still to tell. Devices are still open.
  virtual void settle() = 0;

  /// Of what the kernel was given to see; none where it looks for itself.
  virtual std::optional<Tap::Counts> counts() = 0;
  /// The interface went away, or packets cannot be had any more: then error() says why.
  [[nodiscard]] virtual bool gone() const = 0;
  [[nodiscard]] virtual std::optional<Error> error() const = 0;

  /// All devices are closed; the recorder is not used after it.
  virtual void end() = 0;
};

} // namespace zbuf
