// SPDX-License-Identifier: GPL-3.0-or-later
// What is open: a scenario that was run, or a recording. Running and opening happen on a thread of their own;
// what was open stays until the new one is there, and for good if it fails.
#pragma once

#include "gui/model/opened.h"
#include "gui/model/playback.h"
#include "gui/model/run_job.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace zbuf::gui {

/// Lives on the GUI's thread, and puts what it opens into a Playback.
class Session : public QObject {
  Q_OBJECT
 public:
  explicit Session(Playback& playback, QObject* parent = nullptr);
  ~Session() override;

  /// A scenario (*.toml) or a recording, by what is in it. Ends with opened() or failed().
  void open(const QString& path);
  /// Runs the open scenario again with these values in place of its own, and goes to `time_ns` of it. Values
  /// that cannot be used end with failed(). Pre: a scenario is open.
  void run_what_if(std::vector<WhatIf> values, std::uint64_t time_ns);
  /// Ends a run that is under way, and shows what there is of it.
  void cancel();
  /// Nothing that is under way is shown.
  void discard();
  /// Puts a recording that is still being written in the place of what is open.
  void show_live(Opened opened, std::vector<Track> tracks);
  /// More is known about it now. Pre: it is open.
  void update_live(Opened opened);

  [[nodiscard]] bool is_busy() const;
  /// Null until something was opened.
  [[nodiscard]] const Opened* opened_now() const { return opened_.get(); }
  /// The text of the scenario with what is being tried out; empty for a recording.
  [[nodiscard]] std::string scenario_text() const;

  /// Writes the recordings, further tracks beside it as NAME.TRACK.zbt. Where playback is now is kept in
  /// them: they open there. The error as a sentence.
  [[nodiscard]] std::optional<QString> save_trace(const QString& path) const;

 signals:
  void started(const QString& what);                           ///< "The slow reader"
  void progress(double fraction);                              ///< 0 to 1; negative: not known
  void opened();                                               ///< opened_now() is another
  void updated();                                              ///< opened_now() is the same, and says more
  void failed(const QString& what, const QStringList& errors); ///< sentences, with places
  void idle();                                                 ///< whatever was under way is over

 private:
  void start(RunJob::Task task);
  void take(RunJob::Outcome& outcome);
  void show(RunJob::Outcome& outcome);

  Playback& playback_;
  QTemporaryDir folder_;
  std::unique_ptr<Opened> opened_;
  QString folder_in_use_{}; ///< with the recordings of what is open
  std::vector<std::unique_ptr<RunJob>>
      jobs_; ///< the last one is the one that counts; the others are being ended
  std::uint64_t next_job_ = 1;
};

} // namespace zbuf::gui
