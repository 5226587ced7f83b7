// SPDX-License-Identifier: GPL-3.0-or-later
// zbuflab --plot RESULTS PICTURE: draws, and needs no display.
#pragma once

#include <QStringList>

namespace zbuf::gui {

/// The exit status. `words`: of the command line, the program's name included. Makes an application of its
/// own.
int run_plot_command(int argc, char** argv, const QStringList& words);

} // namespace zbuf::gui
