// SPDX-License-Identifier: GPL-3.0-or-later
// The lanes: what is drawn over them, and what the mouse and the keys do there.
#pragma once

#include "gui/model/playback.h"
#include "gui/timeline/bookmarks.h"
#include "gui/timeline/lane_layout.h"
#include "gui/timeline/lane_loader.h"

#include <QPixmap>
#include <QWidget>

#include <optional>

namespace zbuf::gui {

/// Draws what the loader has, once for each stretch and size; each frame draws that picture and the cursor
/// over it.
class LanesCanvas : public QWidget {
  Q_OBJECT
 public:
  LanesCanvas(Playback& playback, LaneLoader& loader, Bookmarks& bookmarks, QWidget* parent = nullptr);

  [[nodiscard]] const TimeRange& range() const { return range_; }
  [[nodiscard]] TimeRange whole() const { return whole_run(playback_.begin_ns(), playback_.end_ns()); }
  void set_range(const TimeRange& range);
  /// Around the cursor if it is on the screen, else around the middle.
  void zoom(double factor);
  /// By this part of what is on the screen.
  void pan(double part);

  /// A span being measured, or measured; none.
  [[nodiscard]] std::optional<TimeRange> measured() const;
  /// Begins at the cursor; once more, or clear_measure(): no more.
  void toggle_measure();
  void clear_measure();

  [[nodiscard]] const LaneLayout& layout_of_lanes() const { return layout_; }
  /// Where an instant is drawn.
  [[nodiscard]] double x_of(std::uint64_t time_ns) const;
  [[nodiscard]] std::uint64_t time_at(double x) const;
  /// Draws the lanes anew: bookmarks or colours are others.
  void refresh();

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 signals:
  void range_changed();
  void measure_changed();
  void bookmark_asked(std::uint64_t time_ns); ///< a new one
  void bookmark_removed(std::uint64_t time_ns);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;

 private:
  enum class Drag { none, scrub, pan, measure };
  /// A numbered chapter, or a bookmark, and where its flag is drawn.
  struct Flag {
    QRectF shape{};
    double at = 0; ///< x of its instant
    std::uint64_t time_ns = 0;
    std::optional<std::uint64_t> event{}; ///< of a chapter
    QString label{};                      ///< empty for bookmarks
    QString tip{};
  };

  void renew();
  void grow();
  [[nodiscard]] std::vector<LaneSource> sources() const;
  void lay_out();
  void ask();
  void follow();
  void tell_screen_readers();
  [[nodiscard]] std::vector<Flag> flags() const;
  [[nodiscard]] std::optional<Flag> flag_at(const QPointF& at) const;
  [[nodiscard]] QString tip_at(const QPointF& at) const;
  void draw_lanes(QPainter& painter) const;
  void draw_flags(QPainter& painter) const;
  void draw_measure(QPainter& painter) const;
  /// Where the instant is written, beside the handle; empty while it is not on the screen.
  [[nodiscard]] QRectF cursor_plate() const;
  void draw_cursor(QPainter& painter) const;
  void click(const QPointF& at);
  bool land_on_mark(const QPointF& at);
  bool key_zoom(int key);
  bool key_jump(const QKeyEvent& event);

  Playback& playback_;
  LaneLoader& loader_;
  Bookmarks& bookmarks_;
  LaneLayout layout_{};
  TimeRange range_{};
  TimeRange whole_before_{}; ///< it grew
  bool follows_ = true;      ///< the cursor is kept on the screen
  Drag drag_ = Drag::none;
  QPointF pressed_at_{};
  TimeRange pressed_range_{};
  std::optional<std::uint64_t> measure_from_ns_{};
  std::uint64_t measure_until_ns_ = 0;
  bool measure_follows_ = false; ///< its end is the cursor: begun by key
  QPixmap picture_{};
  bool stale_ = true; ///< picture_ is of something else
};

} // namespace zbuf::gui
