// SPDX-License-Identifier: GPL-3.0-or-later
// The panel "Explain": what just happened, in plain words, with values, rule and code.
#pragma once

#include "gui/explain/run_facts.h"
#include "gui/panel/refresher.h"

#include <QScrollArea>

#include <memory>

class QLabel;

namespace zbuf::gui {

namespace explain {
class CodeView;
class ValuesView;
} // namespace explain

/// Follows the playback, which outlives it.
class ExplainPanel : public QScrollArea {
  Q_OBJECT
 public:
  explicit ExplainPanel(Playback& playback, QWidget* parent = nullptr);
  ~ExplainPanel() override;

 private:
  void build();
  void restyle();
  void show_instant();
  void show_nothing();
  void show_event(const Track& track, const Event& event, std::uint64_t index);
  [[nodiscard]] QString where_text(const Track& track, const Event& event, std::uint64_t index) const;
  [[nodiscard]] QString author_text(const Track& track, const Event& event, std::uint64_t index) const;

  Playback& playback_;
  explain::RunFacts facts_;
  std::shared_ptr<const Recording> facts_of_; ///< the recording that facts_ are of
  Refresher refresher_;

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
