// SPDX-License-Identifier: BSD-2-Clause
// Whatever a process does, in whatever order: the descriptor stays whole, on every revision; and on `freebsd`
// and `zbuf` nothing that the user owns is written.
#include "core/clock/virtual_clock.h"
#include "core/device/records.h"
#include "core/observation/emulated_bed.h"
#include "core/trace/fold.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace zbuf {

void showValue(const Operation& operation, std::ostream& out) {
  out << operation.name;
  for (const std::string& argument : operation.arguments)
    out << ' ' << argument;
}

namespace {

// ---- What a process may do ----

struct Weighted {
  std::size_t weight;
  const char* text;
};

/// Weighted as the recorded random schedules are: mostly packets and acknowledgements, and a little of all
/// else.
constexpr std::array well_behaved{
    Weighted{12, "pkt 60"},       Weighted{12, "pkt 1000 3"},     Weighted{8, "pkt 1500 5"},
    Weighted{4, "pkt 300 30"},    Weighted{2, "pkt 9000"},        Weighted{12, "ack a"},
    Weighted{12, "ack b"},        Weighted{8, "rotzbuf"},         Weighted{6, "poll"},
    Weighted{1, "poll 30"},       Weighted{3, "flush"},           Weighted{3, "fionread"},
    Weighted{2, "gstats"},        Weighted{2, "filter accept"},   Weighted{1, "filter odd 100"},
    Weighted{1, "filter reject"}, Weighted{1, "filter accept 3"}, Weighted{1, "filter accept 80 nr"},
    Weighted{2, "immediate 1"},   Weighted{2, "immediate 0"},     Weighted{1, "rtimeout 20"},
    Weighted{1, "rtimeout 0"},    Weighted{3, "records a"},       Weighted{3, "records b"},
    Weighted{4, "read"},          Weighted{1, "read 100"},        Weighted{2, "setif"},
    Weighted{1, "setif nosuch0"}, Weighted{1, "setblen 32768"},   Weighted{1, "setbufmode 2"},
    Weighted{1, "direction 1"},   Weighted{1, "tstamp 3"},        Weighted{1, "write 100"},
    Weighted{1, "write 100"},     Weighted{1, "getblen"},         Weighted{1, "setzbuf 4096 8"},
};
/// What breaks rules: headers that are not the process's to write, and loans that are refused.
constexpr std::array hostile{
    Weighted{6, "setugen a 1"},    Weighted{6, "setugen b 2"}, Weighted{3, "setugen a 4294967295"},
    Weighted{6, "setkgen a 0"},    Weighted{6, "setkgen b 7"}, Weighted{3, "setkgen a 4294967295"},
    Weighted{3, "setklen a 5000"}, Weighted{3, "setklen b 0"}, Weighted{4, "setzbuf_live 4096"},
    Weighted{1, "setzbuf 8192"},
};

rc::Gen<Operation> operation(bool with_hostile) {
  std::vector<Operation> all; // each as often as it weighs
  const auto add = [&](const Weighted& w) { all.insert(all.end(), w.weight, parse_operation(w.text)); };
  std::for_each(well_behaved.begin(), well_behaved.end(), add);
  if (with_hostile)
    std::for_each(hostile.begin(), hostile.end(), add);
  return rc::gen::elementOf(all);
}

// ---- The machine, watched ----

/// What the process truly owns: from publication until it stores that generation.
struct Ownership {
  bool lent = false;
  std::uint32_t generation = 0;
  std::vector<std::byte> contents{}; ///< while lent: must not change
};

class Watched final : public TestBed {
 public:
  Watched(zb_revision_number revision, bool trusting)
      : revision_(revision), trusting_(trusting), kernel_(clock_, config(revision), trace()),
        em0_(*kernel_.add_interface({.name = "em0", .mtu = 9000})), bed_(kernel_, "em0") {}

  void run(const Operation& op) {
    RC_ASSERT(static_cast<bool>(check_operation(op)));
    process_.run(op);
    noticed_by_user(op);
    check();
  }

  // TestBed: a check after each packet.
  std::unique_ptr<Device> open(bool nonblocking, int& error) override {
    return bed_.open(nonblocking, error);
  }
  void enable_zerocopy(bool on) override { bed_.enable_zerocopy(on); }
  [[nodiscard]] std::string interface_name() const override { return bed_.interface_name(); }
  void inject(std::span<const std::byte> packet) override {
    bed_.inject(packet);
    check();
  }
  void destroy_interface() override { bed_.destroy_interface(); }
  std::optional<zb_xbpf_d> stats(const Device& device) override { return bed_.stats(device); }

