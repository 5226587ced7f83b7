// SPDX-License-Identifier: BSD-2-Clause
// The schedules of spec 5.5, on every revision: vectors/revisions.txt says how each must end, and what must
// happen on the way. The rows for `zbuf` stand below.
//
// A row's unit is 81.6 bytes, so that 100 of them are a buffer of 8192 bytes less its header, and a packet of
// 10 is a record of 816.
#include "core/clock/virtual_clock.h"
#include "core/device/loan.h"
#include "core/device/requests.h"
#include "core/emulated/kernel.h"
#include "core/trace/fold.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

namespace zbuf {
namespace {

// ---- The rows ----

struct Row {
  std::string schedule; ///< "S1b"
  std::string revision; ///< "a", "b1", "b2", "c", "d"; "z" is zbuf
  std::string state;    ///< how it ends
  std::string story;    ///< what happens, in order
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.schedule << " on " << row.revision;
}

/// Spec 5.9, M3 to M5; the schedules that are not here end as on "d".
constexpr const char* rows_of_zbuf = R"(
== S5 no stuck tail
 [z] store=A(10) hold=B(10) free=- own=['B'] gens A1/1 B1/0 recv=12 drop=0 ready=1
      A:kgen=1,klen=100; reclaim A; B:kgen=1,klen=10; rotz->('B', 10); ready=1; imm ready=1; rotz->(None, 0)
== S6 no spin: both come back at once
 [z] store=A(20) hold=-(0) free=B own=[] gens A1/1 B1/1 recv=23 drop=1 ready=1
      A:kgen=1,klen=100; B:kgen=1,klen=100; drop 21; reclaim A; B->hold,no-publish; reclaim B; both acked ready=0 rotz=(None, 0); store=A(10) hold=-(0) free=B own=[] gens A1/1 B1/1 recv=22 drop=1 ready=1
== S8 nothing is handed out twice
 [z] store=A(0) hold=-(0) free=B own=[] gens A1/1 B1/1 recv=0 drop=0 ready=0
      A:kgen=1,klen=100; B:kgen=1,klen=100; drop 21; FLUSH; rotz->(None, 0); store=A(0) hold=-(0) free=B own=[] gens A1/1 B1/1 recv=0 drop=0 ready=0
)";

std::vector<Row> parse_rows(std::istream& text) {
  std::vector<Row> rows;
  std::string line, schedule;
  while (std::getline(text, line)) {
    if (line.starts_with("== "))
      schedule = line.substr(3, line.find(' ', 3) - 3);
    else if (line.starts_with(" ["))
      rows.push_back({schedule, line.substr(2, line.find(']') - 2), line.substr(line.find("store=")), ""});
    else if (line.starts_with("      ") && !rows.empty())
      rows.back().story = line.substr(6);
  }
  return rows;
}

/// A story without what only a kernel built for debugging does: stop.
std::string without_panics(std::string story) {
  for (std::size_t at = 0; (at = story.find("!! KASSERT")) != std::string::npos;) {
    const std::size_t end = story.find("; ", at);
    story.erase(at, end == std::string::npos ? end : end + 2 - at);
  }
  while (story.ends_with("; "))
    story.erase(story.size() - 2);
  return story;
}

std::vector<Row> all_rows() {
  std::ifstream file(ZBUF_SOURCE_DIR "/tests/vectors/revisions.txt");
  std::vector<Row> rows = parse_rows(file);
  std::istringstream zbuf(rows_of_zbuf);
  const std::vector<Row> mended = parse_rows(zbuf);
  // Where nothing is mended, zbuf is FreeBSD.
  for (const Row& row : std::vector<Row>(rows))
    if (row.revision == "d" &&
        std::none_of(mended.begin(), mended.end(), [&](const Row& m) { return m.schedule == row.schedule; }))
      rows.push_back({row.schedule, "z", row.state, row.story});
  rows.insert(rows.end(), mended.begin(), mended.end());
  return rows;
}

const std::map<std::string, zb_revision_number> revisions{
    {"a", ZB_R177548}, {"b1", ZB_2008_04}, {"c", ZB_R180310}, {"d", ZB_FREEBSD}, {"z", ZB_ZBUF}};

// ---- One run ----

/// A machine, and a process that does what a schedule says; it writes the story as the rows do.
class Trial {
 public:
  explicit Trial(zb_revision_number revision) : kernel_(clock_, config(revision), trace()) {
    const auto em0 = kernel_.add_interface({.name = "em0", .mtu = 9000});
    interface_ = *em0;
    hdrlen_ = zb_revisions[revision].record_header_constant == 26 ? 26 : 34;
    device_ = kernel_.open();
    EXPECT_TRUE(set_buffer_mode(*device_, BufferMode::zbuf));
    EXPECT_TRUE(set_zbuf(*device_, loan_.address(ZB_A), loan_.address(ZB_B), loan_.size()));
    EXPECT_TRUE(set_interface(*device_, "em0"));
    take_in();
    story_.clear();
  }

