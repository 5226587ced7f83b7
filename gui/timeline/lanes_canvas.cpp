// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/lanes_canvas.h"

#include "gui/theme/theme.h"
#include "gui/timeline/lane_text.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

namespace {

constexpr double near_px = 5; ///< so close counts as on it

} // namespace

LanesCanvas::LanesCanvas(Playback& playback, LaneLoader& loader, Bookmarks& bookmarks, QWidget* parent)
    : QWidget(parent), playback_(playback), loader_(loader), bookmarks_(bookmarks) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAccessibleName(tr("Timeline"));
  setAttribute(Qt::WA_OpaquePaintEvent);
  connect(&playback_, &Playback::tracks_changed, this, &LanesCanvas::renew);
  connect(&playback_, &Playback::grown, this, &LanesCanvas::grow);
  connect(&playback_, &Playback::focus_changed, this, [this] {
    ask();
    refresh();
  });
  connect(&playback_, &Playback::moved, this, [this] {
    follow();
    if (measure_follows_) {
      measure_until_ns_ = playback_.time_ns();
      Q_EMIT measure_changed();
    }
    tell_screen_readers();
    update();
  });
  connect(&loader_, &LaneLoader::loaded, this, &LanesCanvas::refresh);
  connect(&theme(), &Theme::changed, this, [this] {
    lay_out();
    refresh();
  });
  renew();
}

// ---- What is on the screen ----

std::vector<LaneSource> LanesCanvas::sources() const {
  std::vector<LaneSource> all;
  for (std::size_t i = 0; i < playback_.track_count(); ++i)
    all.push_back({playback_.track(i).recording, nullptr, playback_.track(i).descriptor});
  return all;
}

void LanesCanvas::renew() {
  loader_.set_sources(sources());
  range_ = whole_before_ = whole();
  follows_ = true;
  clear_measure();
  lay_out();
  refresh();
  tell_screen_readers();
  Q_EMIT range_changed();
}

/// Who looks at all of the run goes on doing so; a part stays where it is, unless it is no longer kept.
void LanesCanvas::grow() {
  loader_.grow(sources());
  const TimeRange before = range_;
  range_ = range_ == whole_before_ ? whole() : range_.moved(0, whole());
  whole_before_ = whole();
  if (static_cast<int>(least_height(playback_)) + 2 != minimumHeight())
    lay_out();
  else
    ask();
  refresh();
  if (range_ != before)
    Q_EMIT range_changed();
}

void LanesCanvas::lay_out() {
  layout_ = layout_lanes(playback_, size());
  setMinimumHeight(static_cast<int>(least_height(playback_)) + 2);
  updateGeometry();
  ask();
}

void LanesCanvas::ask() {
  if (playback_.track_count() == 0)
    return;
  const auto columns = static_cast<std::size_t>(std::ceil(layout_.lanes_width * devicePixelRatioF()));
  loader_.ask({range_, columns, playback_.descriptor()}, {whole(), columns, playback_.descriptor()});
}

void LanesCanvas::refresh() {
  stale_ = true;
  update();
}

void LanesCanvas::set_range(const TimeRange& range) {
  if (range == range_)
    return;
  range_ = range;
  follows_ = range_.holds(playback_.time_ns());
  ask();
  refresh();
  Q_EMIT range_changed();
}

void LanesCanvas::zoom(double factor) {
  const std::uint64_t about =
      range_.holds(playback_.time_ns()) ? playback_.time_ns() : range_.from_ns + range_.length_ns() / 2;
  set_range(range_.zoomed(about, factor, whole()));
}

void LanesCanvas::pan(double part) {
  set_range(range_.moved(part * static_cast<double>(range_.length_ns()), whole()));
}

/// Whatever moves the cursor, it stays in sight; but who scrolls away while it plays is left alone.
void LanesCanvas::follow() {
  if (range_.holds(playback_.time_ns())) {
    follows_ = true;
    return;
  }
  if (playback_.playing() && !follows_)
    return;
  const double part = playback_.following() ? 0.95 : playback_.playing() ? 0.08 : 0.5; // where it is going
  set_range(range_.with(playback_.time_ns(), part, whole()));
}