  [[nodiscard]] std::uint64_t publications() const { return publications_; }

 private:
  static EmulatedKernel::Config config(zb_revision_number revision) {
    EmulatedKernel::Config config;
    config.revision = &zb_revisions[revision];
    config.tunables.zerocopy_enable = true;
    config.tunables.hz = 100;
    return config;
  }
  zb_trace* trace() {
    trace_.next = events_.data();
    trace_.end = events_.data() + events_.size();
    trace_.packet = ZB_NO_PACKET;
    trace_.full = [](zb_trace*) { std::abort(); };
    return &trace_;
  }

  /// Storing the generation of a loan in user_gen ends it, by whatever name it is done.
  void noticed_by_user(const Operation& op) {
    if ((op.name != "ack" && op.name != "setugen") || process_.loan().empty())
      return;
    const zb_which which = op.arguments[0] == "b" ? ZB_B : ZB_A;
    Ownership& own = own_[which];
    if (zb_user_user_gen(process_.loan().header(which)) == own.generation)
      own.lent = false;
  }

  void check() {
    check_untouched();
    for (const zb_event* e = events_.data(); e != trace_.next; ++e) {
      fold(state_, *e);
      take_in(*e);
    }
    trace_.next = events_.data();
    check_slots();
    check_counters();
    for (const zb_which which : {ZB_A, ZB_B})
      if (own_[which].lent)
        own_[which].contents = contents(which);
  }

  [[nodiscard]] std::vector<std::byte> contents(zb_which which) const {
    const auto records = process_.loan().records(which);
    return {records.begin(), records.end()};
  }

  /// I2. Kernels before 8.3 break it (spec 5.5 S4), and one that trusts headers breaks it for who scribbles.
  void check_untouched() {
    if (revision_ < ZB_FREEBSD || trusting_)
      return;
    for (const zb_which which : {ZB_A, ZB_B})
      if (own_[which].lent)
        RC_ASSERT(contents(which) == own_[which].contents);
  }

  void take_in(const zb_event& e) {
    stored_or_dropped_ += e.kind == ZB_EV_STORED || e.kind == ZB_EV_DROPPED;
    if (e.kind == ZB_EV_RESET)
      stored_or_dropped_ = 0;
    if (e.kind == ZB_EV_PUBLISHED)
      published(static_cast<zb_which>(e.buffer), e.a, e.b);
  }

  /// I3, I4, I5, and the header as the kernel has just written it.
  void published(zb_which which, std::uint32_t length, std::uint32_t generation) {
    const zb_shared_header* const header = process_.loan().header(which);
    Ownership& own = own_[which];
    if (!trusting_) {
      RC_ASSERT(generation == own.generation + 1);
      // After a flush 2008-04 can rotate a stale flag into hold: a fill that nobody is told of (5.5 S3).
      RC_ASSERT(revision_ == ZB_2008_04 || publications_ % 2 == (which == ZB_A ? 0u : 1u));
      RC_ASSERT(zb_user_kernel_gen(header) == generation);
      RC_ASSERT(zb_user_kernel_len(header) == length);
    }
    ++publications_;
    own.lent = zb_user_user_gen(header) != generation;
    own.generation = generation;
    check_whole(which, length);
    own.contents = contents(which);
  }

  void check_whole(zb_which which, std::uint32_t length) {
    RC_ASSERT(length > 0u);
    RC_ASSERT(length <= process_.loan().records(which).size());
    if (process_.loan().address(ZB_A) == process_.loan().address(ZB_B))
      return; // the next fill is being written over this one
    RecordCursor cursor(process_.loan().records(which).first(length));
    std::size_t end = 0;
    while (const auto record = cursor.next())
      end = record->offset + record->hdrlen + record->bytes.size();
    RC_ASSERT(cursor.fault() == RecordFault::none);
    RC_ASSERT(end == length);
  }

