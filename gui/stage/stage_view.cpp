// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/stage/stage_view.h"

#include "gui/stage/painter.h"
#include "gui/stage/stage_accessible.h"
#include "gui/stage/stage_model.h"
#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QAccessible>
#include <QElapsedTimer>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QTimer>
#include <QToolTip>

#include <algorithm>

namespace zbuf::gui {

using namespace stage;

namespace {

constexpr int frame_ms = 16;
constexpr double settling_s = 0.25; ///< what is under way comes to rest, when stepping
constexpr double starting_s =
    1.5; ///< ... and goes on, when playing: twice the window, so that nothing goes back

} // namespace

struct StageView::Impl {
  Impl(StageView& view, Playback& from, std::optional<std::size_t> which)
      : self(view), playback(from), fixed_track(which) {}

  StageView& self;
  Playback& playback;
  std::optional<std::size_t> fixed_track;

  StageModel model;
  Painter painter;
  Scene scene;
  struct Moment {
    std::uint64_t time_ns = 0, done = 0;
    std::size_t track = 0;
    bool operator==(const Moment&) const = default;
  };
  Moment shown;      ///< what the scene is of
  bool stale = true; ///< it must be built again all the same
  bool filming = false;
  int current = -1; ///< element, or none
  int hovered_guess = -1;
  std::optional<Answer> answer;
  QString spoken; ///< the description that was told last

  double settled = 1;
  QTimer settling;
  QElapsedTimer wall;

  [[nodiscard]] std::size_t track() const { return fixed_track.value_or(playback.focus()); }

  [[nodiscard]] Input input() const {
    Input in = input_of(playback, track());
    in.size = self.size();
    in.settled = settled;
    in.answer = answer;
    in.filming = filming;
    return in;
  }

  /// Right after an event and not playing: all is done that has begun.
  [[nodiscard]] double target() const {
    if (playback.playing() || filming || playback.track_count() == 0)
      return 0;
    const State& state = playback.state(track());
    return playback.time_ns() == state.time_ns ? 1 : 0;
  }

  void refresh() {
    stale = true;
    if (settled != target() && !settling.isActive()) {
      if (!self.isVisible()) {
        settled = target();
      } else {
        wall.start();
        settling.start(frame_ms);
      }
    }
    self.update();
    if (!playback.playing())
      tell();
  }

  void settle() {
    const double passed = static_cast<double>(wall.nsecsElapsed()) * 1e-9;
    wall.start();
    const double goal = target();
    settled = goal > settled ? std::min(goal, settled + passed / settling_s)
                             : std::max(goal, settled - passed / starting_s);
    if (settled == goal)
      settling.stop();
    stale = true;
    self.update();
  }

  /// Of this very moment: playback tells of its moves once a frame, and somebody may ask in between.
  const Scene& now() {
    const Moment moment{playback.time_ns(), playback.events_done(track()), track()};
    if (stale || !(moment == shown)) {
      scene = model.build(input());
      stale = false;
      shown = moment;
      current = std::min(current, static_cast<int>(scene.elements.size()) - 1);
    }
    return scene;
  }

  /// Says the state in words, to those who listen rather than look.
  void tell() {
    if (!QAccessible::isActive())
      return;
    QStringList words;
    for (const Element& element : now().elements)
      if (element.part == Part::reader || element.part == Part::buffer || element.part == Part::dropped)
        words.append(element.name + QStringLiteral(": ") + element.description);
    const QString text = words.join(QStringLiteral(". "));
    if (text == spoken)
      return;
    spoken = text;
    self.setAccessibleDescription(text);
  }

  [[nodiscard]] const Card* card_at(const QPointF& point) {
    const auto& cards = now().cards;
    for (auto card = cards.rbegin(); card != cards.rend(); ++card)
      if (!card->ghost && card->rect.contains(point))
        return &*card;
    return nullptr;
  }

  [[nodiscard]] const Packet* packet_at(const QPointF& point) {
    for (const Packet& packet : now().packets)
      if (QLineF(packet.centre, point).length() < packet.size)
        return &packet;
    return nullptr;
  }

  /// The topmost part there; -1: none.
  [[nodiscard]] int element_at(const QPointF& point) {
    const Card* card = card_at(point);
    const auto& elements = now().elements;
    for (std::size_t i = elements.size(); i-- > 0;) {
      const Element& element = elements[i];
      if (card != nullptr ? element.part == Part::buffer && element.number == card->which
                          : element.part != Part::buffer && element.rect.contains(point))
        return static_cast<int>(i);
    }
    return -1;
  }

