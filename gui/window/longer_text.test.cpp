// SPDX-License-Identifier: GPL-3.0-or-later
// Every text of the window two fifths longer, as in a language of long words: nothing is clipped, nothing
// overlaps, and the window need not be larger. What is cut on purpose ends with an ellipsis, and a tooltip
// has all of it.
#include "gui/window/test_window.h"

#include "gui/live/live_form.h"
#include "gui/window/picture_export.h"
#include "gui/window/video_dialog.h"

#include "core/trace/recorder.h"
#include "core/trace/synthetic.h"

#include <QAbstractScrollArea>
#include <QCheckBox>
#include <QRadioButton>
#include <QStyle>
#include <QStyleOptionButton>
#include <QStyleOptionComboBox>
#include <QTextDocument>
#include <QTranslator>

namespace zbuf::gui {
namespace {

class LongWords : public QTranslator {
 public:
  QString translate(const char*, const char* source, const char*, int) const override {
    QString text = QString::fromUtf8(source);
    const qsizetype wanted = text.size() + std::max<qsizetype>(1, text.size() * 2 / 5);
    static const QStringList more{"mehr", "noch", "und", "weiter"};
    for (qsizetype i = 0; text.size() > 1 && text.size() < wanted; ++i)
      text += (text.size() + 2 < wanted ? " " : "") + more[i % more.size()].left(wanted - text.size());
    return text;
  }
  [[nodiscard]] bool isEmpty() const override { return false; }
};

/// Inside of a control of several widgets, or of a view that scrolls: laid out by Qt.
bool is_inner(const QWidget& widget) {
  for (const QWidget* above = widget.parentWidget(); above != nullptr; above = above->parentWidget())
    if (above->inherits("QAbstractItemView") || above->inherits("QComboBox") ||
        above->inherits("QAbstractSpinBox") || above->inherits("QLineEdit") || above->inherits("QTabBar") ||
        above->inherits("QScrollBar"))
      return true;
  return false;
}

std::string name_of(const QWidget& widget, const QString& text = {}) {
  const QRect at(widget.mapTo(widget.window(), QPoint()), widget.size());
  return QString("%1 %2 “%3” at %4,%5 %6x%7")
      .arg(widget.metaObject()->className(), widget.objectName(), text.left(60))
      .arg(at.x())
      .arg(at.y())
      .arg(at.width())
      .arg(at.height())
      .toStdString();
}

/// Cut on purpose where there is no room, and said in full by the tooltip.
bool is_elided(const QWidget& widget, const QString& text) {
  return widget.toolTip() == text || (text.endsWith(QChar(0x2026)) && widget.toolTip().size() >= text.size());
}

void expect_label_whole(const QLabel& label) {
  if (label.text().isEmpty() || is_elided(label, label.text()))
    return;
  const int slack = 1;
  if (label.wordWrap()) {
    EXPECT_GE(label.height() + slack, label.heightForWidth(label.width())) << name_of(label, label.text());
    return;
  }
  EXPECT_GE(label.width() + slack, label.sizeHint().width()) << name_of(label, label.text());
  EXPECT_GE(label.height() + slack, label.sizeHint().height()) << name_of(label, label.text());
}

void expect_button_whole(const QAbstractButton& button) {
  if (button.text().isEmpty() || is_elided(button, button.text()))
    return;
  const int slack = 1;
  EXPECT_GE(button.width() + slack, button.minimumSizeHint().width()) << name_of(button, button.text());
  EXPECT_GE(button.width(), button.fontMetrics().size(Qt::TextShowMnemonic, button.text()).width())
      << name_of(button, button.text());
  EXPECT_GE(button.height(), button.fontMetrics().height()) << name_of(button, button.text());
}

/// Of a box that one only chooses from, the choice; a field may scroll.
void expect_box_whole(const QComboBox& box) {
  QStyleOptionComboBox option;
  option.initFrom(&box);
  option.editable = box.isEditable();
  const QRect field =
      box.style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, &box);
  const int slack = 2;
  const int needed = box.fontMetrics().horizontalAdvance(box.currentText());
  if (needed > field.width() + slack) {
    EXPECT_GE(box.toolTip().size(), box.currentText().size())
        << name_of(box, box.currentText()) << " needs " << needed;
  }
}

/// Up and down one can scroll; to the sides, nobody looks.
void expect_in_sight(const QWidget& widget) {
  for (const QWidget* above = widget.parentWidget(); above != nullptr && !above->isWindow();
       above = above->parentWidget()) {
    const int left = widget.mapTo(above, QPoint()).x();
    EXPECT_TRUE(left >= 0 && left + widget.width() <= above->width())
        << name_of(widget) << " outside of " << name_of(*above);
  }
}

/// Of what is typed, a few letters at least.
void expect_field_usable(const QLineEdit& field) {
  const int letters = 9;
  EXPECT_GE(field.width(), field.fontMetrics().averageCharWidth() * letters) << name_of(field, field.text());
}

void expect_apart(const QWidget& parent) {
  QList<const QWidget*> before;
  for (const QObject* const child : parent.children()) {
    const auto* const widget = qobject_cast<const QWidget*>(child);
    // The text of a lesson lies over the stage until somebody begins.
    if (widget == nullptr || widget->objectName() == "lesson_text" || !widget->isVisible() ||
        widget->isWindow() || widget->size().isEmpty())
      continue;
    for (const QWidget* const other : before)
      EXPECT_FALSE(widget->geometry().intersects(other->geometry()))
          << name_of(*widget) << " over " << name_of(*other);
    before += widget;
  }
}

/// Of what can be seen of a window, or of what lies over one.
void expect_whole(QWidget& top) {
  for (QWidget* const widget : top.findChildren<QWidget*>()) {
    if (!widget->isVisible() || is_inner(*widget))
      continue;
    if (const auto* const label = qobject_cast<QLabel*>(widget))
      expect_label_whole(*label);
    else if (const auto* const button = qobject_cast<QAbstractButton*>(widget))
      expect_button_whole(*button);
    else if (const auto* const box = qobject_cast<QComboBox*>(widget))
      expect_box_whole(*box);
    else if (const auto* const field = qobject_cast<QLineEdit*>(widget))
      expect_field_usable(*field);
    if (!widget->inherits("QTabBar") && !widget->parentWidget()->inherits("QTabBar"))
      expect_in_sight(*widget);
    if (widget->layout() != nullptr)
      expect_apart(*widget);
    const QWidget* const parent = widget->parentWidget();
    if (parent != nullptr && !widget->isWindow() && parent->layout() != nullptr) {
      EXPECT_TRUE(parent->rect().contains(widget->geometry()))
          << name_of(*widget) << " outside of " << name_of(*parent);
    }
  }
  if (const QString shots = qEnvironmentVariable("ZBUF_SHOTS"); !shots.isEmpty()) {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    static int n = 0;
    EXPECT_FALSE(save_picture(top, QString("%1/long-%2-%3.png").arg(shots, test->name()).arg(++n)));
  }
}

class LongerText : public Window {
 protected:
  void SetUp() override {
    QCoreApplication::installTranslator(&words);
    Window::SetUp();
    open("04");
    look();
  }
  void TearDown() override {
    window.reset();
    QCoreApplication::removeTranslator(&words);
    Window::TearDown();
  }
  static void look() {
    constexpr int moment_ms = 60; // layouts come after events
    QTest::qWait(moment_ms);
  }
  LongWords words;
};

TEST_F(LongerText, FitsInTheWindowWithEveryTab) {
  for (const QSize& size : {QSize(1280, 800), QSize(1600, 1000)}) {
    window->resize(size);
    for (int tab = 0; tab < part<QTabWidget>("tabs")->count(); ++tab) {
      part<QTabWidget>("tabs")->setCurrentIndex(tab);
      look();
      SCOPED_TRACE(testing::Message() << "tab " << tab << " at " << size.width());
      EXPECT_EQ(window->size(), size); // nothing forced it to be larger
      expect_whole(*window);
    }
  }
}

TEST_F(LongerText, FitsWhereARunHasEnded) {
  key(Qt::Key_V);
  key(Qt::Key_End);
  look();
  EXPECT_EQ(window->size(), QSize(1280, 800));
  expect_whole(*window);
}

TEST_F(LongerText, FitsInTheLiveBar) {
  Recorder::Options options;
  options.path = folder.filePath("run.zbt").toStdString();
  const auto recorder = std::move(*Recorder::create(options));
  for (const Event& event : synthetic::run(1, 5000, 4064))
    *zb_trace_claim(recorder->trace()) = event;
  recorder->flush();
  window->follow(folder.filePath("run.zbt"));
  ASSERT_TRUE(wait_until([this] { return window->live().open(); }));
  for (const bool at_edge : {true, false}) {
    if (!at_edge)
      key(Qt::Key_Home);
    look();
    EXPECT_EQ(window->size(), QSize(1280, 800));
    expect_whole(window->live_bar());
  }
}

TEST_F(LongerText, FitsInTheLiveForm) {
  LiveForm form({}, window.get());
  form.show();
  look();
  expect_whole(form);
  form.findChild<QLineEdit*>("live_filter")->setText("tcp prot 443");
  look();
  expect_whole(form);
}

TEST_F(LongerText, FitsInTheVideoDialog) {
  VideoDialog dialog(playback(), window.get());
  dialog.show();
  look();
  expect_whole(dialog);
}

TEST_F(LongerText, FitsInTheSheetOfKeys) {
  key(Qt::Key_Question);
  look();
  EXPECT_TRUE(window->rect().contains(part("shortcut_sheet")->geometry()));
  expect_whole(*part("shortcut_sheet"));
}

TEST_F(LongerText, FitsInThePalette) {
  key(Qt::Key_K, Qt::ControlModifier);
  look();
  EXPECT_TRUE(window->rect().contains(part("palette")->geometry()));
  expect_whole(*part("palette"));
}

TEST_F(LongerText, FitsInTheTour) {
  settings->set_tour_seen(false);
  window->greet();
  while (window->findChild<Tour*>("tour") != nullptr) {
    look();
    expect_whole(*part("tour"));
    click("tour_next");
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
  }
}

} // namespace
} // namespace zbuf::gui
