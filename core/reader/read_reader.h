// SPDX-License-Identifier: BSD-2-Clause
// A read(2) reader of bpf(4): the kernel fills buffers of its own, and copies each out when asked.
#pragma once

#include "core/reader/reader.h"

#include <vector>

namespace zbuf {

class ReadReader final : public Reader {
 public:
  static Result<std::unique_ptr<ReadReader>> attach(std::unique_ptr<Device> device,
                                                    const std::string& interface,
                                                    const ReaderOptions& options, ProcessObserver* observer);

  Result<Next> next() override;
  void release() override {} // the copy is ours; the kernel had its buffer back when read(2) returned
  [[nodiscard]] Device& device() override { return *device_; }

 private:
  ReadReader(std::unique_ptr<Device> device, ProcessObserver* observer, std::size_t buffer_bytes)
      : device_(std::move(device)), observer_(observer), buffer_(buffer_bytes) {}

  const std::unique_ptr<Device> device_;
  ProcessObserver* const observer_;
  std::vector<std::byte> buffer_; ///< read(2) must be given exactly what BIOCGBLEN says
};

} // namespace zbuf
