// SPDX-License-Identifier: GPL-3.0-or-later
// The stage for those who cannot see it: each part is a child with a name, a description and a place.
#pragma once

namespace zbuf::gui::stage {

/// Makes Qt's accessibility know StageView. May be called again.
void install_stage_accessibility();

} // namespace zbuf::gui::stage