void LanesCanvas::tell_screen_readers() {
  if (!playback_.playing())
    setAccessibleDescription(instant_text(playback_));
}

double LanesCanvas::x_of(std::uint64_t time_ns) const {
  return layout_.label_width + range_.position(time_ns, layout_.lanes_width);
}

std::uint64_t LanesCanvas::time_at(double x) const {
  return std::clamp(range_.time_at(x - layout_.label_width, layout_.lanes_width), playback_.begin_ns(),
                    playback_.end_ns());
}

QSize LanesCanvas::sizeHint() const {
  return {static_cast<int>(layout_.label_width) * 8, static_cast<int>(least_height(playback_) * 1.2)};
}

QSize LanesCanvas::minimumSizeHint() const {
  return {static_cast<int>(layout_.label_width) * 2, static_cast<int>(least_height(playback_)) + 2};
}

void LanesCanvas::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  lay_out();
  stale_ = true;
}

// ---- Flags, tips, marks ----

std::vector<LanesCanvas::Flag> LanesCanvas::flags() const {
  std::vector<Flag> all;
  const QFontMetricsF metrics(theme().ui(7.5, true));
  const double height = layout_.flags_height - 2;
  if (const Track* track = playback_.focused()) {
    double free_from = -1e9; // flags of chapters at one instant stand side by side
    for (std::size_t i = 0; i < track->report.chapters.size(); ++i) {
      const ChapterReport& chapter = track->report.chapters[i];
      if (!chapter.reached || !range_.holds(chapter.time_ns))
        continue;
      Flag flag;
      flag.at = x_of(chapter.time_ns);
      flag.time_ns = chapter.time_ns;
      flag.event = chapter.event;
      flag.label = QString::number(i + 1);
      flag.tip = tr("Chapter %1: %2").arg(flag.label, QString::fromStdString(chapter.text));
      const double width = std::max(height, metrics.horizontalAdvance(flag.label) + height * 0.5);
      const double left = std::max({flag.at - width / 2, layout_.label_width - width / 2, free_from});
      flag.shape = {left, 1, width, height};
      free_from = flag.shape.right() + 1.5;
      all.push_back(flag);
    }
  }
  for (const Bookmark& bookmark : bookmarks_.all()) {
    if (!range_.holds(bookmark.time_ns))
      continue;
    Flag flag;
    flag.at = x_of(bookmark.time_ns);
    flag.time_ns = bookmark.time_ns;
    flag.shape = {flag.at - 1, 1, height * 0.95, height};
    flag.tip = bookmark.note.isEmpty() ? tr("Bookmark") : tr("Bookmark: %1").arg(bookmark.note);
    all.push_back(flag);
  }
  return all;
}

std::optional<LanesCanvas::Flag> LanesCanvas::flag_at(const QPointF& at) const {
  const std::vector<Flag> all = flags();
  for (auto flag = all.rbegin(); flag != all.rend(); ++flag)
    if (flag->shape.adjusted(-2, -2, 2, 2).contains(at))
      return *flag;
  return std::nullopt;
}

QString LanesCanvas::tip_at(const QPointF& at) const {
  if (const auto flag = flag_at(at))
    return flag->tip;
  const LaneRow* row = layout_.row_at(at.y());
  const std::shared_ptr<const LaneData> data = loader_.part();
  if (row == nullptr || !data || at.x() < layout_.label_width)
    return {};
  const bool marks = row->lane >= Lane::drops && row->lane <= Lane::faults;
  const double around = marks ? near_px : 0.5;
  return lane_tip(playback_, *data, *row, time_at(at.x() - around), time_at(at.x() + around) + 1);
}

bool LanesCanvas::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), tip_at(help->pos()), this);
    return true;
  }
  if (event->type() == QEvent::PolishRequest || event->type() == QEvent::ScreenChangeInternal)
    refresh();
  return QWidget::event(event);
}