  void guess(std::size_t index) {
    const Quiz quiz = model.quiz();
    if (index >= quiz.choices.size())
      return;
    const auto right =
        std::find_if(quiz.choices.begin(), quiz.choices.end(), [](const Choice& c) { return c.right; });
    answer = Answer{quiz.choices[index].right, right == quiz.choices.end() ? QString() : right->text,
                    quiz.event + 1};
    playback.seek_event(quiz.event);
    refresh();
  }

  void select(std::uint8_t which, const std::optional<StageModel::Hit>& hit) {
    Selection selection;
    selection.buffer = which;
    if (hit) {
      selection.record_offset = hit->record.offset;
      selection.event = hit->record.event;
      if (hit->record.packet != ZB_NO_PACKET)
        selection.packet = hit->record.packet;
    }
    playback.select(selection);
  }

  [[nodiscard]] QString tip_at(const QPointF& point) {
    if (const Packet* packet = packet_at(point))
      return StageView::tr("Packet %1").arg(count(packet->number));
    if (const Card* card = card_at(point))
      if (const auto hit = model.record_at(input(), *card, point)) {
        const QString number =
            hit->number != 0 ? StageView::tr("Record %1").arg(count(hit->number)) : StageView::tr("Record");
        const QString what = StageView::tr("%1: packet %2, at offset %3, %4 long")
                                 .arg(number, count(hit->record.packet), count(hit->record.offset),
                                      bytes(hit->record.end - hit->record.offset));
        return hit->handled ? StageView::tr("%1, handled").arg(what) : what;
      }
    const int index = element_at(point);
    if (index < 0)
      return {};
    const Element& element = now().elements[static_cast<std::size_t>(index)];
    return element.description.isEmpty() ? element.name
                                         : element.name + QStringLiteral("\n") + element.description;
  }
};

StageView::StageView(Playback& playback, QWidget* parent, std::optional<std::size_t> track)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this, playback, track)) {
  install_stage_accessibility();
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setAccessibleName(tr("Stage"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  impl_->settling.setTimerType(Qt::PreciseTimer);
  connect(&impl_->settling, &QTimer::timeout, this, [this] { impl_->settle(); });
  const auto refresh = [this] { impl_->refresh(); };
  connect(&playback, &Playback::moved, this, refresh);
  connect(&playback, &Playback::focus_changed, this, refresh);
  connect(&playback, &Playback::selection_changed, this, refresh);
  connect(&playback, &Playback::playing_changed, this, refresh);
  connect(&playback, &Playback::speed_changed, this, refresh);
  connect(&playback, &Playback::grown, this, refresh);
  connect(&playback, &Playback::tracks_changed, this, [this] {
    impl_->model.forget();
    impl_->answer.reset();
    impl_->refresh();
  });
  connect(&theme(), &Theme::changed, this, [this] {
    impl_->model.forget();
    impl_->painter.forget();
    impl_->refresh();
  });
}

StageView::~StageView() = default;

QSize StageView::sizeHint() const {
  return (QSizeF(820, 506) * theme().scale()).toSize();
}

QSize StageView::minimumSizeHint() const {
  return {360, 300};
}

void StageView::set_filming(bool filming) {
  impl_->filming = filming;
  impl_->settled = impl_->target();
  impl_->refresh();
}

void StageView::draw(QPainter& painter, const QSizeF& size) {
  StageModel model;
  Painter plain;
  Input input = impl_->input();
  input.size = size;
  plain.paint(painter, model.build(input), {}, false);
}

const Scene& StageView::scene() const {
  return impl_->now();
}

const std::vector<Element>& StageView::elements() const {
  return impl_->now().elements;
}

int StageView::current_element() const {
  return impl_->current;
}

void StageView::set_current_element(int element) {
  if (element == impl_->current || element >= static_cast<int>(elements().size()))
    return;
  impl_->current = element;
  update();
  if (element >= 0 && hasFocus()) {
    QAccessibleEvent told(this, QAccessible::Focus);
    told.setChild(element);
    QAccessible::updateAccessibility(&told);
  }
}

void StageView::activate(int index) {
  if (index < 0 || index >= static_cast<int>(elements().size()))
    return;
  set_current_element(index);
  const Element element = elements()[static_cast<std::size_t>(index)];
  switch (element.part) {
  case Part::descriptor:
    if (!impl_->fixed_track || *impl_->fixed_track < impl_->playback.track_count())
      impl_->playback.set_descriptor(static_cast<std::uint16_t>(element.number));
    break;
  case Part::guess:
    impl_->guess(static_cast<std::size_t>(element.number));
    break;
  case Part::buffer:
    impl_->select(static_cast<std::uint8_t>(element.number), {});
    break;
  default:
    break;
  }
}

// ---- Events ----

void StageView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  Highlight highlight;
  const Scene& scene = impl_->now();
  highlight.hovered_guess = impl_->hovered_guess;
  if (hasFocus() && impl_->current >= 0)
    highlight.focus = scene.elements[static_cast<std::size_t>(impl_->current)].rect;
  impl_->painter.paint(painter, scene, highlight, true);
}

void StageView::resizeEvent(QResizeEvent* event) {
  impl_->stale = true;
  QWidget::resizeEvent(event);
}

void StageView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton)
    return;
  const QPointF point = event->position();
  if (const Packet* packet = impl_->packet_at(point)) {
    Selection selection;
    selection.packet = packet->number;
    impl_->playback.select(selection);
    return;
  }
  if (const Card* card = impl_->card_at(point)) {
    impl_->current = impl_->element_at(point);
    impl_->select(card->which, impl_->model.record_at(impl_->input(), *card, point));
    return;
  }
  if (const int index = impl_->element_at(point); index >= 0)
    activate(index);
  else
    impl_->playback.select({});
}

