// SPDX-License-Identifier: GPL-3.0-or-later
// The table of packets: a table view of the rows that can be seen, and a scroll bar for all of them.
#pragma once

#include "gui/packets/packet_model.h"

#include <QTableView>
#include <QWidget>

#include <optional>

class QScrollBar;

namespace zbuf::gui {

/// Keys: arrows, Page Up and Down, Home and End move the current packet through all of them; Enter goes to
/// it.
class PacketTable : public QWidget {
  Q_OBJECT
 public:
  explicit PacketTable(PacketModel& model, QWidget* parent = nullptr);
  ~PacketTable() override;

  /// The number of the current packet; none if there is none.
  [[nodiscard]] std::optional<std::uint32_t> current() const { return current_; }
  /// Makes it the current one, or none, and scrolls there if it is out of sight. Tells nobody.
  void show_current(std::optional<std::uint32_t> number);
  /// Scrolls there if it is out of sight; the current packet stays what it is.
  void bring_into_view(std::uint32_t number);
  /// The model has other packets now.
  void reset();
  /// The model has more of them. Who looks at the last ones goes on doing so, if `follow`.
  void grow(bool follow);
  [[nodiscard]] QTableView* view() const { return view_; }

 signals:
  void chosen(std::uint32_t number);    ///< by the user: it is the current one now
  void activated(std::uint32_t number); ///< ... and wants to be gone to

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void build();
  void restyle();
  void fit();
  void scroll_to(std::uint32_t position);
  void mark();
  bool key(int key);
  void choose(std::uint64_t position);
  [[nodiscard]] int visible_rows() const;

  PacketModel& model_;
  QTableView* view_ = nullptr;
  QScrollBar* bar_ = nullptr;
  std::optional<std::uint32_t> current_;
  bool marking_ = false;
  int wheel_ = 0; ///< of a step, what is left over
};

} // namespace zbuf::gui
