// SPDX-License-Identifier: GPL-3.0-or-later
// The panel "Header bytes": both headers, and the record that is looked at, byte by byte.
#pragma once

#include "gui/bytes/record_finder.h"
#include "gui/panel/refresher.h"

#include <QScrollArea>

namespace zbuf::gui {

namespace bytes_view {
class Sheet;
}

/// Follows the playback, which outlives it.
class BytesPanel : public QScrollArea {
  Q_OBJECT
 public:
  explicit BytesPanel(Playback& playback, QWidget* parent = nullptr);
  ~BytesPanel() override;

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void show_instant();
  void restyle();

  Playback& playback_;
  bytes_view::RecordFinder finder_;
  bytes_view::Sheet* sheet_ = nullptr;
  Refresher refresher_;
};

} // namespace zbuf::gui
