// SPDX-License-Identifier: GPL-3.0-or-later
// A window with settings of its own, and hands to use it: for its tests.
#pragma once

#include "gui/window/main_window.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <gtest/gtest.h>

#include <memory>

namespace zbuf::gui {

/// The path of a lesson, by its number in two digits.
inline QString lesson(const QString& number) {
  const QDir folder(QString(ZBUF_SOURCE_DIR) + "/scenarios");
  return folder.filePath(folder.entryList({number + "-*.toml"}).value(0));
}

class Window : public testing::Test {
 protected:
  static constexpr int patience_ms = 30'000; ///< of a machine that has other things to do

  void SetUp() override {
    settings = std::make_unique<Settings>(folder.filePath("zbuflab.ini"));
    settings->set_tour_seen(true);
    show({1280, 800});
  }
  void TearDown() override { theme().set_scale(1); }

  /// A new one.
  void show(const QSize& size) {
    window = std::make_unique<MainWindow>(*settings);
    window->resize(size);
    window->show();
    window->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(window.get(), patience_ms));
  }
  void open(const QString& number) {
    window->open(lesson(number));
    wait();
  }
  void wait() {
    ASSERT_TRUE(wait_until([this] { return !window->session().is_busy(); }));
  }
  template <typename Condition>
  static bool wait_until(Condition&& condition) {
    return QTest::qWaitFor(condition, patience_ms);
  }
  Playback& playback() { return window->playback(); }
  void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
    QWidget* const focus = QApplication::focusWidget();
    QTest::keyClick(focus != nullptr ? focus : window.get(), key, modifiers);
  }
  void type(const QString& text) {
    ASSERT_NE(QApplication::focusWidget(), nullptr);
    QTest::keyClicks(QApplication::focusWidget(), text);
  }
  template <typename Widget = QWidget>
  Widget* part(const char* name) {
    auto* const found = window->findChild<Widget*>(name);
    EXPECT_NE(found, nullptr) << name;
    return found;
  }
  void click(const char* name) {
    constexpr int frame_ms = 20; // buttons hear of a move at most once a frame
    QTest::qWait(frame_ms);
    ASSERT_TRUE(wait_until([&] { return part(name)->isEnabled(); })) << name;
    QTest::mouseClick(part(name), Qt::LeftButton);
  }
  QAction* command(const QString& text) {
    for (QAction* const action : window->commands().all())
      if (action->text() == text)
        return action;
    ADD_FAILURE() << "no command " << text.toStdString();
    return nullptr;
  }

  QTemporaryDir folder;
  std::unique_ptr<Settings> settings;
  std::unique_ptr<MainWindow> window;
};

} // namespace zbuf::gui
