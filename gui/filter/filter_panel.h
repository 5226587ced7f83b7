// SPDX-License-Identifier: GPL-3.0-or-later
// The panel "Filter": the expression, its program, and the way of the selected packet through it.
#pragma once

#include "gui/filter/program_view.h"
#include "gui/panel/refresher.h"

#include <QWidget>

#include <memory>

class QLabel;

namespace zbuf::gui {

/// The packet is the selected one, else the one that the filter has just judged. Follows the playback, which
/// outlives it.
class FilterPanel : public QWidget {
  Q_OBJECT
 public:
  explicit FilterPanel(Playback& playback, QWidget* parent = nullptr);
  ~FilterPanel() override;

 private:
  void build();
  void restyle();
  void show_instant();
  void learn(const Track& track);
  void show_program();
  void show_counts();
  void show_path();
  [[nodiscard]] std::optional<std::uint32_t> packet() const;
  [[nodiscard]] QString verdict() const;

  Playback& playback_;
  ProgramModel model_;
  std::shared_ptr<const Recording> recording_; ///< that model_ and link_type_ are of
  std::uint16_t descriptor_ = 0;               ///< ... and the descriptor
  int link_type_ = 1;
  Refresher refresher_;

  QLabel* expression_ = nullptr;
  QLabel* counts_ = nullptr;
  QLabel* packet_ = nullptr;
  QLabel* verdict_ = nullptr;
  ProgramView* program_ = nullptr;
};

} // namespace zbuf::gui
