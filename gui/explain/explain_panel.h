// SPDX-License-Identifier: GPL-3.0-or-later
// The panel "Explain": what just happened, in plain words, with values, rule and code.
#pragma once

#include "gui/explain/run_facts.h"
#include "gui/model/playback.h"

#include <QScrollArea>
#include <QTimer>

class QLabel;

namespace zbuf::gui {

namespace explain {
class CodeView;
class ValuesView;
} // namespace explain

/// Follows the playback, which outlives it. While it plays the words change ten times a second at most:
/// faster than that nobody reads. Nothing is done while the panel cannot be seen.
class ExplainPanel : public QScrollArea {
  Q_OBJECT
 public:
  explicit ExplainPanel(Playback& playback, QWidget* parent = nullptr);
  ~ExplainPanel() override;

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void build();
  void restyle();
  void forget_tracks();
  void follow();
  void refresh();
  void show_nothing();
  void show_event(const Track& track, const Event& event, std::uint64_t index);
  [[nodiscard]] QString where_text(const Track& track, const Event& event, std::uint64_t index) const;
  [[nodiscard]] QString author_text(const Track& track, const Event& event, std::uint64_t index) const;

  Playback& playback_;
  explain::RunFacts facts_;
  const Recording* facts_of_ = nullptr; ///< the recording that facts_ are of
  QTimer later_;
  bool stale_ = true;

  QLabel* headline_ = nullptr;
  QLabel* where_ = nullptr;
  QLabel* author_ = nullptr;
  QLabel* text_ = nullptr;
  explain::ValuesView* values_ = nullptr;
  QLabel* source_ = nullptr;
  explain::CodeView* kernel_ = nullptr;
  explain::CodeView* reader_ = nullptr;
};

} // namespace zbuf::gui
