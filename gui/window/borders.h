// SPDX-License-Identifier: GPL-3.0-or-later
// The borders between the parts of the window, and how large the parts are.
#pragma once

#include "gui/window/settings.h"

#include <QHash>
#include <QList>
#include <QSet>
#include <QSplitter>

namespace zbuf::gui {

/// Until somebody moves the borders of a splitter, its parts have their shares of the window; from then on,
/// the sizes that they were given.
class Borders : public QObject {
  Q_OBJECT
 public:
  /// It belongs to whatever it is put into. `parts` are given to it, from the left or from above.
  QSplitter* add(const QString& name, Qt::Orientation orientation, const QList<QWidget*>& parts);
  /// By the name it was added with.
  [[nodiscard]] QSplitter& splitter(const QString& name) const { return *splitters_[name]; }

  /// As they were saved.
  void restore(const Settings& settings);
  void save(Settings& settings) const;
  /// `percent` of `room` pixels for each part, unless somebody gave them sizes.
  void share(const QString& name, int room, std::initializer_list<int> percent);

 private:
  QHash<QString, QSplitter*> splitters_{};
  QSet<QString> own_sizes_{}; ///< of splitters that somebody moved
};

} // namespace zbuf::gui