  /// Spec 2.1.
  void check_slots() {
    if (state_.descriptors.empty())
      return;
    const DescriptorState& d = state_.descriptors.back();
    if (d.store == ZB_NO_BUFFER) {
      RC_ASSERT(d.hold == ZB_NO_BUFFER && d.free == ZB_NO_BUFFER);
      return;
    }
    RC_ASSERT(d.store <= ZB_B);
    RC_ASSERT((d.hold == ZB_NO_BUFFER) != (d.free == ZB_NO_BUFFER));
    RC_ASSERT(std::min(d.hold, d.free) == 1 - d.store);
  }

  void check_counters() {
    const auto stats = process_.device() != nullptr ? bed_.stats(*process_.device()) : std::nullopt;
    if (!stats)
      return;
    const DescriptorState& d = state_.descriptors.back();
    RC_ASSERT(stats->rcount >= stats->fcount);
    RC_ASSERT(stats->fcount >= stats->dcount);
    RC_ASSERT(stats->fcount == stored_or_dropped_);
    RC_ASSERT(stats->wcount >= stats->wdcount);
    RC_ASSERT(stats->slen == static_cast<std::int32_t>(d.store_length));
    RC_ASSERT(stats->hlen == static_cast<std::int32_t>(d.hold_length));
    RC_ASSERT(stats->slen <= stats->bufsize && stats->hlen <= stats->bufsize);
    RC_ASSERT(d.hold != ZB_NO_BUFFER || stats->hlen == 0);
  }

  const zb_revision_number revision_;
  const bool trusting_; ///< the kernel believes headers, and the process lies in them
  VirtualClock clock_{};
  std::vector<zb_event> events_ = std::vector<zb_event>(1 << 14);
  zb_trace trace_{};
  EmulatedKernel kernel_;
  EmulatedKernel::InterfaceId em0_;
  EmulatedBed bed_;
  Operator process_{*this};
  State state_{};
  std::array<Ownership, 2> own_{};
  std::uint64_t stored_or_dropped_ = 0; ///< since the last reset
  std::uint64_t publications_ = 0;
};

// ---- The properties ----

const std::vector<std::vector<const char*>> beginnings{
    {"open", "setbufmode 2", "setzbuf 4096", "setif"},
    {"open", "setbufmode 2", "setzbuf 8192", "setif", "immediate 1"},
    {"open nonblock", "setbufmode 2", "setzbuf 16384", "filter accept", "setif"},
    {"open", "setblen 4096", "setif"},
    {"open nonblock", "setblen 32", "setif"},
    {"open nonblock", "setif", "rtimeout 50"},
};

class RandomOperations : public ::testing::TestWithParam<std::tuple<int, bool>> {};
INSTANTIATE_TEST_SUITE_P(Revision, RandomOperations,
                         ::testing::Combine(::testing::Range(0, int{ZB_REVISIONS}), ::testing::Bool()),
                         [](const auto& info) {
                           std::string name = zb_revisions[std::get<0>(info.param)].name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name + (std::get<1>(info.param) ? "_hostile" : "");
                         });

TEST_P(RandomOperations, LeaveTheDescriptorWhole) {
  const auto revision = static_cast<zb_revision_number>(std::get<0>(GetParam()));
  const bool with_hostile = std::get<1>(GetParam());
  std::uint64_t publications = 0;
  EXPECT_TRUE(rc::check([&] {
    Watched machine(revision, with_hostile && !zb_revisions[revision].private_generation);
    for (const char* op : *rc::gen::elementOf(beginnings))
      machine.run(parse_operation(op));
    const auto length = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, 400));
    for (const Operation& op : *rc::gen::container<std::vector<Operation>>(length, operation(with_hostile)))
      machine.run(op);
    for (const char* op : {"ifgone", "poll", "rotzbuf", "flush", "read", "rotzbuf", "close"})
      machine.run(parse_operation(op));
    publications += machine.publications();
  }));
  EXPECT_GT(publications, 100u) << "and something did happen";
}

TEST(RandomOperations, OnTheSameMemoryTwiceHarmNobodyElse) {
  // Spec 4.5: FreeBSD takes it. What the process reads is its own affair; the kernel stays whole.
  EXPECT_TRUE(rc::check([] {
    Watched machine(ZB_FREEBSD, true);
    for (const char* op : {"open", "setbufmode 2", "setzbuf_alias 4096", "setif"})
      machine.run(parse_operation(op));
    for (const Operation& op : *rc::gen::container<std::vector<Operation>>(operation(false)))
      machine.run(op);
  }));
}

} // namespace
} // namespace zbuf
