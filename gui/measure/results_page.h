// SPDX-License-Identifier: GPL-3.0-or-later
// A result as one picture: what was measured, how, the legend, the plots, and how far it can be trusted.
#pragma once

#include "core/bench/report.h"

#include <QString>

#include <optional>

namespace zbuf::gui {

/// Writes it, in the theme that is in use. The ending says how: .pdf and .svg as drawings, .png as a picture
/// with two dots a pixel of the layout. The error as a sentence; there is then no file, or the one that was
/// there before.
[[nodiscard]] std::optional<QString> save_results_page(const BenchResult& result, const QString& path);

/// `zbuflab --plot`: the same of a file of zbuf bench --json, in the light theme. Needs a QApplication.
[[nodiscard]] std::optional<QString> plot_file(const QString& results, const QString& picture);

} // namespace zbuf::gui