  // What schedules are made of.

  /// Packets of 10 units, or as many as said.
  void packets(int count, std::uint32_t units = 10) {
    for (int i = 0; i < count; ++i)
      packet(units);
  }
  void packet(std::uint32_t units) {
    ++number_;
    const std::vector<std::byte> bytes(units * 816 / 10 - hdrlen_,
                                       std::byte{static_cast<std::uint8_t>(number_)});
    std::map<zb_which, std::vector<std::byte>> lent;
    for (const zb_which which : {ZB_A, ZB_B})
      if (owned(which))
        lent[which] = contents(which);
    kernel_.arrive(interface_, {bytes, static_cast<std::uint32_t>(bytes.size()), false});
    take_in();
    for (const auto& [which, before] : lent)
      if (contents(which) != before)
        tell(fmt::format("!! overwrite of user-owned {} by pkt {}", "AB"[which], number_));
  }
  void acknowledge(zb_which which) {
    const std::uint32_t generation = zb_user_kernel_gen(loan_.header(which));
    zb_user_acknowledge(loan_.header(which), generation);
    zb_event event{};
    event.kind = ZB_EV_ACKNOWLEDGED;
    event.buffer = static_cast<std::uint8_t>(which);
    event.a = event.b = generation;
    fold(state_, event);
  }
  void flush() {
    EXPECT_TRUE(zbuf::flush(*device_));
    take_in();
    tell("FLUSH");
  }
  void immediate() { EXPECT_TRUE(set_immediate(*device_, true)); }
  int ready() {
    const int result = device_->poll(ZB_POLLIN, 0).value != 0;
    take_in();
    return result;
  }
  std::string rotate() {
    zb_bpf_zbuf z{};
    EXPECT_EQ(device_->control(ZB_BIOCROTZBUF, &z), 0);
    take_in();
    if (z.bufa == 0)
      return "(None, 0)";
    const bool is_a = z.bufa == reinterpret_cast<std::uintptr_t>(loan_.address(ZB_A));
    return fmt::format("('{}', {})", is_a ? 'A' : 'B', units(z.buflen));
  }
  void tell(const std::string& step) { story_ += (story_.empty() ? "" : "; ") + step; }

  [[nodiscard]] bool published(zb_which which) const { return zb_user_kernel_gen(loan_.header(which)) != 0; }
  [[nodiscard]] bool owned(zb_which which) const {
    return zb_user_kernel_gen(loan_.header(which)) != zb_user_user_gen(loan_.header(which));
  }
  [[nodiscard]] std::string owners() const {
    std::vector<std::string> names;
    for (const zb_which which : {ZB_A, ZB_B})
      if (owned(which))
        names.push_back(fmt::format("'{}'", "AB"[which]));
    return fmt::format("[{}]", fmt::join(names, ", "));
  }

  // What it comes to.

