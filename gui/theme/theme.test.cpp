// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/theme/theme.h"

#include <QApplication>
#include <QPalette>
#include <QSignalSpy>

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace zbuf::gui {
namespace {

double linear(double c) {
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& c) {
  return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
}

/// As the guidelines for accessible content define it.
double contrast(const QColor& a, const QColor& b) {
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

using Matrix = std::array<std::array<double, 3>, 3>;

/// Machado, Oliveira and Fernandes (2009), severity 1: what remains of a colour.
constexpr Matrix protanopia{
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix deuteranopia{
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
constexpr Matrix tritanopia{
    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};

std::array<double, 3> seen(const Matrix& m, const QColor& c) {
  const double in[3] = {linear(c.redF()), linear(c.greenF()), linear(c.blueF())};
  std::array<double, 3> lab{};
  double rgb[3]{};
  for (std::size_t i = 0; i < 3; ++i)
    rgb[i] = std::clamp(m[i][0] * in[0] + m[i][1] * in[1] + m[i][2] * in[2], 0.0, 1.0);
  const double x = (0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505;
  const double y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
  const double z = (0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089;
  const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
  lab = {116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))};
  return lab;
}

double distance(const Matrix& m, const QColor& a, const QColor& b) {
  const auto x = seen(m, a), y = seen(m, b);
  return std::sqrt(std::pow(x[0] - y[0], 2) + std::pow(x[1] - y[1], 2) + std::pow(x[2] - y[2], 2));
}

class ThemeOfEachScheme : public testing::TestWithParam<Theme::Scheme> {
 protected:
  void SetUp() override { theme().set_scheme(GetParam()); }
  void TearDown() override { theme().set_scheme(Theme::Scheme::system); }
};

TEST_P(ThemeOfEachScheme, TextCanBeReadOnEveryGroundItStandsOn) {
  const Theme& t = theme();
  for (const QColor& ground :
       {t.window(), t.panel(), t.sunken(), t.user_ground(), t.kernel_ground(), t.highlight()})
    for (const QColor& ink : {t.text(), t.muted(), t.user(), t.kernel(), t.danger(), t.good()})
      EXPECT_GE(contrast(ink, ground), 4.5)
          << ink.name().toStdString() << " on " << ground.name().toStdString();
  EXPECT_GE(contrast(t.danger(), t.danger_ground()), 4.5);
  EXPECT_GE(contrast(t.text(), t.danger_ground()), 4.5);
  EXPECT_GE(contrast(t.text(), t.idle()), 4.5);
  for (const QColor& fill : {t.accent(), t.user(), t.kernel(), t.danger()})
    EXPECT_GE(contrast(t.on_accent(), fill), 4.5) << fill.name().toStdString();
}

TEST_P(ThemeOfEachScheme, FlowsStandOutFromTheirGround) {
  for (unsigned i = 0; i < Theme::flow_colours; ++i) {
    EXPECT_GE(contrast(theme().flow(i), theme().panel()), 3) << i;
    EXPECT_GE(contrast(theme().flow(i), theme().kernel_ground()), 3) << i;
  }
  EXPECT_EQ(theme().flow(1), theme().flow(1 + Theme::flow_colours));
}

TEST_P(ThemeOfEachScheme, OwnersDifferForEveryKindOfColourBlindness) {
  const Theme& t = theme();
  for (const Matrix& m : {protanopia, deuteranopia, tritanopia}) {
    EXPECT_GE(distance(m, t.user(), t.kernel()), 30);
    EXPECT_GE(distance(m, t.user(), t.idle()), 20);
    EXPECT_GE(distance(m, t.kernel(), t.idle()), 20);
    EXPECT_GE(distance(m, t.kernel(), t.danger()), 20);
  }
}

INSTANTIATE_TEST_SUITE_P(Schemes, ThemeOfEachScheme,
                         testing::Values(Theme::Scheme::light, Theme::Scheme::dark));

TEST(Theme, TellsOfChangesOnceAndPaintsTheApplication) {
  theme().set_scheme(Theme::Scheme::light);
  QSignalSpy changes(&theme(), &Theme::changed);
  theme().set_scheme(Theme::Scheme::light);
  EXPECT_EQ(changes.count(), 0);
  theme().set_scheme(Theme::Scheme::dark);
  EXPECT_EQ(changes.count(), 1);
  EXPECT_TRUE(theme().is_dark());
  EXPECT_EQ(QApplication::palette().color(QPalette::Window), theme().window());
  theme().set_scheme(Theme::Scheme::system);
}

TEST(Theme, ScaleGrowsEveryFont) {
  const double before = theme().ui(10).pointSizeF();
  theme().set_scale(1.5);
  EXPECT_DOUBLE_EQ(theme().ui(10).pointSizeF(), before * 1.5);
  EXPECT_DOUBLE_EQ(theme().mono(8).pointSizeF(), 12);
  theme().set_scale(1);
}

} // namespace
} // namespace zbuf::gui
