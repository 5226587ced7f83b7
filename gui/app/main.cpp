// SPDX-License-Identifier: GPL-3.0-or-later
// zbuflab [SCENARIO|TRACE|IFACE [FILTER]]: the window.
#include "gui/app/plot_command.h"
#include "gui/live/live_form.h"
#include "gui/window/main_window.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QIcon>
#include <QSocketNotifier>
#include <QTimer>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace {

using namespace zbuf::gui;

constexpr int status_bad_input = 2;

/// Qt ends the program with an abort where there is no display. This says it in a sentence first.
void say_and_leave(QtMsgType type, const QMessageLogContext&, const QString& message) {
  if (type == QtFatalMsg) {
    std::fputs(
        "zbuflab: there is no display on which the window could be shown. Set DISPLAY or WAYLAND_DISPLAY, "
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
  QString follow{};         ///< a recording that is being written
  CaptureOptions capture{}; ///< with an interface: capture
};

/// An interface's name, where it is no file and no number of a lesson; a filter follows nothing else. The
/// error as a sentence.
QString understand_capture(Arguments& arguments, const QString& filter, const QString& mode) {
  bool number = false;
  (void)arguments.file.toUInt(&number);
  const bool interface = !number && !QFileInfo::exists(arguments.file) && is_interface(arguments.file);
  if (!QStringList{"zbuf", "read", "both"}.contains(mode))
    return QCoreApplication::translate("main", "--mode %1: expected zbuf, read or both").arg(mode);
  if (!arguments.follow.isEmpty() && !arguments.file.isEmpty())
    return QCoreApplication::translate("main", "--follow shows one recording: expected nothing else to show");
  if (!interface && !filter.isEmpty()) {
    QStringList names;
    for (const SystemInterface& one : interfaces())
      names += one.name;
    return QCoreApplication::translate(
               "main", "%1 is no network interface of this machine, and a filter can follow nothing "
                       "else: there are %2")
        .arg(arguments.file, names.join(", "));
  }
  if (const QString problem = filter_problem(filter); interface && !problem.isEmpty())
    return problem;
  if (interface) {
    arguments.capture.interface = std::exchange(arguments.file, {});
    arguments.capture.filter = filter;
    arguments.capture.mode = mode;
  }
  return {};
}

/// Ends the program where there is nothing more to do: --help, --version, or a mistake.
Arguments parse(const QStringList& words) {
  QCommandLineParser parser;
  parser.setApplicationDescription(QCoreApplication::translate(
      "main", "zbuf lab: zero-copy BPF made visible. Watch, step, rewind and compare.\n\n"
              "Examples:\n"
              "  zbuflab               the first lesson that was not watched yet\n"
              "  zbuflab 4             lesson 4: the slow reader\n"
              "  zbuflab my.toml       a scenario of your own\n"
              "  zbuflab lecture.zbt   a recording, at the instant where it was saved\n"
              "  zbuflab eth0 'tcp port 443'  what passes there now, until the window is closed\n"
              "  zbuflab --follow run.zbt     a recording that is being written\n\n"
              "Capturing is done by zbuf attach, which needs the right to: sudo, or\n"
              "setcap cap_net_raw+ep on zbuf. This program needs none.\n"
              "Exit status: 0 good, 2 bad usage, no such file, or no display."));
  const QCommandLineOption help({"h", "help"}, QCoreApplication::translate("main", "Shows this."));
  const QCommandLineOption version({"v", "version"},
                                   QCoreApplication::translate("main", "Shows the version."));
  const QCommandLineOption settings("settings",
                                    QCoreApplication::translate("main", "Keeps settings in this file."),
                                    QCoreApplication::translate("main", "file"));
  const QCommandLineOption plot(
      "plot",
      QCoreApplication::translate(
          "main", "Draws what zbuf bench --json has measured, and shows no window: *.png, *.svg, *.pdf."),
      QCoreApplication::translate("main", "results> <picture"));
  parser.addOption(plot);
  const QCommandLineOption follow(
      "follow", QCoreApplication::translate("main", "Shows a recording while another program writes it."),
      QCoreApplication::translate("main", "trace"));
  const QCommandLineOption mode(
      "mode", QCoreApplication::translate("main", "Of a capture: zbuf, read, or both on the same packets."),
      QCoreApplication::translate("main", "mode"), "zbuf");
  parser.addOptions({help, version, settings, follow, mode});
  parser.addPositionalArgument(
      "what",
      QCoreApplication::translate(
          "main",
          "A scenario, the number or a part of the name of a lesson, a recording, or a network interface."),
      QCoreApplication::translate("main", "[SCENARIO|TRACE|IFACE"));
  parser.addPositionalArgument(
      "filter",
      QCoreApplication::translate("main",
                                  "Only these packets of the interface: an expression of pcap-filter(7)."),
      QCoreApplication::translate("main", "[FILTER ...]]"));
  const bool good = parser.parse(words);
  if (good && parser.isSet(help)) {
    // The name would be that of an application, and there is none yet.
    std::fputs(qPrintable(parser.helpText().replace("<executable_name>", "zbuflab")), stdout);
    std::exit(0);
  }
  if (good && parser.isSet(version)) {
    std::puts("zbuflab " ZBUF_VERSION);
    std::exit(0);
  }
  QString error = good ? QString() : parser.errorText();
  if (parser.positionalArguments().contains(QString()))
    error = QCoreApplication::translate(
        "main", "an empty name: expected a scenario, a recording, or a network interface");
  Arguments arguments{
      parser.positionalArguments().value(0), parser.value(settings), parser.value(follow), {}};
  if (error.isEmpty())
    error = understand_capture(arguments, parser.positionalArguments().mid(1).join(' '), parser.value(mode));
  if (error.isEmpty() && parser.isSet(mode) && arguments.capture.interface.isEmpty())
    error =
        QCoreApplication::translate("main", "--mode is of a capture: expected a network interface with it");
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

int told_to_end[2] = {-1, -1}; ///< a pipe: what a signal may do is little

/// A signal closes the window, so that captures end and their files go.
void close_at_signals(MainWindow& window) {
  if (::pipe2(told_to_end, O_CLOEXEC | O_NONBLOCK) != 0)
    return;
  auto* const notifier = new QSocketNotifier(told_to_end[0], QSocketNotifier::Read, &window);
  QObject::connect(notifier, &QSocketNotifier::activated, &window, [&window] { window.close(); });
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    std::signal(number, [](int) {
      const int error = errno; // whoever is interrupted may be about to look at it
      (void)!::write(told_to_end[1], "", 1);
      errno = error;
    });
}

} // namespace

int main(int argc, char** argv) {
  QStringList words; // before there is an application, for that needs a display
  for (int i = 0; i < argc; ++i)
    words += QString::fromLocal8Bit(argv[i]);
  QCoreApplication::setApplicationName("zbuflab");
  QCoreApplication::setApplicationVersion(ZBUF_VERSION);
  if (words.contains("--plot") && !words.contains("--help") && !words.contains("-h"))
    return run_plot_command(argc, argv, words);
  const Arguments arguments = parse(words);
  qInstallMessageHandler(say_and_leave);
  const QApplication application(argc, argv);
  QApplication::setApplicationDisplayName("zbuf lab");
  QApplication::setDesktopFileName("zbuflab");
  QApplication::setWindowIcon(QIcon(":/zbuflab.svg"));
  Settings settings(arguments.settings);
  MainWindow window(settings);
  close_at_signals(window);
  window.show();
  // What is on the screen at once is the window; the run comes when it is there.
  QTimer::singleShot(0, &window, [&] {
    if (!arguments.capture.interface.isEmpty())
      window.capture(arguments.capture);
    else if (!arguments.follow.isEmpty())
      window.follow(arguments.follow);
    else {
      window.open(arguments.file);
      window.greet(); // but not over what is live
    }
  });
  return QApplication::exec();
}
