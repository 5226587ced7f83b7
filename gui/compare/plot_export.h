// SPDX-License-Identifier: GPL-3.0-or-later
// Plots as a file.
#pragma once

#include "gui/compare/compare_plot.h"

#include <QString>

#include <vector>

namespace zbuf::gui {

/// Writes the plots, two beside each other, under a title and a note. The ending says how: .pdf and .svg as
/// drawings, .png, .jpg and what else Qt knows as pictures. False if the file cannot be written or its kind
/// is unknown: `path` is then as before, or gone.
[[nodiscard]] bool export_plots(const std::vector<ComparePlot*>& plots, const QString& title,
                                const QString& note, const QString& path);

} // namespace zbuf::gui
