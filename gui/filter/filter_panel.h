// SPDX-License-Identifier: GPL-3.0-or-later
// The panel "Filter": the expression, its program, and the way of the selected packet through it.
#pragma once

#include "gui/filter/program_view.h"
#include "gui/model/playback.h"

#include <QTimer>
#include <QWidget>

#include <memory>

class QLabel;

namespace zbuf::gui {

/// The packet is the selected one, else the one that the filter has just judged. Follows the playback, which
/// outlives it; ten times a second at most while it plays, and not while it is hidden.
class FilterPanel : public QWidget {
  Q_OBJECT
 public:
  explicit FilterPanel(Playback& playback, QWidget* parent = nullptr);
  ~FilterPanel() override;

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void build();
  void restyle();
  void follow();
  void refresh();
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
  QTimer later_;
  bool stale_ = true;

  QLabel* expression_ = nullptr;
  QLabel* counts_ = nullptr;
  QLabel* packet_ = nullptr;
  QLabel* verdict_ = nullptr;
  ProgramView* program_ = nullptr;
};

} // namespace zbuf::gui
