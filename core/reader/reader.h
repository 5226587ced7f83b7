// SPDX-License-Identifier: BSD-2-Clause
// What every reader of bpf(4) gives its user: one fill of records after the other.
#pragma once

#include "core/base/result.h"
#include "core/clock/clock.h"
#include "core/device/process_observer.h"
#include "core/device/records.h"
#include "core/reader/options.h"

#include <memory>
#include <span>
#include <string>

namespace zbuf {

/// One buffer full of records, in order of arrival. It is the reader's until Reader::release() or the next
/// Reader::next(); the spans of its records go with it.
struct Fill {
  zb_which buffer = ZB_NO_BUFFER;       ///< A or B of the loan; ZB_USER_COPY for read(2)
  std::uint32_t generation = 0;         ///< of the loan; 0 for read(2)
  std::span<const std::byte> records{}; ///< exactly as many bytes as were published
};

/// What next() came back with.
struct Next {
  enum class Kind {
    fill,    ///< `fill` is there to be read
    nothing, ///< the time-out passed, or a call was interrupted; ask again
    gone,    ///< the interface is gone and everything published has been read
  };
  Kind kind = Kind::nothing;
  Fill fill{};
};

class Reader {
 public:
  virtual ~Reader() = default;

  /// The next fill; releases the one before. Waits as ReaderOptions say.
  virtual Result<Next> next() = 0;

  /// Gives the fill back to the kernel. Does nothing if there is none.
  virtual void release() = 0;

  /// When next() will do more than it did the last time, if nothing comes: a time-out that it minds itself
  /// while it polls or spins. never_ns: each call does the same.
  [[nodiscard]] virtual std::uint64_t deadline_ns() const { return never_ns; }

  /// Virtual time has jumped over so much in which next() would have repeated itself: its deadline moves with
  /// it.
  virtual void time_was_skipped(std::uint64_t) {}

  /// The descriptor that it reads; the reader owns it.
  [[nodiscard]] virtual Device& device() = 0;
};

/// Prepares the descriptor (mode, buffers, filter, time-outs) and attaches it to the interface. The reader
/// owns it from now on, because the kernel writes to what the reader lent until it is closed. The observer,
/// which may be null, outlives the reader.
Result<std::unique_ptr<Reader>> make_reader(std::unique_ptr<Device> device, const std::string& interface,
                                            const ReaderOptions& options,
                                            ProcessObserver* observer = nullptr);

} // namespace zbuf
