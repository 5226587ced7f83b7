// SPDX-License-Identifier: GPL-3.0-or-later
// A listing with its current lines marked: one side of the panel "Explain".
#pragma once

#include "gui/explain/pseudo_code.h"

#include <QWidget>

namespace zbuf::gui::explain {

/// Lines that are too long are continued, never cut. The marked lines have a ground, bold type and a pointer;
/// of the side that does not act the pointer is hollow.
class CodeView : public QWidget {
  Q_OBJECT
 public:
  enum class Side { kernel, reader };

  explicit CodeView(Side side, QWidget* parent = nullptr);

  void set_step(const CodeStep& step);
  [[nodiscard]] const CodeStep& step() const { return step_; }

  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Row {
    QString text{};
    std::size_t line = 0; ///< 0: the title
    bool begins = true;   ///< not a continuation
  };

  [[nodiscard]] std::vector<Row> rows(int width) const;
  [[nodiscard]] int heading_height() const;
  [[nodiscard]] int row_height() const;
  [[nodiscard]] int margin() const;
  void paint_heading(QPainter& painter) const;
  void paint_row(QPainter& painter, const Row& row, int top) const;
  [[nodiscard]] QString heading() const;
  [[nodiscard]] bool is_marked(const Row& row) const;

  const Side side_;
  CodeStep step_;
};

} // namespace zbuf::gui::explain
