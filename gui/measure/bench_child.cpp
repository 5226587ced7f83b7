// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/measure/bench_child.h"

#include <QDir>
#include <QFileInfo>

namespace zbuf::gui {

BenchChild::BenchChild(QObject* parent) : QObject(parent) {
  connect(&process_, &QProcess::readyReadStandardOutput, this, &BenchChild::read_lines);
  connect(&process_, &QProcess::finished, this, &BenchChild::finish);
  connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart)
      end(tr("%1 cannot be started: %2").arg(wish_.program, process_.errorString()));
  });
}

BenchChild::~BenchChild() {
  process_.disconnect(this);
  if (process_.state() == QProcess::NotRunning)
    return;
  process_.kill();
  process_.waitForFinished();
}

void BenchChild::start(const Wish& wish) {
  if (state_ != State::idle)
    return;
  wish_ = wish;
  stopping_ = false;
  bad_line_.clear();
  if (wish_.program.isEmpty()) {
    end(tr("zbuf, which measures, is neither beside this program nor in PATH. Install it, or build it."));
    return;
  }
  if (wish_.calibrates) {
    set_state(State::calibrating);
    QDir().mkpath(QFileInfo(wish_.costs).absolutePath());
    launch({"calibrate", "--write", wish_.costs});
    return;
  }
  set_state(State::measuring);
  follower_ = {};
  QStringList arguments{"bench", "--quiet", "--json-lines", "-"};
  if (!wish_.costs.isEmpty())
    arguments += {"--costs", wish_.costs};
  launch(arguments + wish_.arguments);
}

void BenchChild::launch(const QStringList& arguments) {
  process_.start(wish_.program, arguments, QIODevice::ReadOnly);
}

void BenchChild::stop() {
  if (state_ == State::idle)
    return;
  stopping_ = true;
  process_.terminate(); // the second time it ends at once
  Q_EMIT state_changed();
}

void BenchChild::read_lines() {
  if (state_ != State::measuring) {
    process_.readAllStandardOutput();
    return;
  }
  while (process_.canReadLine()) {
    const QByteArray line = process_.readLine();
    const auto news = follower_.take({line.constData(), static_cast<std::size_t>(line.size())});
    if (!news) {
      if (bad_line_.isEmpty())
        bad_line_ = QString::fromStdString(news.error().text());
      continue;
    }
    Q_EMIT advanced();
    if (*news != BenchFollower::News::nothing)
      Q_EMIT round_done();
  }
}

/// Its own words, if it had any.
QString BenchChild::complaint(int status, QProcess::ExitStatus how) {
  QString said = QString::fromUtf8(process_.readAllStandardError()).trimmed();
  constexpr qsizetype most = 2000;
  if (!said.isEmpty())
    return said.left(most);
  return how == QProcess::CrashExit ? tr("zbuf ended before it was done. What was complete is shown.")
                                    : tr("zbuf ended with status %1.").arg(status);
}

void BenchChild::finish(int status, QProcess::ExitStatus how) {
  read_lines();
  const bool good = how == QProcess::NormalExit && status == 0;
  if (stopping_) {
    end({});
  } else if (!good) {
    end(complaint(status, how));
  } else if (state_ == State::calibrating) {
    wish_.calibrates = false;
    state_ = State::idle;
    start(Wish(wish_));
  } else {
    end(bad_line_.isEmpty()
            ? QString()
            : tr("zbuf wrote what is no result: %1. Are both programs of one version?").arg(bad_line_));
  }
}

void BenchChild::end(const QString& error) {
  set_state(State::idle);
  stopping_ = false;
  Q_EMIT ended(error);
}

void BenchChild::set_state(State state) {
  state_ = state;
  Q_EMIT state_changed();
}

} // namespace zbuf::gui
