// SPDX-License-Identifier: GPL-3.0-or-later
// What a session has open, and the values that are being tried out with it.
#pragma once

#include "core/scenario/edit.h"
#include "core/scenario/report.h"

#include <QString>

#include <string>
#include <vector>

namespace zbuf::gui {

/// A value to try out: where in the scenario, and what, as TOML.
struct WhatIf {
  SettingPlace place{};
  std::string value{};
};

/// What is open.
struct Opened {
  QString path{};                ///< of the scenario or of the recording
  bool is_trace = false;         ///< then there is no scenario, and no check
  bool live = false;             ///< it is, or was, recorded while it was shown
  std::string scenario{};        ///< its text, as the file has it
  std::vector<WhatIf> what_if{}; ///< what was tried out with it
  ScenarioReport report{};       ///< of a recording: its title and its runs
  bool complete = true;          ///< false: the beginning of a long run; the rest is under way
  QString notice{};              ///< what a person ought to know about it; empty: nothing
};

} // namespace zbuf::gui