  [[nodiscard]] const std::string& story() const { return story_; }
  [[nodiscard]] const State& state() const { return state_; }
  std::string ending() {
    const zb_bpf_stat stat = *statistics(*device_);
    const int is_ready = ready();
    const DescriptorState& d = state_.descriptors[0];
    const auto name = [](std::uint8_t which) { return which <= ZB_B ? "AB"[which] : '-'; };
    const auto gens = [&](zb_which which) {
      return fmt::format("{}/{}", zb_user_kernel_gen(loan_.header(which)),
                         zb_user_user_gen(loan_.header(which)));
    };
    return fmt::format("store={}({}) hold={}({}) free={} own={} gens A{} B{} recv={} drop={} ready={}",
                       name(d.store), units(d.store_length), name(d.hold), units(d.hold_length), name(d.free),
                       owners(), gens(ZB_A), gens(ZB_B), stat.recv, stat.drop, is_ready);
  }

 private:
  static EmulatedKernel::Config config(zb_revision_number revision) {
    EmulatedKernel::Config config;
    config.revision = &zb_revisions[revision];
    config.tunables.zerocopy_enable = true;
    return config;
  }
  zb_trace* trace() {
    trace_.next = events_.data();
    trace_.end = events_.data() + events_.size();
    trace_.packet = ZB_NO_PACKET;
    trace_.full = [](zb_trace*) { std::abort(); };
    return &trace_;
  }
  static std::string units(std::uint64_t bytes) {
    EXPECT_EQ(bytes * 10 % 816, 0u) << bytes;
    return std::to_string(bytes * 10 / 816);
  }
  [[nodiscard]] std::vector<std::byte> contents(zb_which which) const {
    const auto records = loan_.records(which);
    return {records.begin(), records.end()};
  }

  /// Folds the new events and tells what the rows tell of them.
  void take_in() {
    for (const zb_event* e = events_.data(); e != trace_.next; ++e) {
      fold(state_, *e);
      const char name = e->buffer <= ZB_B ? "AB"[e->buffer] : '-';
      const bool by_flush = e->c == ZB_BY_FLUSH;
      if (e->kind == ZB_EV_PUBLISHED) {
        tell(fmt::format("{}:kgen={},klen={}", name, e->b, units(e->a)));
        silent_rotation_.clear();
      } else if (e->kind == ZB_EV_ROTATED && !by_flush) {
        silent_rotation_ = fmt::format("{}->hold,no-publish", name);
        continue;
      } else if (!silent_rotation_.empty()) {
        tell(std::exchange(silent_rotation_, ""));
      }
      if (e->kind == ZB_EV_RECLAIMED && !by_flush)
        tell(fmt::format("reclaim {}", name));
      if (e->kind == ZB_EV_DROPPED)
        tell(fmt::format("drop {}", number_));
    }
    trace_.next = events_.data();
  }

