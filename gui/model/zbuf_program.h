// SPDX-License-Identifier: GPL-3.0-or-later
// The other program, zbuf: it captures and measures, in a process of its own, and this one draws.
#pragma once

#include <QString>

namespace zbuf::gui {

/// $ZBUF_PROGRAM, or beside this program, or where the build leaves it, or in $PATH; empty: nowhere.
[[nodiscard]] QString find_zbuf();

} // namespace zbuf::gui
