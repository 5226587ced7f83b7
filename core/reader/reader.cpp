// SPDX-License-Identifier: BSD-2-Clause
#include "core/reader/reader.h"

#include "core/reader/read_reader.h"
#include "core/reader/zero_copy_reader.h"

namespace zbuf {

Result<std::unique_ptr<Reader>> make_reader(std::unique_ptr<Device> device, const std::string& interface,
                                            const ReaderOptions& options, ProcessObserver* observer) {
  const auto as_reader = [](auto reader) -> std::unique_ptr<Reader> { return reader; };
  if (options.mode == BufferMode::zbuf)
    return ZeroCopyReader::attach(std::move(device), interface, options, observer).map(as_reader);
  return ReadReader::attach(std::move(device), interface, options, observer).map(as_reader);
}

} // namespace zbuf