  VirtualClock clock_;
  std::vector<zb_event> events_ = std::vector<zb_event>(4096);
  zb_trace trace_{};
  EmulatedKernel kernel_;
  EmulatedKernel::InterfaceId interface_ = 0;
  Loan loan_ = *Loan::allocate(8192);
  std::unique_ptr<Device> device_; // after loan_: it is closed before the memory goes
  State state_{};
  std::string story_{};
  std::string silent_rotation_{};
  std::uint32_t hdrlen_ = 0;
  int number_ = 0;
};

// ---- The schedules ----

const std::map<std::string, void (*)(Trial&)> schedules{
    {"S1", [](Trial& r) { r.packets(21); }},
    {"S1b",
     [](Trial& r) {
       r.packets(21);
       r.acknowledge(ZB_A);
       r.tell("own after ack A: " + r.owners());
       if (r.published(ZB_B))
         r.acknowledge(ZB_B);
       r.packets(2);
     }},
    {"S2",
     [](Trial& r) {
       r.packets(19);
       r.packet(20);
       r.packet(5);
     }},
    {"S3",
     [](Trial& r) {
       r.packets(11);
       r.flush();
       r.acknowledge(ZB_A);
       r.tell("ack A");
       r.packets(13);
       r.acknowledge(ZB_B);
       r.tell("ack B");
       r.packets(1);
       r.tell("own=" + r.owners());
       r.packets(1);
     }},
    {"S3p",
     [](Trial& r) {
       for (int i = 0; i < 24; ++i) {
         r.packets(1);
         for (const zb_which which : {ZB_A, ZB_B})
           if (r.owned(which))
             r.acknowledge(which);
       }
     }},
    {"S4",
     [](Trial& r) {
       r.packets(11);
       r.flush();
       r.packets(11);
     }},
    {"S4b",
     [](Trial& r) {
       r.packets(21);
       r.flush();
       r.packets(2);
     }},
    {"S5",
     [](Trial& r) {
       r.packets(11);
       r.acknowledge(ZB_A);
       r.tell("rotz->" + r.rotate());
       r.tell(fmt::format("ready={}", r.ready()));
       r.immediate();
       r.tell(fmt::format("imm ready={}", r.ready()));
       r.packets(1);
       r.tell("rotz->" + r.rotate());
     }},
    {"S6",
     [](Trial& r) {
       r.packets(21);
       r.acknowledge(ZB_A);
       r.acknowledge(ZB_B);
       r.immediate();
       const int ready = r.ready();
       r.tell(fmt::format("both acked ready={} rotz={}", ready, r.rotate()));
       r.packets(1);
       r.tell(r.ending());
       r.packets(1);
     }},
    {"S7",
     [](Trial& r) {
       r.packets(21);
       r.acknowledge(ZB_B);
       r.packets(2);
       r.acknowledge(ZB_A);
       r.packets(2);
     }},
    {"S8",
     [](Trial& r) {
       r.packets(21);
       r.acknowledge(ZB_A);
       r.acknowledge(ZB_B);
       r.flush();
       r.tell("rotz->" + r.rotate());
       r.tell(r.ending());
     }},
};

// ---- The tests ----

class HistoricSchedule : public ::testing::TestWithParam<Row> {};

std::string row_name(const ::testing::TestParamInfo<Row>& info) {
  const auto revision = revisions.find(info.param.revision);
  std::string name = revision == revisions.end() ? info.param.revision : zb_revisions[revision->second].name;
  std::replace(name.begin(), name.end(), '-', '_');
  return info.param.schedule + "_" + name;
}
INSTANTIATE_TEST_SUITE_P(Row, HistoricSchedule, ::testing::ValuesIn(all_rows()), row_name);

TEST_P(HistoricSchedule, EndsAsItsRowSays) {
  const Row& row = GetParam();
  if (row.revision == "b2")
    GTEST_SKIP() << "the unlikely reconstruction of April 2008 is not implemented (spec 5.2)";
  Trial trial(revisions.at(row.revision));
  schedules.at(row.schedule)(trial);
  const std::string story = trial.story();
  EXPECT_EQ(trial.ending(), row.state);
  EXPECT_EQ(story, without_panics(row.story));
  // The monitor of every run sees the same fault.
  EXPECT_EQ(trial.state().violation(Invariant::untouched).count > 0,
            row.story.find("!! overwrite") != std::string::npos);
}

TEST(HistoricSchedules, AreAllThere) {
  const std::vector<Row> rows = all_rows();
  std::map<std::string, int> count;
  for (const Row& row : rows) {
    ++count[row.revision];
    EXPECT_TRUE(schedules.contains(row.schedule)) << row.schedule;
    EXPECT_FALSE(row.story.empty()) << row.schedule;
  }
  EXPECT_EQ(count,
            (std::map<std::string, int>{{"a", 8}, {"b1", 7}, {"b2", 3}, {"c", 11}, {"d", 11}, {"z", 11}}));
}

} // namespace
} // namespace zbuf
