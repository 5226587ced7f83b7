// SPDX-License-Identifier: BSD-2-Clause
#include "core/reader/read_reader.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf {

Result<Next> ReadReader::next() {
  const CallResult got = device_->read(buffer_);
  switch (got.error) {
  case 0:
    if (got.value == 0)
      return Next{}; // the time-out passed with nothing stored
    if (observer_ != nullptr)
      observer_->took(ZB_USER_COPY, static_cast<std::uint32_t>(got.value), 0);
    return Next{Next::Kind::fill, {ZB_USER_COPY, 0, std::span<const std::byte>(buffer_).first(got.value)}};
  case ZB_EWOULDBLOCK: // non-blocking, for Waiting::poll
  case ZB_EINTR:
    return Next{};
  case ZB_ENXIO:
    return Next{Next::Kind::gone, {}};
  default:
    return fail(Error::Code::io, fmt::format("read of {} bytes: {}", buffer_.size(), error_name(got.error)));
  }
}

Result<std::unique_ptr<ReadReader>> ReadReader::attach(std::unique_ptr<Device> device,
                                                       const std::string& interface,
                                                       const ReaderOptions& options,
                                                       ProcessObserver* observer) {
  if (options.waiting == Waiting::spin)
    return fail(Error::Code::bad_input, "a read(2) reader cannot spin: it has no memory in common with the "
                                        "kernel; let it sleep or poll");
  Result<std::uint32_t> size = set_buffer_length(
      *device, static_cast<std::uint32_t>(std::min<std::size_t>(options.buffer_bytes, 0xffffffffu)));
  if (!size)
    return fail(size.error());
  Result<void> done{};
  if (options.immediate)
    done = set_immediate(*device, true);
  if (done)
    done = set_read_timeout(*device, options.kernel_timeout_ns.value_or(options.timeout_ns));
  if (done && options.waiting == Waiting::poll)
    done = set_nonblocking(*device, true);
  if (done && !options.filter.empty())
    done = set_filter(*device, options.filter);
  if (done)
    done = set_interface(*device, interface);
  if (!done)
    return fail(done.error());
  return std::unique_ptr<ReadReader>(new ReadReader(std::move(device), observer, *size));
}

} // namespace zbuf
