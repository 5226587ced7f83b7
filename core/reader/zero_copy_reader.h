// SPDX-License-Identifier: BSD-2-Clause
// A zero-copy reader of bpf(4): the whole hand-off, from the user's side, on one page.
//
// The process lends two buffers, A and B. The kernel fills one; when it is full it writes the length and
// raises kernel_gen, and from then on the buffer is ours. We read the records where they lie, then store the
// same number in user_gen, and it is the kernel's again. Under load both buffers change hands without any
// system call: the only calls below are in wait(), when there is nothing to read.
//
//        kernel: fill, then kernel_len, then kernel_gen + 1   (release)
//            \                                                    |
//             `---------------------------------------------> look()  (acquire), read the records
//        kernel: may write again                                  |
//            ^                                                    v
//             `------------------------------------------- release()  (release)
#pragma once

#include "core/device/loan.h"
#include "core/reader/reader.h"

namespace zbuf {

class ZeroCopyReader final : public Reader {
 public:
  /// Lends the buffers and attaches. See make_reader().
  static Result<std::unique_ptr<ZeroCopyReader>> attach(std::unique_ptr<Device> device,
                                                        const std::string& interface,
                                                        const ReaderOptions& options,
                                                        ProcessObserver* observer);

  Result<Next> next() override;
  void release() override;
  [[nodiscard]] std::uint64_t deadline_ns() const override;
  void time_was_skipped(std::uint64_t duration_ns) override { since_ns_ += duration_ns; }
  [[nodiscard]] Device& device() override { return *device_; }

  /// The memory that is lent.
  [[nodiscard]] const Loan& loan() const { return loan_; }

 private:
  ZeroCopyReader(std::unique_ptr<Device> device, const ReaderOptions& options, ProcessObserver* observer,
                 Loan loan)
      : options_(options), observer_(observer), loan_(std::move(loan)), device_(std::move(device)),
        since_ns_(device_->now_ns()) {}

  enum class Waited { published, time_is_up, gone }; ///< published: look() has just said so

  bool look(std::uint64_t looks = 1);
  Fill take();
  Result<Waited> wait();
  Result<Waited> spin();
  Result<Waited> ask();
  Result<Waited> sleep();
  [[nodiscard]] bool overdue() const;
  Result<Waited> take_partial(bool gone);

  const ReaderOptions options_;
  ProcessObserver* const observer_;
  const Loan loan_;
  const std::unique_ptr<Device> device_; ///< after loan_: it is closed before the memory goes

  zb_which expected_ = ZB_A;     ///< buffers are published in turn: A, B, A, B (spec 3.6)
  std::uint32_t generation_ = 0; ///< of the expected buffer, as look() saw it
  bool holding_ = false;         ///< the expected buffer is ours
  std::uint64_t since_ns_;       ///< when we last took a fill, or what there was; else began
};

} // namespace zbuf
