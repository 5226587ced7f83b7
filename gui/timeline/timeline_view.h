// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline: who had which buffer when, what was dropped, called, woken and looked for in vain, over the
// run.
#pragma once

#include "gui/timeline/lanes_canvas.h"
#include "gui/timeline/overview.h"

#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QToolButton>
#include <QVariant>
#include <QWidget>

namespace zbuf::gui {

/// Lanes of every track of the playback, one under the other on one axis; a strip with the whole run under
/// them; and the buttons that go with it. Keys, while it has the focus: arrows step (with Shift by change of
/// owner, with Ctrl by packet), Home, End, F and Shift+F next and previous drop, + - 0 zoom, Page Up and
/// Down, B and Delete bookmarks, [ and ] from one to the next, M measures from here.
class TimelineView : public QWidget {
  Q_OBJECT
 public:
  explicit TimelineView(Playback& playback, QWidget* parent = nullptr);
  ~TimelineView() override;

  [[nodiscard]] const Bookmarks& bookmarks() const { return bookmarks_; }
  /// To be kept with the run that they are of, and given back after its tracks were set: a new run has none.
  [[nodiscard]] QVariant saved_bookmarks() const { return bookmarks_.saved(); }
  void restore_bookmarks(const QVariant& saved);

  [[nodiscard]] const TimeRange& range() const { return canvas_->range(); }
  [[nodiscard]] LanesCanvas& canvas() { return *canvas_; }
  [[nodiscard]] Overview& overview() { return *overview_; }
  [[nodiscard]] LaneLoader& loader() { return loader_; }
  /// Nothing is being read: what is drawn stays.
  [[nodiscard]] bool idle() const { return loader_.idle(); }

 public slots:
  void zoom_in() { canvas_->zoom(0.5); }
  void zoom_out() { canvas_->zoom(2); }
  void show_whole_run() { canvas_->set_range(canvas_->whole()); }
  void toggle_measure() { canvas_->toggle_measure(); }
  void add_bookmark() { add_bookmark_at(playback_.time_ns()); }
  void remove_bookmark() { remove_bookmark_at(playback_.time_ns()); }

 signals:
  void bookmarks_changed(); ///< by the user

 private:
  void add_bookmark_at(std::uint64_t time_ns);
  void remove_bookmark_at(std::uint64_t time_ns);
  QWidget* make_header();
  QToolButton* make_button(const QString& text, const QString& name, const QString& tip);
  void fill_bookmark_menu();
  void apply_theme();
  void show_measured();

  Playback& playback_;
  Bookmarks bookmarks_;
  LaneLoader loader_;
  LanesCanvas* canvas_ = nullptr;
  Overview* overview_ = nullptr;
  QScrollArea* scroll_ = nullptr;
  QWidget* header_ = nullptr;
  QLabel* title_ = nullptr;
  QLabel* hint_ = nullptr;
  QToolButton* measure_ = nullptr;
  QToolButton* list_ = nullptr;
  QMenu* menu_ = nullptr;
};

} // namespace zbuf::gui
