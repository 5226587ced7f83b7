// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/lessons_panel.h"

#include "gui/theme/icons.h"
#include "gui/theme/theme.h"

#include "core/cli/lessons.h"
#include "core/scenario/scenario.h"

#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace zbuf::gui {

namespace {

enum Role { number_role = Qt::UserRole, path_role, sign_role };

/// A sign, the number and the title, which goes on in further lines where it is long.
class LessonDelegate final : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const auto* const list = static_cast<const QListView*>(option.widget);
    // As if the bar were there, which depends on the rows' heights; and bold, as the current one is.
    const int width = list == nullptr ? 200 : list->width() - list->verticalScrollBar()->sizeHint().width();
    const QFontMetrics metrics(theme().ui(10, true));
    return {width,
            text_rect(QRect(0, 0, width, 10'000), metrics, index).height() + metrics.height() * 7 / 10};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const auto sign = static_cast<Sign>(index.data(sign_role).toInt());
    const bool current = sign == Sign::current;
    const QFontMetrics metrics(theme().ui(10, current));
    const QRectF row = QRectF(option.rect).adjusted(6, 1, -6, -1);
    if (current || (option.state & QStyle::State_MouseOver) != 0) {
      QColor ground = theme().accent();
      ground.setAlphaF(current ? 0.16F : 0.07F);
      painter->setPen(Qt::NoPen);
      painter->setBrush(ground);
      painter->drawRoundedRect(row, 5, 5);
    }
    if ((option.state & QStyle::State_HasFocus) != 0) {
      painter->setPen(QPen(theme().accent(), 2));
      painter->setBrush(Qt::NoBrush);
      painter->drawRoundedRect(row.adjusted(1, 1, -1, -1), 5, 5);
    }
    const QRect text = text_rect(option.rect, metrics, index);
    const int side = metrics.ascent();
    icon(sign, sign == Sign::done ? theme().good() : theme().accent())
        .paint(painter, QRect(option.rect.x() + metrics.height() * 7 / 10,
                              text.y() + (metrics.height() - side) / 2, side, side));
    painter->setFont(theme().ui(10, current));
    painter->setPen(theme().text());
    // A little wider: on a dense screen the letters may be a hair wider than they were measured.
    painter->drawText(QRect(text.x(), text.y(), option.rect.right() - 8 - text.x(), text.height()),
                      Qt::TextWordWrap, index.data(Qt::DisplayRole).toString());
    painter->restore();
  }

 private:
  static QRect text_rect(const QRect& row, const QFontMetrics& metrics, const QModelIndex& index) {
    const int left = metrics.height() * 7 / 4;
    const int above = metrics.height() * 35 / 100;
    return metrics.boundingRect(QRect(row.x() + left, row.y() + above, row.width() - left - 12, 10'000),
                                Qt::TextWordWrap, index.data(Qt::DisplayRole).toString());
  }
};

} // namespace

std::vector<Lesson> find_lessons(const QString& folder) {
  std::vector<Lesson> lessons;
  for (const std::string& path : scenarios_in(scenario_folder(folder.toStdString()))) {
    const auto scenario = load_scenario(path);
    if (scenario && scenario->number != 0)
      lessons.push_back({QString::fromStdString(path), QString::fromStdString(scenario->title),
                         QString::fromStdString(scenario->summary), scenario->number});
  }
  std::stable_sort(lessons.begin(), lessons.end(),
                   [](const Lesson& a, const Lesson& b) { return a.number < b.number; });
  return lessons;
}

FoundFile find_file(const QString& argument) {
  const auto found = find_scenarios(argument.toStdString(), scenario_folder({}));
  if (!found)
    return {{}, QString::fromStdString(found.error().text())};
  return {QString::fromStdString(found->front()), {}};
}

LessonsPanel::LessonsPanel(std::vector<Lesson> lessons, QWidget* parent)
    : QWidget(parent), lessons_(std::move(lessons)), heading_(new QLabel(tr("LESSONS"))),
      list_(new QListWidget), open_(new QPushButton(tr("Open recording…"))) {
  list_->setObjectName("lessons");
  list_->setAccessibleName(tr("Lessons"));
  list_->setAccessibleDescription(tr("Return opens the lesson"));
  list_->setItemDelegate(new LessonDelegate(list_));
  list_->setMouseTracking(true);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  list_->setResizeMode(QListView::Adjust);
  list_->setFrameShape(QFrame::NoFrame);
  open_->setObjectName("open_recording");
  open_->setToolTip(
      tr("Open a recording or a scenario (Ctrl+O); dropping a file on the window does the same"));
  heading_->setContentsMargins(14, 0, 0, 0);
  auto* const column = new QVBoxLayout(this);
  column->setContentsMargins(0, 12, 0, 8);
  column->setSpacing(6);
  column->addWidget(heading_);
  column->addWidget(list_, 1);
  auto* const row = new QHBoxLayout;
  row->setContentsMargins(10, 0, 10, 0);
  row->addWidget(open_);
  column->addLayout(row);
  const auto choose = [this](QListWidgetItem* item) {
    Q_EMIT lesson_chosen(item->data(path_role).toString());
  };
  connect(list_, &QListWidget::itemActivated, this, choose);
  connect(list_, &QListWidget::itemClicked, this, choose);
  connect(open_, &QPushButton::clicked, this, &LessonsPanel::open_wanted);
  connect(&theme(), &Theme::changed, this, &LessonsPanel::dress);
  fill();
  dress();
}

void LessonsPanel::dress() {
  heading_->setFont(theme().ui(8.5, true));
  QPalette muted;
  muted.setColor(QPalette::WindowText, theme().muted());
  heading_->setPalette(muted);
  list_->setStyleSheet(QString("QListView { background: %1; }").arg(theme().window().name()));
  open_->ensurePolished();
  setMinimumWidth(
      std::max(QFontMetrics(theme().ui()).averageCharWidth() * 22, open_->sizeHint().width() + 20));
  // Later: the fonts and the bar take their sizes from the style sheet, which may be next to change.
  QMetaObject::invokeMethod(
      list_, [this] { list_->doItemsLayout(); }, Qt::QueuedConnection);
}

void LessonsPanel::fill() {
  const int row = list_->currentRow();
  list_->clear();
  for (const Lesson& lesson : lessons_) {
    auto* const item = new QListWidgetItem(QString("%1  %2").arg(lesson.number).arg(lesson.title), list_);
    const bool current = lesson.path == current_;
    const bool done = done_.contains(lesson.number);
    item->setData(number_role, lesson.number);
    item->setData(path_role, lesson.path);
    item->setData(sign_role, static_cast<int>(current ? Sign::current : done ? Sign::done : Sign::open));
    item->setToolTip(lesson.summary);
    const QString state = current ? tr("open now") : done ? tr("watched to its end") : tr("not watched yet");
    item->setData(Qt::AccessibleTextRole, QString("%1, %2").arg(item->text(), state));
    item->setData(Qt::AccessibleDescriptionRole, lesson.summary);
    if (current)
      list_->setCurrentItem(item);
  }
  if (list_->currentRow() < 0)
    list_->setCurrentRow(row);
}

void LessonsPanel::set_done(std::set<unsigned> numbers) {
  done_ = std::move(numbers);
  fill();
}

void LessonsPanel::set_current(const QString& path) {
  current_ = path;
  fill();
  if (list_->currentItem() != nullptr)
    list_->scrollToItem(list_->currentItem());
}

} // namespace zbuf::gui
