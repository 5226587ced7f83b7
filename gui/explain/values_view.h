// SPDX-License-Identifier: GPL-3.0-or-later
// The box with the values that an event changed.
#pragma once

#include "gui/explain/caption.h"

#include <QWidget>

#include <vector>

namespace zbuf::gui::explain {

/// "A.kernel_gen 4 → 5    user must store 5 to return it". What changed has an arrow and the colour of a
/// change; a note that has no room beside its value goes below it.
class ValuesView : public QWidget {
  Q_OBJECT
 public:
  explicit ValuesView(QWidget* parent = nullptr);

  void set_values(std::vector<ValueLine> values);
  [[nodiscard]] const std::vector<ValueLine>& values() const { return values_; }

  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  [[nodiscard]] int padding() const;
  [[nodiscard]] int row_height() const;
  [[nodiscard]] bool note_fits(const ValueLine& value, int width) const;

  std::vector<ValueLine> values_;
};

/// "A.kernel_gen 4 → 5", or "A.user_gen 4" where nothing changed.
[[nodiscard]] QString value_text(const ValueLine& value);

} // namespace zbuf::gui::explain