/// A click beside a mark goes to what it marks, at any zoom.
bool LanesCanvas::land_on_mark(const QPointF& at) {
  const LaneRow* row = layout_.row_at(at.y());
  if (row == nullptr || row->track >= playback_.track_count())
    return false;
  KindMask kinds = 0;
  switch (row->lane) {
  case Lane::drops:
    kinds = mask_of({ZB_EV_DROPPED});
    break;
  case Lane::calls:
    kinds = mask_of({ZB_EV_CALL});
    break;
  case Lane::wakeups:
    kinds = mask_of({ZB_EV_WOKEN});
    break;
  default:
    return false;
  }
  const Recording& recording = *playback_.track(row->track).recording;
  const std::uint64_t middle = recording.event_at_time(time_at(at.x()));
  const auto distance = [&](std::optional<std::uint64_t> event) {
    return event ? std::abs(x_of(recording.event(*event).time_ns) - at.x()) : 1e9;
  };
  const auto after = recording.next(kinds, middle, Recording::Direction::forward, playback_.descriptor());
  const auto before = recording.next(kinds, middle, Recording::Direction::backward, playback_.descriptor());
  const auto nearest = distance(after) <= distance(before) ? after : before;
  if (distance(nearest) > near_px)
    return false;
  if (row->track == playback_.focus())
    playback_.seek_event(*nearest);
  else
    playback_.seek_time(recording.event(*nearest).time_ns);
  return true;
}

// ---- The mouse ----

void LanesCanvas::click(const QPointF& at) {
  if (const auto flag = flag_at(at)) {
    if (flag->event)
      playback_.seek_event(*flag->event);
    else
      playback_.seek_time(flag->time_ns);
    return;
  }
  const LaneRow* row = layout_.row_at(at.y());
  if (row != nullptr && at.x() < layout_.label_width) {
    playback_.set_focus(row->track);
    return;
  }
  if (!land_on_mark(at))
    playback_.seek_time(time_at(at.x()));
}

void LanesCanvas::mousePressEvent(QMouseEvent* event) {
  pressed_at_ = event->position();
  pressed_range_ = range_;
  const Qt::KeyboardModifiers modifiers = event->modifiers();
  if (event->button() == Qt::MiddleButton ||
      (event->button() == Qt::LeftButton && modifiers.testFlag(Qt::ShiftModifier))) {
    drag_ = Drag::pan;
    setCursor(Qt::ClosedHandCursor);
  } else if (event->button() == Qt::LeftButton && (modifiers & (Qt::AltModifier | Qt::ControlModifier))) {
    drag_ = Drag::measure;
    measure_follows_ = false;
    measure_from_ns_ = measure_until_ns_ = time_at(event->position().x());
    Q_EMIT measure_changed();
    update();
  } else if (event->button() == Qt::LeftButton) {
    drag_ = Drag::scrub;
    click(event->position());
  }
}

void LanesCanvas::mouseMoveEvent(QMouseEvent* event) {
  const double by = event->position().x() - pressed_at_.x();
  switch (drag_) {
  case Drag::none:
    setCursor(flag_at(event->position()) ? Qt::PointingHandCursor : Qt::ArrowCursor);
    break;
  case Drag::scrub:
    if (std::abs(by) >= 2)
      playback_.seek_time(time_at(event->position().x()));
    break;
  case Drag::pan:
    set_range(
        pressed_range_.moved(-by / layout_.lanes_width * static_cast<double>(range_.length_ns()), whole()));
    break;
  case Drag::measure:
    measure_until_ns_ = time_at(event->position().x());
    Q_EMIT measure_changed();
    update();
    break;
  }
}

void LanesCanvas::mouseReleaseEvent(QMouseEvent* event) {
  if (drag_ == Drag::measure && measure_from_ns_ == measure_until_ns_)
    clear_measure();
  drag_ = Drag::none;
  setCursor(Qt::ArrowCursor);
  event->accept();
}

void LanesCanvas::wheelEvent(QWheelEvent* event) {
  const QPoint turned = event->angleDelta();
  const bool sideways =
      event->modifiers().testFlag(Qt::ShiftModifier) || std::abs(turned.x()) > std::abs(turned.y());
  if (sideways) {
    const int by = turned.x() != 0 ? turned.x() : turned.y();
    pan(-by / 120.0 * 0.1);
  } else {
    set_range(range_.zoomed(time_at(event->position().x()), std::pow(0.8, turned.y() / 120.0), whole()));
  }
  event->accept();
}

