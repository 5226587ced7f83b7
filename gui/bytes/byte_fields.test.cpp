// SPDX-License-Identifier: GPL-3.0-or-later
// What is shown as bytes is what a reader finds in memory.
#include "gui/bytes/byte_fields.h"

#include "core/clock/virtual_clock.h"
#include "core/device/loan.h"
#include "core/device/requests.h"
#include "core/emulated/kernel.h"
#include "core/trace/recorder.h"

#include <gtest/gtest.h>

namespace zbuf::gui::bytes_view {
namespace {

/// All bytes of the fields, by offset; those that are not known are absent.
std::vector<std::optional<std::uint8_t>> all_bytes(const std::vector<ByteField>& fields) {
  std::vector<std::optional<std::uint8_t>> bytes;
  for (const ByteField& field : fields) {
    EXPECT_EQ(field.offset, bytes.size()) << "no gap before " << field.name.toStdString();
    bytes.insert(bytes.end(), field.bytes.begin(), field.bytes.end());
  }
  return bytes;
}

struct Written {
  Recording::Record record{};
  std::vector<std::uint8_t> memory{}; ///< from the record's header to the end of the packet
  std::vector<std::byte> packet{};
  BufferState header{};
  std::vector<std::uint8_t> header_memory{};
  std::uint64_t boot_time_ns = 0, time_ns = 0;
};

/// Has the kernel store `packets` packets of so many bytes, and looks at the last record of A.
Written written(zb_revision_number revision, std::size_t length, int packets, std::uint32_t dlt = 1) {
  VirtualClock clock;
  auto recorder = *Recorder::create({});
  EmulatedKernel kernel(clock, {.revision = &zb_revisions[revision]}, recorder->trace());
  EXPECT_TRUE(kernel.set_sysctl("net.bpf.zerocopy_enable", 1));
  const auto em0 = *kernel.add_interface({.name = "em0", .link_type = dlt});
  Loan loan = *Loan::allocate(4096);
  Written w;
  {
    const auto device = kernel.open();
    EXPECT_TRUE(set_buffer_mode(*device, BufferMode::zbuf));
    EXPECT_TRUE(set_zbuf(*device, loan.address(ZB_A), loan.address(ZB_B), loan.size()));
    EXPECT_TRUE(set_interface(*device, "em0"));
    for (std::size_t i = 0; i < length; ++i)
      w.packet.push_back(static_cast<std::byte>(i * 7 + 1));
    recorder->watch(mask_of({ZB_EV_STORED}), [&](const State&, const Event& e) {
      if (e.buffer == ZB_A)
        w.record = {e.a,
                    e.b,
                    e.d,
                    static_cast<std::uint16_t>(e.c & 0xffff),
                    static_cast<std::uint16_t>(e.c >> 16),
                    e.packet};
      return false;
    });
    clock.spend_ns(1'234'567'891);
    for (int i = 0; i < packets; ++i)
      kernel.arrive(em0, {w.packet, static_cast<std::uint32_t>(length), false});
    recorder->drain();
    w.header = recorder->state().descriptors[0].a();
    w.boot_time_ns = kernel.boot_time_ns();
    w.time_ns = clock.now_ns();
  }
  const auto* records = reinterpret_cast<const std::uint8_t*>(loan.records(ZB_A).data());
  const std::uint8_t* at = records + w.record.offset;
  w.memory.assign(at, at + w.record.hdrlen + w.record.caplen);
  w.header_memory.assign(records - ZB_HEADER_SIZE, records);
  return w;
}

TEST(ByteFields, OfARecordAreWhatTheKernelWrote) {
  for (const zb_revision_number revision : {ZB_R177548, ZB_FREEBSD, ZB_ZBUF})
    for (const std::size_t length : {14u, 17u, 60u, 1000u})
      for (const std::uint32_t dlt : {1u, 12u}) {
        const Written w = written(revision, length, 1, dlt);
        ASSERT_EQ(w.record.caplen, length);
        const auto fields = record_fields(w.record, w.time_ns, {w.boot_time_ns}, w.packet);
        const auto shown = all_bytes(fields);
        ASSERT_GE(shown.size(), 32u);
        ASSERT_GE(shown.size(), w.record.hdrlen);
        for (std::size_t i = 0; i < shown.size() && i < w.memory.size(); ++i)
          if (shown[i]) {
            EXPECT_EQ(int{*shown[i]}, int{w.memory[i]})
                << "byte " << i << ", hdrlen " << w.record.hdrlen << ", " << length << " bytes";
          }
        const auto known =
            std::count_if(shown.begin(), shown.end(), [](const auto& byte) { return byte.has_value(); });
        EXPECT_GE(known, 32) << "only the gap behind the header is not known";
      }
}

TEST(ByteFields, OfAHeaderAreWhatTheMemoryHolds) {
  for (const int packets : {1, 5}) { // in the store, and handed over
    const Written w = written(ZB_FREEBSD, 1000, packets);
    const auto shown = all_bytes(header_fields(w.header, w.header));
    ASSERT_EQ(shown.size(), w.header_memory.size());
    for (std::size_t i = 0; i < shown.size(); ++i) {
      ASSERT_TRUE(shown[i]);
      EXPECT_EQ(int{*shown[i]}, int{w.header_memory[i]}) << "byte " << i;
    }
    EXPECT_EQ(w.header.kernel_gen, packets == 5 ? 1u : 0u);
  }
}

TEST(ByteFields, MarkWhatTheEventChangedAndWhoWritesIt) {
  BufferState before, now;
  before.present = now.present = before.shared = now.shared = true;
  before.kernel_gen = 4;
  now.kernel_gen = 5;
  now.user_gen = before.user_gen = 4;
  const auto fields = header_fields(before, now);
  EXPECT_TRUE(fields[0].changed);
  EXPECT_FALSE(fields[1].changed);
  EXPECT_FALSE(fields[2].changed);
  EXPECT_EQ(fields[0].writer, Writer::kernel);
  EXPECT_EQ(fields[2].writer, Writer::user);
  EXPECT_EQ(hex(fields[0].bytes), "05 00 00 00");
  EXPECT_EQ(fields[0].value, "5");
  before.present = false;
  EXPECT_FALSE(header_fields(before, now)[0].changed) << "it was not there before";
}

TEST(ByteFields, WhatIsNotKnownIsNotMadeUp) {
  const Recording::Record record{0, 60, 60, 26, 0, 3};
  for (const Stamps& stamps : {Stamps{}, Stamps{17, false}}) {
    const auto fields = record_fields(record, 1000, stamps, {});
    EXPECT_EQ(hex(fields[0].bytes), "·· ·· ·· ·· ·· ·· ·· ··");
    EXPECT_TRUE(fields[0].meaning.contains("not known"));
    EXPECT_EQ(hex(fields.back().bytes), "·· ·· ·· ·· ·· ··") << "the packet was not kept";
  }
}

} // namespace
} // namespace zbuf::gui::bytes_view
