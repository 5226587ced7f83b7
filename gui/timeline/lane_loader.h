// SPDX-License-Identifier: GPL-3.0-or-later
// Reads lanes on a thread of its own, so that the GUI's never waits for a recording.
#pragma once

#include "gui/timeline/lane_data.h"

#include <QObject>

#include <memory>

namespace zbuf::gui {

/// Asked from the GUI's thread, and answers there. Only the latest question of each kind is answered.
class LaneLoader : public QObject {
  Q_OBJECT
 public:
  explicit LaneLoader(QObject* parent = nullptr);
  ~LaneLoader() override;

  /// Other runs, without surveys: all that was known of the old ones is dropped. Surveys are begun.
  void set_sources(std::vector<LaneSource> sources);

  /// The same runs, longer: what was known is shown until it is read anew. Surveys of long ones are made anew
  /// only now and then.
  void grow(std::vector<LaneSource> sources);

  /// What the screen needs: a stretch, and a picture of the whole run.
  void ask(const LaneQuery& part, const LaneQuery& whole);

  /// The latest answers; null before the first. They may be of another stretch than was asked for last.
  [[nodiscard]] std::shared_ptr<const LaneData> part() const { return part_; }
  [[nodiscard]] std::shared_ptr<const LaneData> whole() const { return whole_; }
  /// Everything asked for is answered, completely.
  [[nodiscard]] bool idle() const;

 signals:
  void loaded();

 private:
  struct Worker;
  void receive();

  std::unique_ptr<Worker> worker_;
  std::shared_ptr<const LaneData> part_;
  std::shared_ptr<const LaneData> whole_;
};

} // namespace zbuf::gui
