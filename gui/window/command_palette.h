// SPDX-License-Identifier: GPL-3.0-or-later
// Finds anything that can be done, and any lesson, by a few letters of its name.
#pragma once

#include <QAction>
#include <QFrame>
#include <QLineEdit>
#include <QListWidget>

#include <functional>

namespace zbuf::gui {

class CommandPalette : public QFrame {
  Q_OBJECT
 public:
  struct Entry {
    QString group{};
    QString text{};
    QString keys{};
    bool enabled = true;
    std::function<void()> run{};
  };

  explicit CommandPalette(QWidget* window);

  /// Opens over the window, with the keyboard in it.
  void open(QList<Entry> entries);

  /// All letters of the pattern, in this order: the less lies between them, the better (a lower number).
  /// Negative: no.
  [[nodiscard]] static int match(const QString& text, const QString& pattern);

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  void filter();
  void run_current();

  QLineEdit* field_;
  QListWidget* list_;
  QList<Entry> entries_{};
  QWidget* focus_before_ = nullptr;
};

} // namespace zbuf::gui
