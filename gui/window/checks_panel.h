// SPDX-License-Identifier: GPL-3.0-or-later
// What must have held when the run was over: the scenario's checks and the protocol's invariants, with their
// state.
#pragma once

#include "gui/model/session.h"
#include "gui/panel/arranged_grid.h"

#include <QLabel>
#include <QScrollArea>

#include <vector>

namespace zbuf::gui {

class ChecksPanel : public QWidget {
  Q_OBJECT
 public:
  explicit ChecksPanel(Session& session, QWidget* parent = nullptr);

  /// One line of it.
  struct Line {
    enum class State { holds, fails, unknown };
    State state = State::unknown;
    QString text{};
    QString details{}; ///< the expression, and what its names were
  };
  [[nodiscard]] static QList<Line> lines(const Opened& opened);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void show_report();
  void arrange();

  Session& session_;
  QLabel* heading_;
  QScrollArea* area_;
  ArrangedGrid* grid_ = nullptr; ///< anew with each report
  std::vector<QWidget*> rows_{};
};

} // namespace zbuf::gui
