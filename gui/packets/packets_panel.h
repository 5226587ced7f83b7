// SPDX-License-Identifier: GPL-3.0-or-later
// The panel "Packets": all packets of the run, what became of each, and a search.
#pragma once

#include "gui/model/playback.h"
#include "gui/packets/packet_search.h"
#include "gui/packets/packet_table.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QLineEdit;

namespace zbuf::gui {

/// What is selected here is selected everywhere, and the other way round; Enter or a double click goes to the
/// packet's arrival. The playback outlives it.
class PacketsPanel : public QWidget {
  Q_OBJECT
 public:
  explicit PacketsPanel(Playback& playback, QWidget* parent = nullptr);
  ~PacketsPanel() override;

  /// The keyboard goes to the field in which to search.
  void focus_search();

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  void build();
  void connect_all();
  void restyle();
  void take_tracks();
  void grow();
  void follow();
  void take_selection();
  void select(std::uint32_t number);
  void go_to(std::uint32_t number);
  void search(bool forward, bool further);
  void say(const QString& text, bool problem = false);
  void say_count();

  Playback& playback_;
  PacketModel model_;
  PacketSearch search_;
  PacketTable* table_ = nullptr;
  QLineEdit* field_ = nullptr;
  QLabel* status_ = nullptr;
  QTimer later_{}; ///< a recording that grows is looked at anew, now and then
};

} // namespace zbuf::gui
