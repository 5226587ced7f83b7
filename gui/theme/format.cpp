// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/theme/format.h"

#include <QCoreApplication>

#include <cmath>

namespace zbuf::gui {

namespace {

constexpr QChar narrow_space(0x202f);

QString tr(const char* text) {
  return QCoreApplication::translate("Format", text);
}

/// Three digits apart from the left, as they stand behind a point.
QString group_fraction(const QString& digits) {
  QString grouped;
  for (qsizetype i = 0; i < digits.size(); ++i) {
    if (i > 0 && i % 3 == 0)
      grouped += narrow_space;
    grouped += digits[i];
  }
  return grouped;
}

/// Three digits in all: "3.51", "35.1", "351".
QString three_digits(double value) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  QString text = QString::number(value, 'f', decimals);
  if (text.contains('.')) {
    while (text.endsWith('0'))
      text.chop(1);
    if (text.endsWith('.'))
      text.chop(1);
  }
  return text;
}

struct TimeUnit {
  std::uint64_t ns;
  int decimals;
  const char* name;
};

TimeUnit unit_of(std::uint64_t time_ns) {
  if (time_ns >= 1'000'000'000)
    return {1'000'000'000, 9, QT_TRANSLATE_NOOP("Format", "s")};
  if (time_ns >= 1'000'000)
    return {1'000'000, 6, QT_TRANSLATE_NOOP("Format", "ms")};
  if (time_ns >= 1'000)
    return {1'000, 3, QT_TRANSLATE_NOOP("Format", "µs")};
  return {1, 0, QT_TRANSLATE_NOOP("Format", "ns")};
}

} // namespace

QString count(std::uint64_t number) {
  QString text = QString::number(number);
  for (qsizetype at = text.size() - 3; at > 0; at -= 3)
    text.insert(at, narrow_space);
  return text;
}

QString time(std::uint64_t time_ns) {
  const TimeUnit unit = unit_of(time_ns);
  QString text = count(time_ns / unit.ns);
  if (unit.decimals > 0) {
    QString fraction = QString::number(time_ns % unit.ns).rightJustified(unit.decimals, '0');
    while (fraction.size() > 3 && fraction.endsWith(QStringLiteral("000")))
      fraction.chop(3);
    text += '.' + group_fraction(fraction);
  }
  return text + narrow_space + tr(unit.name);
}

QString short_time(std::uint64_t time_ns) {
  TimeUnit unit = unit_of(time_ns);
  if (static_cast<double>(time_ns) / static_cast<double>(unit.ns) >= 999.5)
    unit = unit_of(unit.ns * 1000); // rounds up to the next one
  const double value = static_cast<double>(time_ns) / static_cast<double>(unit.ns);
  return three_digits(value) + narrow_space + tr(unit.name);
}

QString bytes(std::uint64_t number) {
  constexpr std::uint64_t kibi = 1024;
  constexpr std::uint64_t mebi = kibi * kibi;
  if (number >= mebi && number % mebi == 0)
    return count(number / mebi) + narrow_space + tr("MiB");
  if (number >= kibi && number % kibi == 0)
    return count(number / kibi) + narrow_space + tr("KiB");
  return count(number) + narrow_space + (number == 1 ? tr("byte") : tr("bytes"));
}

QString rate(double packets_per_second) {
  if (packets_per_second >= 999'500)
    return three_digits(packets_per_second / 1e6) + narrow_space + tr("Mpps");
  if (packets_per_second >= 999.5)
    return three_digits(packets_per_second / 1e3) + narrow_space + tr("kpps");
  return three_digits(packets_per_second) + narrow_space + tr("pps");
}

QString speed_text(double speed) {
  if (std::isinf(speed))
    return tr("max");
  if (speed >= 0.995)
    return tr("%1×").arg(three_digits(speed));
  const double slower = 1 / speed;
  if (slower >= 10) // two digits are enough
  {
    const double scale = std::pow(10.0, std::floor(std::log10(slower)) - 1);
    return tr("1/%1×").arg(count(static_cast<std::uint64_t>(std::round(slower / scale) * scale)));
  }
  return tr("1/%1×").arg(three_digits(slower));
}

} // namespace zbuf::gui
