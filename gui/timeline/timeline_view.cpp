// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/timeline/timeline_view.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include <QPainter>

namespace zbuf::gui {

namespace {

/// One line of less weight, cut with an ellipsis where there is no room for it.
class Hint : public QLabel {
 public:
  Hint() { setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setFont(theme().ui(9));
    painter.setPen(theme().muted());
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(painter.font()).elidedText(text(), Qt::ElideRight, width()));
  }
};

} // namespace

TimelineView::TimelineView(Playback& playback, QWidget* parent) : QWidget(parent), playback_(playback) {
  setAccessibleName(tr("Timeline of the run"));
  canvas_ = new LanesCanvas(playback_, loader_, bookmarks_);
  overview_ = new Overview(playback_, loader_, *canvas_);
  scroll_ = new QScrollArea;
  scroll_->setWidget(canvas_);
  scroll_->setWidgetResizable(true);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::NoFocus);
  auto* const column = new QVBoxLayout(this);
  column->setContentsMargins(8, 4, 8, 6);
  column->setSpacing(2);
  column->addWidget(make_header());
  column->addWidget(scroll_, 1);
  column->addWidget(overview_);
  setFocusProxy(canvas_);
  setAutoFillBackground(true);

  connect(canvas_, &LanesCanvas::bookmark_asked, this, &TimelineView::add_bookmark_at);
  connect(canvas_, &LanesCanvas::bookmark_removed, this, &TimelineView::remove_bookmark_at);
  connect(canvas_, &LanesCanvas::measure_changed, this, &TimelineView::show_measured);
  connect(&playback_, &Playback::tracks_changed, this, [this] { restore_bookmarks({}); });
  connect(&theme(), &Theme::changed, this, &TimelineView::apply_theme);
  apply_theme();
}

TimelineView::~TimelineView() = default;

// ---- The header ----

QToolButton* TimelineView::make_button(const QString& text, const QString& name, const QString& tip) {
  auto* const button = new QToolButton;
  button->setText(text);
  button->setToolTip(tip);
  button->setAccessibleName(name);
  button->setAccessibleDescription(tip);
  button->setProperty("flat", true);
  button->setFocusPolicy(Qt::TabFocus);
  return button;
}

QWidget* TimelineView::make_header() {
  auto* const header = new QWidget;
  header_ = header;
  auto* const row = new QHBoxLayout(header);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  title_ = new QLabel(tr("TIMELINE"));
  hint_ = new Hint;
  auto* const add = make_button(tr("⚑ Mark"), tr("Add a bookmark"), tr("Bookmark this instant (B)"));
  list_ = make_button(tr("Bookmarks"), tr("Bookmarks"), tr("Go to a bookmark, or remove it"));
  list_->setPopupMode(QToolButton::InstantPopup);
  menu_ = new QMenu(list_);
  list_->setMenu(menu_);
  measure_ = make_button(tr("↔ Measure"), tr("Measure a span"),
                         tr("Measure from this instant on (M); or drag with Alt or Ctrl held down"));
  measure_->setCheckable(true);
  auto* const out = make_button(QStringLiteral("−"), tr("Zoom out"), tr("Zoom out (−)"));
  auto* const in = make_button(QStringLiteral("+"), tr("Zoom in"), tr("Zoom in (+)"));
  auto* const whole = make_button(tr("Whole run"), tr("Show the whole run"), tr("Show the whole run (0)"));
  row->addWidget(title_);
  row->addSpacing(8);
  row->addWidget(hint_, 1);
  for (QToolButton* button : {add, list_, measure_, out, in, whole})
    row->addWidget(button);
  connect(add, &QToolButton::clicked, this, &TimelineView::add_bookmark);
  connect(measure_, &QToolButton::clicked, this, &TimelineView::toggle_measure);
  connect(out, &QToolButton::clicked, this, &TimelineView::zoom_out);
  connect(in, &QToolButton::clicked, this, &TimelineView::zoom_in);
  connect(whole, &QToolButton::clicked, this, &TimelineView::show_whole_run);
  connect(menu_, &QMenu::aboutToShow, this, &TimelineView::fill_bookmark_menu);
  return header;
}

void TimelineView::apply_theme() {
  QPalette colours = palette();
  colours.setColor(QPalette::Window, theme().panel());
  setPalette(colours);
  scroll_->viewport()->setPalette(colours);
  title_->setFont(theme().ui(9, true));
  hint_->update();
  // Lower than the buttons of the window's toolbar: the lanes need the room.
  header_->setStyleSheet(
      QStringLiteral("QToolButton { padding: 1px 5px; } QToolButton:focus { padding: 0px 4px; } "
                     "QToolButton:checked { background: %1; color: %2; } QLabel { color: %3; }")
          .arg(theme().accent().name(), theme().on_accent().name(), theme().muted().name()));
  for (QToolButton* button : findChildren<QToolButton*>())
    button->setFont(theme().ui(9));
  show_measured();
}

void TimelineView::show_measured() {
  measure_->setChecked(canvas_->measured().has_value());
  hint_->setText(canvas_->measured() ? tr("measuring · Esc ends it")
                                     : tr("drag to scrub · wheel to zoom · F finds the next drop · "
                                          "Shift-drag pans · Ctrl-drag measures"));
  hint_->setToolTip(hint_->text());
}

// ---- Bookmarks ----

void TimelineView::restore_bookmarks(const QVariant& saved) {
  bookmarks_.restore(saved);
  list_->setEnabled(!bookmarks_.all().empty());
  canvas_->refresh();
}

void TimelineView::add_bookmark_at(std::uint64_t time_ns) {
  if (playback_.track_count() == 0 || !bookmarks_.add({time_ns, {}}))
    return;
  list_->setEnabled(true);
  canvas_->update();
  Q_EMIT bookmarks_changed();
}

void TimelineView::remove_bookmark_at(std::uint64_t time_ns) {
  if (!bookmarks_.remove(time_ns))
    return;
  list_->setEnabled(!bookmarks_.all().empty());
  canvas_->update();
  Q_EMIT bookmarks_changed();
}

void TimelineView::fill_bookmark_menu() {
  menu_->clear();
  QMenu* remove = nullptr;
  for (const Bookmark& bookmark : bookmarks_.all()) {
    const std::uint64_t at = bookmark.time_ns;
    const QString text = bookmark.note.isEmpty() ? time(at) : tr("%1  %2").arg(time(at), bookmark.note);
    menu_->addAction(text, this, [this, at] { playback_.seek_time(at); });
    if (remove == nullptr)
      remove = new QMenu(tr("Remove"), menu_);
    remove->addAction(text, this, [this, at] { remove_bookmark_at(at); });
  }
  if (remove != nullptr) {
    menu_->addSeparator();
    menu_->addMenu(remove);
  }
}

} // namespace zbuf::gui
