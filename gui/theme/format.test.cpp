// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/theme/format.h"

#include <gtest/gtest.h>

#include <limits>

namespace zbuf::gui {
namespace {

/// With plain spaces, so that the tests can be read.
std::string plain(QString text) {
  return text.replace(QChar(0x202f), ' ').toStdString();
}

TEST(Format, CountsAreGrouped) {
  EXPECT_EQ(plain(count(0)), "0");
  EXPECT_EQ(plain(count(999)), "999");
  EXPECT_EQ(plain(count(1000)), "1 000");
  EXPECT_EQ(plain(count(1284911)), "1 284 911");
  EXPECT_EQ(plain(count(std::numeric_limits<std::uint64_t>::max())), "18 446 744 073 709 551 615");
}

TEST(Format, TimesAreExactAndHaveTheirUnit) {
  EXPECT_EQ(plain(time(0)), "0 ns");
  EXPECT_EQ(plain(time(512)), "512 ns");
  EXPECT_EQ(plain(time(14'250)), "14.250 µs");
  EXPECT_EQ(plain(time(3'512'806)), "3.512 806 ms");
  EXPECT_EQ(plain(time(3'512'000)), "3.512 ms");
  EXPECT_EQ(plain(time(1'250'000'000)), "1.250 s");
  EXPECT_EQ(plain(time(1'250'000'001)), "1.250 000 001 s");
}

TEST(Format, ShortTimesHaveThreeDigits) {
  EXPECT_EQ(plain(short_time(3'512'806)), "3.51 ms");
  EXPECT_EQ(plain(short_time(999'999)), "1 ms");
  EXPECT_EQ(plain(short_time(35'000)), "35 µs");
  EXPECT_EQ(plain(short_time(5'000'000'000)), "5 s");
}

TEST(Format, BytesAndRates) {
  EXPECT_EQ(plain(bytes(1)), "1 byte");
  EXPECT_EQ(plain(bytes(32'712)), "32 712 bytes");
  EXPECT_EQ(plain(bytes(64 * 1024)), "64 KiB");
  EXPECT_EQ(plain(bytes(2 * 1024 * 1024)), "2 MiB");
  EXPECT_EQ(plain(rate(812'000)), "812 kpps");
  EXPECT_EQ(plain(rate(1'500'000)), "1.5 Mpps");
  EXPECT_EQ(plain(rate(12)), "12 pps");
}

TEST(Format, SpeedsAreFractionsWhereSlow) {
  EXPECT_EQ(plain(speed_text(1)), "1×");
  EXPECT_EQ(plain(speed_text(20)), "20×");
  EXPECT_EQ(plain(speed_text(0.02)), "1/50×");
  EXPECT_EQ(plain(speed_text(1e-6)), "1/1 000 000×");
  EXPECT_EQ(plain(speed_text(0.5)), "1/2×");
  EXPECT_EQ(plain(speed_text(std::numeric_limits<double>::infinity())), "max");
}

} // namespace
} // namespace zbuf::gui
