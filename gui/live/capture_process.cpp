// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/live/capture_process.h"

#include "gui/model/zbuf_program.h"

#include <QFile>
#include <QJsonDocument>

#include <algorithm>
#include <csignal>
#include <ifaddrs.h>
#include <net/if.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <utility>

namespace zbuf::gui {

namespace {

constexpr qsizetype most_errors = 1 << 16; ///< bytes kept of what it complains about
constexpr int status_interrupted = 130;
constexpr int patience_ms = 3000;

} // namespace

QList<SystemInterface> interfaces() {
  QList<SystemInterface> all;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0)
    return all;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    const QString name = QString::fromLocal8Bit(one->ifa_name);
    const auto known = [&](const SystemInterface& other) { return other.name == name; };
    if (std::none_of(all.begin(), all.end(), known))
      all += {name, (one->ifa_flags & IFF_UP) != 0};
  }
  ::freeifaddrs(list);
  std::stable_sort(all.begin(), all.end(),
                   [](const SystemInterface& a, const SystemInterface& b) { return a.up && !b.up; });
  return all;
}

bool is_interface(const QString& name) {
  return !name.isEmpty() && ::if_nametoindex(name.toLocal8Bit().constData()) != 0;
}

CaptureProcess::CaptureProcess(const CaptureOptions& options, QObject* parent)
    : QObject(parent), options_(options) {
  connect(&process_, &QProcess::readyReadStandardError, this, [this] {
    const QByteArray text = process_.readAllStandardError();
    errors_ = (errors_ + text).right(most_errors);
    line_ = (line_ + text).right(most_errors);
    const qsizetype whole = line_.lastIndexOf('\n') + 1;
    if (whole == 0)
      return;
    const QStringList lines = QString::fromLocal8Bit(line_.first(whole)).split('\n', Qt::SkipEmptyParts);
    line_.remove(0, whole);
    Q_EMIT complained(lines);
  });
  // A line a second, which nobody needs here. But it notices by them when the window is no more.
  connect(&process_, &QProcess::readyReadStandardOutput, this, [this] { process_.readAllStandardOutput(); });
  connect(&process_, &QProcess::finished, this, &CaptureProcess::tell_end);
  connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart || told_)
      return;
    told_ = true;
    Q_EMIT ended({tr("%1 cannot be started: %2").arg(process_.program(), process_.errorString())}, {});
  });
#ifdef __linux__
  process_.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGINT); });
#endif
}

CaptureProcess::~CaptureProcess() {
  told_ = true;
  process_.disconnect(this);
  if (!running())
    return;
  stop();
  if (!process_.waitForFinished(patience_ms)) {
    process_.kill();
    process_.waitForFinished();
  }
}

QStringList CaptureProcess::arguments(const QString& trace_path) const {
  // Words that begin with a dash are no options here.
  return {"attach",
          "--mode",
          options_.mode,
          "--buffer",
          QString::number(options_.buffer_bytes),
          "--trace",
          trace_path,
          "--trace-limit",
          QString::number(options_.limit_bytes),
          "--json",
          figures_path_,
          "--",
          options_.interface,
          options_.filter};
}

void CaptureProcess::start(const QString& trace_path) {
  const QString program = find_zbuf();
  if (program.isEmpty()) {
    QMetaObject::invokeMethod(
        this,
        [this] {
          Q_EMIT ended({tr("The program zbuf, which captures, is not installed beside this one, and not in "
                           "PATH either. "
                           "Install it, or set ZBUF_PROGRAM to where it is.")},
                       {});
        },
        Qt::QueuedConnection);
    return;
  }
  figures_path_ = trace_path + ".json";
  QStringList words = arguments(trace_path);
  if (options_.filter.isEmpty())
    words.removeLast();
  process_.setStandardInputFile(QProcess::nullDevice());
  process_.start(program, words);
}

void CaptureProcess::stop() {
  if (running() && process_.processId() > 0)
    ::kill(static_cast<pid_t>(process_.processId()), SIGINT);
}

void CaptureProcess::tell_end(int status, QProcess::ExitStatus how) {
  if (std::exchange(told_, true))
    return;
  errors_ += process_.readAllStandardError();
  QStringList errors = QString::fromLocal8Bit(errors_).split('\n', Qt::SkipEmptyParts);
  QString notice;
  QFile figures(figures_path_);
  if (figures.open(QIODevice::ReadOnly) &&
      QJsonDocument::fromJson(figures.readAll())["end"].toString() == "interface gone")
    notice = tr("%1 went away. What was captured until then is here.").arg(options_.interface);
  if (how == QProcess::CrashExit)
    errors += tr("zbuf, which captured, was killed. What was recorded until then is here.");
  else if (status != 0 && status != status_interrupted && errors.isEmpty())
    errors += tr("zbuf, which captured, ended with status %1.").arg(status);
  else if (status == 0 || status == status_interrupted)
    errors.clear(); // remarks
  Q_EMIT ended(errors, notice);
}

} // namespace zbuf::gui
