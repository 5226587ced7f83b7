// SPDX-License-Identifier: GPL-3.0-or-later
// The main() of every test of the window: an application without a display, and settings of its own.
#include <QApplication>
#include <QStandardPaths>

#include <gtest/gtest.h>

int main(int argc, char** argv) {
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
    qputenv("QT_QPA_PLATFORM", "offscreen");
  testing::InitGoogleTest(&argc, argv);
  QStandardPaths::setTestModeEnabled(true);
  const QApplication application(argc, argv);
  QApplication::setApplicationName("zbuflab-test");
  return RUN_ALL_TESTS();
}
