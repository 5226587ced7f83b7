// SPDX-License-Identifier: GPL-3.0-or-later
// The panel "Header bytes": both headers, and the record that is looked at, byte by byte.
#pragma once

#include "gui/bytes/record_finder.h"
#include "gui/model/playback.h"

#include <QScrollArea>
#include <QTimer>

namespace zbuf::gui {

namespace bytes_view {
class Sheet;
}

/// Follows the playback, which outlives it; ten times a second at most while it plays, and not while it is
/// hidden.
class BytesPanel : public QScrollArea {
  Q_OBJECT
 public:
  explicit BytesPanel(Playback& playback, QWidget* parent = nullptr);
  ~BytesPanel() override;

 protected:
  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void follow();
  void refresh();
  void restyle();

  Playback& playback_;
  bytes_view::RecordFinder finder_;
  bytes_view::Sheet* sheet_ = nullptr;
  QTimer later_;
  bool stale_ = true;
};

} // namespace zbuf::gui
