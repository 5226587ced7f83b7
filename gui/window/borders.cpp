// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/borders.h"

namespace zbuf::gui {

QSplitter* Borders::add(const QString& name, Qt::Orientation orientation, const QList<QWidget*>& parts) {
  auto* const made = new QSplitter(orientation);
  made->setObjectName(name);
  made->setChildrenCollapsible(false);
  for (QWidget* const part : parts)
    made->addWidget(part);
  connect(made, &QSplitter::splitterMoved, this, [this, name] { own_sizes_.insert(name); });
  splitters_[name] = made;
  return made;
}

void Borders::restore(const Settings& settings) {
  for (auto it = splitters_.begin(); it != splitters_.end(); ++it)
    if (it.value()->restoreState(settings.geometry(it.key())))
      own_sizes_.insert(it.key());
}

void Borders::save(Settings& settings) const {
  for (const QString& name : own_sizes_)
    settings.set_geometry(name, splitters_[name]->saveState());
}

void Borders::share(const QString& name, int room, std::initializer_list<int> percent) {
  if (own_sizes_.contains(name))
    return;
  QList<int> sizes;
  for (const int part : percent)
    sizes += room * part / 100;
  splitters_[name]->setSizes(sizes);
}

} // namespace zbuf::gui
