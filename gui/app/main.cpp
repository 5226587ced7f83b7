// SPDX-License-Identifier: GPL-3.0-or-later
// zbuflab [SCENARIO|TRACE]: the window.
#include "gui/window/main_window.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QIcon>
#include <QTimer>

#include <cstdio>
#include <cstdlib>

namespace {

using namespace zbuf::gui;

constexpr int status_bad_input = 2;

/// Qt ends the program with an abort where there is no display. This says it in a sentence first.
void say_and_leave(QtMsgType type, const QMessageLogContext&, const QString& message) {
  if (type == QtFatalMsg) {
    std::fputs("zbuflab: there is no display on which the window could be shown. Set DISPLAY or WAYLAND_DISPLAY, "
               "or run the lessons in the terminal: zbuf run 4\n",
               stderr);
    std::_Exit(status_bad_input);
  }
  // Of the rest, Qt's own remarks about the desktop interest nobody who runs a program.
  if (type == QtCriticalMsg)
    std::fprintf(stderr, "zbuflab: %s\n", qPrintable(message));
}

struct Arguments {
  QString file{};
  QString settings{};
};

/// Ends the program where there is nothing more to do: --help, --version, or a mistake.
Arguments parse(const QStringList& words) {
  QCommandLineParser parser;
  parser.setApplicationDescription(
      QCoreApplication::translate("main", "zbuf lab: zero-copy BPF made visible. Watch, step, rewind and compare.\n\n"
                                          "Examples:\n"
                                          "  zbuflab               the first lesson that was not watched yet\n"
                                          "  zbuflab 4             lesson 4: the slow reader\n"
                                          "  zbuflab my.toml       a scenario of your own\n"
                                          "  zbuflab lecture.zbt   a recording, at the instant where it was saved\n\n"
                                          "Exit status: 0 good, 2 bad usage, no such file, or no display."));
  const QCommandLineOption help({"h", "help"}, QCoreApplication::translate("main", "Shows this."));
  const QCommandLineOption version({"v", "version"}, QCoreApplication::translate("main", "Shows the version."));
  const QCommandLineOption settings("settings", QCoreApplication::translate("main", "Keeps settings in this file."),
                                    QCoreApplication::translate("main", "file"));
  parser.addOptions({help, version, settings});
  parser.addPositionalArgument("file", QCoreApplication::translate("main", "A scenario, the number or a part of the name of a lesson, or a recording."),
                               QCoreApplication::translate("main", "[SCENARIO|TRACE]"));
  const bool good = parser.parse(words);
  if (good && parser.isSet(help)) {
    std::fputs(qPrintable(parser.helpText()), stdout);
    std::exit(0);
  }
  if (good && parser.isSet(version)) {
    std::puts("zbuflab " ZBUF_VERSION);
    std::exit(0);
  }
  QString error = good ? QString() : parser.errorText();
  if (parser.positionalArguments().size() > 1)
    error = QCoreApplication::translate("main", "%1 files were given; expected one").arg(parser.positionalArguments().size());
  Arguments arguments{parser.positionalArguments().value(0), parser.value(settings)};
  if (error.isEmpty() && !arguments.file.isEmpty()) {
    const FoundFile found = find_file(arguments.file);
    arguments.file = found.path;
    error = found.error;
  }
  if (!error.isEmpty()) {
    std::fprintf(stderr, "zbuflab: %s\n", qPrintable(error));
    std::exit(status_bad_input);
  }
  return arguments;
}

} // namespace

int main(int argc, char** argv) {
  QStringList words; // before there is an application, for that needs a display
  for (int i = 0; i < argc; ++i)
    words += QString::fromLocal8Bit(argv[i]);
  QCoreApplication::setApplicationName("zbuflab");
  QCoreApplication::setApplicationVersion(ZBUF_VERSION);
  const Arguments arguments = parse(words);
  qInstallMessageHandler(say_and_leave);
  const QApplication application(argc, argv);
  QApplication::setApplicationDisplayName("zbuf lab");
  QApplication::setDesktopFileName("zbuflab");
  QApplication::setWindowIcon(QIcon(":/zbuflab.svg"));
  Settings settings(arguments.settings);
  MainWindow window(settings);
  window.show();
  // What is on the screen at once is the window; the run comes when it is there.
  QTimer::singleShot(0, &window, [&] {
    window.open(arguments.file);
    window.greet();
  });
  return QApplication::exec();
}
