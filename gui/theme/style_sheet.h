// SPDX-License-Identifier: GPL-3.0-or-later
// How plain controls look: buttons, fields, tabs, lists, scroll bars. Private to this room.
#pragma once

#include <QString>

namespace zbuf::gui {

class Theme;

/// For the whole application. Sizes follow from the font, so that nothing is clipped when it grows.
[[nodiscard]] QString style_sheet(const Theme& theme);

} // namespace zbuf::gui
