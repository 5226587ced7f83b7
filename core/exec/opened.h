// SPDX-License-Identifier: BSD-2-Clause
// One descriptor of a program: the device, the memory lent to it, and what is known of its ways.
#pragma once

#include "core/exec/kernel_server.h"
#include "core/exec/user_pages.h"

#include <optional>

namespace zbuf::exec {

/// With the giant held, all of it.
class Opened {
 public:
  Opened(std::unique_ptr<EmulatedDevice> device, const OpenOrigin& origin);
  ~Opened();

  [[nodiscard]] EmulatedDevice& device() { return *device_; }
  [[nodiscard]] const OpenOrigin& origin() const { return origin_; }

  /// ioctl(2), with the addresses of this process. A reset does not take the figures of the report with it.
  int control(std::uint32_t request, void* argument);

  /// BIOCSETZBUF with the program's addresses. `file`: see UserPages.
  int set_zbuf(zb_bpf_zbuf& argument, std::uint64_t flags, int file, std::uint64_t clock_start_ns,
               std::uint64_t now_ns, const LoanWatch::Emit& emit);
  [[nodiscard]] bool lends() const { return watch_ != nullptr; }
  [[nodiscard]] LoanWatch* watch() { return watch_.get(); }
  [[nodiscard]] const UserPages* pages() const { return pages_.get(); }

  /// ioctl(2) was refused, with one of bpf's errors; or done. `interfaces`: which there are.
  void note_call(std::uint32_t request, const void* argument, int error, std::uint64_t now_ns,
                 const std::vector<InterfaceConfig>& interfaces);
  /// What the library has seen the program do.
  void note(const Mistake& mistake);

  /// BIOCSETIF was done.
  void note_attached(std::uint64_t now_ns) { attached_ns_ = attached_ns_.value_or(now_ns); }
  [[nodiscard]] std::optional<std::uint64_t> attached_ns() const { return attached_ns_; }
  /// A read(2) of it is under way: that keeps it open.
  class Reading {
   public:
    explicit Reading(Opened& opened) : opened_(opened) { ++opened_.readings_; }
    ~Reading() { --opened_.readings_; }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    Opened& opened_;
  };
  [[nodiscard]] bool being_read() const { return readings_ != 0; }
  void count_call() { ++report_.calls; }
  void count_read(std::size_t bytes) {
    ++report_.reads;
    report_.read_bytes += bytes;
  }
  [[nodiscard]] DescriptorReport report(std::uint64_t now_ns);
  [[nodiscard]] DescriptorStatus status();

 private:
  [[nodiscard]] std::string reason_of(std::uint32_t request, const void* argument, int error,
                                      const std::vector<InterfaceConfig>& interfaces) const;
  void note_memory(const zb_bpf_zbuf& argument, std::uint64_t flags, std::uint64_t now_ns);
  /// Brings the report up to date.
  void sample();
  [[nodiscard]] std::uint64_t dropped() {
    sample();
    return report_.dropped;
  }

  std::unique_ptr<UserPages> pages_{}; ///< goes after the device
  std::unique_ptr<EmulatedDevice> device_;
  std::unique_ptr<LoanWatch> watch_{};
  unsigned slot_ = loan_slots;
  unsigned readings_ = 0;
  OpenOrigin origin_;
  std::optional<std::uint64_t> attached_ns_{};
  DescriptorReport report_{};
  struct Figures {
    std::uint64_t received = 0, matched = 0, dropped = 0;
  };
  Figures before_reset_{}; ///< what resets have zeroed
  Figures since_reset_{};
  zb_xbpf_d last_{};
  struct Refused {
    std::uint32_t request = 0;
    int error = 0;
    Mistake mistake{};
  };
  std::vector<Refused> refused_{};
  std::vector<Mistake> mistakes_{};
};

} // namespace zbuf::exec