void StageView::mouseMoveEvent(QMouseEvent* event) {
  const int index = impl_->element_at(event->position());
  const Element* element = index < 0 ? nullptr : &elements()[static_cast<std::size_t>(index)];
  const int guess = element != nullptr && element->part == Part::guess ? element->number : -1;
  setCursor(element != nullptr && element->active ? Qt::PointingHandCursor : Qt::ArrowCursor);
  if (guess != impl_->hovered_guess) {
    impl_->hovered_guess = guess;
    update();
  }
}

void StageView::leaveEvent(QEvent* /*event*/) {
  impl_->hovered_guess = -1;
  update();
}

/// The part that has the keyboard wants Up and Down for itself only if it is a buffer.
bool StageView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString text = impl_->tip_at(help->pos());
    if (text.isEmpty())
      QToolTip::hideText();
    else
      QToolTip::showText(help->globalPos(), text, this);
    return true;
  }
  if (event->type() == QEvent::ShortcutOverride && impl_->current >= 0) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    const Element& element = elements()[static_cast<std::size_t>(impl_->current)];
    if ((element.part == Part::buffer && (key == Qt::Key_Up || key == Qt::Key_Down)) ||
        (element.active && (key == Qt::Key_Return || key == Qt::Key_Enter))) {
      event->accept();
      return true;
    }
  }
  return QWidget::event(event);
}

void StageView::keyPressEvent(QKeyEvent* event) {
  const int key = event->key();
  const Element* element =
      impl_->current < 0 ? nullptr : &elements()[static_cast<std::size_t>(impl_->current)];
  if (element != nullptr && (key == Qt::Key_Return || key == Qt::Key_Enter)) {
    activate(impl_->current);
    return;
  }
  if (element != nullptr && element->part == Part::buffer && (key == Qt::Key_Up || key == Qt::Key_Down)) {
    const auto which = static_cast<std::uint8_t>(element->number);
    const Selection& selected = impl_->playback.selection();
    const auto offset = selected.buffer == which ? selected.record_offset : std::nullopt;
    if (const auto hit = impl_->model.neighbour(impl_->input(), which, offset, key == Qt::Key_Down))
      impl_->select(which, hit);
    return;
  }
  QWidget::keyPressEvent(event);
}

void StageView::focusOutEvent(QFocusEvent* event) {
  update();
  QWidget::focusOutEvent(event);
}

bool StageView::focusNextPrevChild(bool next) {
  const int number = static_cast<int>(elements().size());
  const int wanted = impl_->current < 0 ? (next ? 0 : number - 1) : impl_->current + (next ? 1 : -1);
  if (wanted >= 0 && wanted < number) {
    set_current_element(wanted);
    return true;
  }
  set_current_element(-1);
  return QWidget::focusNextPrevChild(next);
}

} // namespace zbuf::gui
