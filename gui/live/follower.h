// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a recording that somebody else is writing, on a thread of its own.
#pragma once

#include "core/scenario/report.h"
#include "core/trace/recording.h"

#include <QObject>
#include <QString>

#include <memory>
#include <optional>

namespace zbuf::gui {

/// Looks 25 times a second. Lives on the GUI's thread, and answers there.
class Follower : public QObject {
  Q_OBJECT
 public:
  /// The file need not be there yet. Reading begins at once.
  explicit Follower(const QString& path, QObject* parent = nullptr);
  ~Follower() override;

  /// Nobody writes any more: one last look, then ended().
  void finish();

  struct Update {
    std::shared_ptr<const Recording> recording{}; ///< with an event at least; null: nothing new
    std::optional<VariantReport>
        report{}; ///< of it; now and then, for it takes as long as reading everything
  };
  /// What came since the last time.
  [[nodiscard]] Update take();
  /// The recording has its end record. After ended(): false where its writer did not come to that.
  [[nodiscard]] bool complete() const;

 signals:
  void updated();
  void failed(const QString& sentence); ///< and then ended()
  void ended();                         ///< nothing more comes; after the last updated()

 private:
  struct Worker;
  std::unique_ptr<Worker> worker_;
};

} // namespace zbuf::gui
