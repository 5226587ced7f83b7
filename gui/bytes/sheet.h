// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of bytes with names and values beside them: what the panel "Header bytes" is made of.
#pragma once

#include <QColor>
#include <QWidget>

#include <vector>

namespace zbuf::gui::bytes_view {

struct SheetRow {
  enum class Kind : std::uint8_t { heading, bytes, note };
  Kind kind = Kind::bytes;
  QString offset{}; ///< "16"
  QString bytes{};  ///< "05 00 00 00"; heading and note: the text
  QString name{};   ///< heading: what stands at the right
  QString value{};
  QString meaning{};
  QString sign{};  ///< "k", "u": who writes it
  QColor colour{}; ///< of the bar, the bytes and the sign; of a heading
  bool changed = false;
};

/// Draws them; a name that has no room beside its bytes goes below them. Nothing is cut.
class Sheet : public QWidget {
  Q_OBJECT
 public:
  explicit Sheet(QWidget* parent = nullptr);

  void set_rows(std::vector<SheetRow> rows);
  [[nodiscard]] const std::vector<SheetRow>& rows() const { return rows_; }
  /// How many bytes of a packet fit in a row: 8 or 16.
  [[nodiscard]] int bytes_across() const;

  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Measures;
  int draw(QPainter* painter, int width) const;
  int draw_heading(QPainter* painter, const SheetRow& row, int top, int width, const Measures& m) const;
  int draw_note(QPainter* painter, const SheetRow& row, int top, int width, const Measures& m) const;
  int draw_bytes(QPainter* painter, const SheetRow& row, int top, int width, const Measures& m) const;

  std::vector<SheetRow> rows_;
};

} // namespace zbuf::gui::bytes_view
