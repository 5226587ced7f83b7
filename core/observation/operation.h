// SPDX-License-Identifier: BSD-2-Clause
// One vocabulary for what a process does to a descriptor, step by step: "setzbuf 4096", "pkt 1000 3", "ack
// a". Recorded observations of a real kernel are written in it, and so are the scripted processes of
// scenarios.
#pragma once

#include "core/base/result.h"
#include "core/device/device.h"
#include "core/device/loan.h"
#include "core/device/process_observer.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace zbuf {

/// A step and its arguments. README of tests/vectors says what each does.
struct Operation {
  std::string name;
  std::vector<std::string> arguments{};
};

/// "pkt 1000 4" taken apart at blanks. Not checked.
[[nodiscard]] Operation parse_operation(const std::string& text);

/// The names, for messages and completion.
[[nodiscard]] std::vector<std::string_view> operation_names();

/// Unknown name, or arguments that it does not take: an error that says what it takes.
Result<void> check_operation(const Operation& operation);

/// What an operation returned. What it does not return is not set.
struct OperationResult {
  struct Row {
    std::uint32_t offset, hdrlen, caplen, datalen, sequence;
  };
  struct Rotated {
    char buffer = 0; ///< 'a', 'b', or 0: none
    std::uint64_t length = 0;
  };
  std::optional<int> error{};
  std::optional<std::int64_t> value{};
  std::optional<int> ready{};
  std::optional<std::vector<Row>> records{};
  std::optional<std::uint32_t> bad_record_offset{}; ///< where the walk had to stop
  std::optional<Rotated> rotated{};
  std::optional<zb_bpf_stat> stat{};
};

/// The machine around the process, as far as operations reach it: emulated, or a real one.
class TestBed {
 public:
  virtual ~TestBed() = default;
  virtual std::unique_ptr<Device> open(bool nonblocking, int& error) = 0;
  virtual void enable_zerocopy(bool on) = 0;
  [[nodiscard]] virtual std::string interface_name() const = 0;
  /// A packet arrives there.
  virtual void inject(std::span<const std::byte> packet) = 0;
  virtual void destroy_interface() = 0;
  /// net.bpf.stats of that descriptor, if it is attached.
  virtual std::optional<zb_xbpf_d> stats(const Device& device) = 0;
};

/// Builds the test packet: a broadcast of type 88b5 that carries its number (tests/vectors).
void fill_test_packet(std::span<std::byte> packet, std::uint32_t sequence);

/// A process that does what it is told. Single-threaded.
class Operator {
 public:
  /// Both outlive it; the observer may be null.
  explicit Operator(TestBed& bed, ProcessObserver* observer = nullptr) : bed_(bed), observer_(observer) {}

  /// Pre: check_operation() had nothing to say.
  OperationResult run(const Operation& operation);

  [[nodiscard]] const Device* device() const { return device_.get(); }
  [[nodiscard]] Device* device() { return device_.get(); }
  /// The buffers that were lent; empty before.
  [[nodiscard]] const Loan& loan() const { return loan_; }

 private:
  friend struct Operations;

  TestBed& bed_;
  ProcessObserver* observer_;
  Loan loan_{};
  std::vector<Loan> refused_{}; ///< memory of loans that failed, kept: a real process keeps its mappings too
  std::unique_ptr<Device> device_{};
  std::uint32_t sequence_ = 0;
};

} // namespace zbuf
