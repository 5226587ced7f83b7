// SPDX-License-Identifier: GPL-3.0-or-later
// zbuf bench as a process of its own, so that painting does not disturb what is measured more than it must,
// and the window's figures are zbuf's.
#pragma once

#include "core/bench/lines.h"

#include <QObject>
#include <QProcess>
#include <QStringList>

namespace zbuf::gui {

/// Runs zbuf calibrate where that is asked for, and zbuf bench after it. One at a time.
class BenchChild : public QObject {
  Q_OBJECT
 public:
  explicit BenchChild(QObject* parent = nullptr);
  ~BenchChild() override; ///< ends what runs

  struct Wish {
    QString program{};       ///< zbuf
    QStringList arguments{}; ///< of zbuf bench
    QString costs{};         ///< a file of costs; empty: nothing is modelled
    bool calibrates = false; ///< makes that file first
  };
  void start(const Wish& wish);
  /// What is complete stays.
  void stop();

  enum class State { idle, calibrating, measuring };
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] const BenchFollower& follower() const { return follower_; }

 signals:
  void state_changed();
  void advanced();   ///< one more measurement
  void round_done(); ///< one more round, or all that there will be
  /// It is idle again. `error`: a sentence if it failed; what was measured stays.
  void ended(const QString& error);

 private:
  void launch(const QStringList& arguments);
  void read_lines();
  void finish(int status, QProcess::ExitStatus how);
  void end(const QString& error);
  void set_state(State state);
  [[nodiscard]] QString complaint(int status, QProcess::ExitStatus how);

  QProcess process_;
  Wish wish_;
  State state_ = State::idle;
  bool stopping_ = false;
  QString bad_line_;
  BenchFollower follower_;
};

} // namespace zbuf::gui
