// SPDX-License-Identifier: GPL-3.0-or-later
// Plots as a file.
#pragma once

#include "gui/compare/compare_plot.h"

#include <QString>

#include <optional>
#include <vector>

namespace zbuf::gui {

/// Writes the plots, two beside each other, under a title and a note. The ending says how: .pdf, .svg, .png.
/// The error as a sentence: `path` is then as before.
[[nodiscard]] std::optional<QString> export_plots(const std::vector<ComparePlot*>& plots,
                                                  const QString& title, const QString& note,
                                                  const QString& path);

} // namespace zbuf::gui
