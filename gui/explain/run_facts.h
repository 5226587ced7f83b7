// SPDX-License-Identifier: GPL-3.0-or-later
// What a recording's metadata says about its run: names, filters, the clock's start. Any of it may be
// missing: a recording of a live interface knows less.
#pragma once

#include <QString>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace zbuf::gui::explain {

struct ReaderFacts {
  QString name{};
  QString mode{}; ///< "zero-copy", "read(2)", "script"; empty: not known
  std::uint16_t descriptor = 0xffff;
  std::optional<std::string> filter{}; ///< the expression; empty: every packet is accepted
  std::uint32_t snaplen = 262144;
};

struct RunFacts {
  std::vector<QString> interfaces{}; ///< names by number
  std::vector<ReaderFacts> readers{};
  std::optional<std::uint64_t> boot_time_ns{}; ///< of instant 0, since 1970

  /// "em0"; "interface 3" where it has no name.
  [[nodiscard]] QString interface(std::uint32_t number) const;
  /// Null where it is not known.
  [[nodiscard]] const ReaderFacts* reader(std::uint16_t descriptor) const;
};

/// Of Recording::metadata(), whatever it holds. Never fails.
[[nodiscard]] RunFacts run_facts(const std::string& metadata);

} // namespace zbuf::gui::explain
