// SPDX-License-Identifier: GPL-3.0-or-later
// The lessons, which of them were watched to the end, and the way to other files.
#pragma once

#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QWidget>

#include <set>
#include <string>
#include <vector>

namespace zbuf::gui {

struct Lesson {
  QString path{};
  QString title{};
  QString summary{};
  unsigned number = 0;
};

/// The scenarios of the folder that can be read, by number. `folder`: as zbuf finds it, if empty.
[[nodiscard]] std::vector<Lesson> find_lessons(const QString& folder = {});

/// What a word of the command line means: a file, the number of a lesson, a part of its name. The error as a
/// sentence.
struct FoundFile {
  QString path{};
  QString error{};
};
[[nodiscard]] FoundFile find_file(const QString& argument);

class LessonsPanel : public QWidget {
  Q_OBJECT
 public:
  explicit LessonsPanel(std::vector<Lesson> lessons, QWidget* parent = nullptr);

  [[nodiscard]] const std::vector<Lesson>& lessons() const { return lessons_; }
  void set_done(std::set<unsigned> numbers);
  /// The file that is open; it may be none of them.
  void set_current(const QString& path);
  [[nodiscard]] QListWidget& list() { return *list_; }

 signals:
  void lesson_chosen(const QString& path);
  void open_wanted();

 private:
  void dress();
  void fill();

  std::vector<Lesson> lessons_;
  std::set<unsigned> done_{};
  QString current_{};
  QLabel* heading_;
  QListWidget* list_;
  QPushButton* open_;
};

} // namespace zbuf::gui