void LanesCanvas::contextMenuEvent(QContextMenuEvent* event) {
  const bool by_mouse = event->reason() == QContextMenuEvent::Mouse;
  const auto flag = by_mouse ? flag_at(event->pos()) : std::nullopt;
  const std::uint64_t at = by_mouse ? time_at(event->pos().x()) : playback_.time_ns();
  QMenu menu(this);
  if (flag && !flag->event)
    menu.addAction(tr("Remove this bookmark"), this,
                   [this, &flag] { Q_EMIT bookmark_removed(flag->time_ns); });
  else
    menu.addAction(tr("Add a bookmark here"), this, [this, at] { Q_EMIT bookmark_asked(at); });
  if (measured())
    menu.addAction(tr("Zoom to the measured span"), this, [this] {
      const TimeRange span = *measured();
      set_range(TimeRange{span.from_ns, std::max(span.until_ns, span.from_ns + TimeRange::narrowest_ns)});
    });
  menu.addAction(tr("Show the whole run"), this, [this] { set_range(whole()); });
  menu.exec(event->globalPos());
}

// ---- Measuring ----

std::optional<TimeRange> LanesCanvas::measured() const {
  if (!measure_from_ns_)
    return std::nullopt;
  return TimeRange{std::min(*measure_from_ns_, measure_until_ns_),
                   std::max(*measure_from_ns_, measure_until_ns_)};
}

void LanesCanvas::toggle_measure() {
  if (measure_from_ns_) {
    clear_measure();
    return;
  }
  measure_from_ns_ = measure_until_ns_ = playback_.time_ns();
  measure_follows_ = true;
  Q_EMIT measure_changed();
  update();
}

void LanesCanvas::clear_measure() {
  if (!measure_from_ns_)
    return;
  measure_from_ns_.reset();
  measure_follows_ = false;
  Q_EMIT measure_changed();
  update();
}

// ---- Keys ----

bool LanesCanvas::key_zoom(int key) {
  switch (key) {
  case Qt::Key_Plus:
  case Qt::Key_Equal:
    zoom(0.5);
    return true;
  case Qt::Key_Minus:
    zoom(2);
    return true;
  case Qt::Key_0:
    set_range(whole());
    return true;
  case Qt::Key_PageUp:
    pan(-0.8);
    return true;
  case Qt::Key_PageDown:
    pan(0.8);
    return true;
  default:
    return false;
  }
}

bool LanesCanvas::key_jump(const QKeyEvent& event) {
  const bool shift = event.modifiers().testFlag(Qt::ShiftModifier);
  const bool control = event.modifiers().testFlag(Qt::ControlModifier);
  switch (event.key()) {
  case Qt::Key_Left:
  case Qt::Key_Right:
    playback_.step(shift     ? Unit::ownership
                   : control ? Unit::packet
                             : Unit::event,
                   event.key() == Qt::Key_Right);
    return true;
  case Qt::Key_Home:
    playback_.jump(Landmark::start, false);
    return true;
  case Qt::Key_End:
    playback_.jump(Landmark::end, true);
    return true;
  case Qt::Key_F:
    playback_.jump(Landmark::drop, !shift);
    return true;
  case Qt::Key_BracketLeft:
  case Qt::Key_BracketRight:
    if (const auto bookmark = bookmarks_.next(playback_.time_ns(), event.key() == Qt::Key_BracketRight))
      playback_.seek_time(bookmark->time_ns);
    return true;
  default:
    return false;
  }
}

void LanesCanvas::keyPressEvent(QKeyEvent* event) {
  const Qt::KeyboardModifiers others = event->modifiers() & (Qt::AltModifier | Qt::MetaModifier);
  if (others == Qt::NoModifier && (key_jump(*event) || key_zoom(event->key())))
    return;
  switch (event->key()) {
  case Qt::Key_B:
    Q_EMIT bookmark_asked(playback_.time_ns());
    return;
  case Qt::Key_Delete:
    Q_EMIT bookmark_removed(playback_.time_ns());
    return;
  case Qt::Key_M:
    toggle_measure();
    return;
  case Qt::Key_Escape:
    if (measured()) {
      clear_measure();
      return;
    }
    break;
  default:
    break;
  }
  QWidget::keyPressEvent(event);
}

void LanesCanvas::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  tell_screen_readers();
}

} // namespace zbuf::gui
