// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/app/plot_command.h"

#include "gui/measure/results_page.h"

#include <QApplication>

#include <cstdio>

namespace zbuf::gui {

namespace {

/// Qt's remarks about a desktop that is not needed.
void say_nothing(QtMsgType, const QMessageLogContext&, const QString&) {}

} // namespace

int run_plot_command(int argc, char** argv, const QStringList& words) {
  constexpr int status_bad_input = 2;
  QStringList files = words.mid(1);
  files.removeOne("--plot");
  if (files.size() != 2 || files[0].startsWith("--") || files[1].startsWith("--")) {
    std::fputs(
        "zbuflab: --plot takes two files: results of zbuf bench --json, and the picture to be written, "
        "*.png, *.svg or *.pdf\n",
        stderr);
    return status_bad_input;
  }
  qputenv("QT_QPA_PLATFORM", "offscreen");
  qInstallMessageHandler(say_nothing);
  const QApplication application(argc, argv);
  if (const auto error = plot_file(files[0], files[1])) {
    std::fprintf(stderr, "zbuflab: %s\n", qPrintable(*error));
    return status_bad_input;
  }
  return 0;
}

} // namespace zbuf::gui
