// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/commands.h"

#include <QCoreApplication>
#include <QVariant>

namespace zbuf::gui {

namespace {
constexpr const char* group_property = "group";
}

QString group_name(Group group) {
  static constexpr const char* names[] = {
      QT_TRANSLATE_NOOP("Commands", "Play"),    QT_TRANSLATE_NOOP("Commands", "Go to"),
      QT_TRANSLATE_NOOP("Commands", "View"),    QT_TRANSLATE_NOOP("Commands", "Live"),
      QT_TRANSLATE_NOOP("Commands", "Measure"), QT_TRANSLATE_NOOP("Commands", "File"),
      QT_TRANSLATE_NOOP("Commands", "Help")};
  return QCoreApplication::translate("Commands", names[static_cast<std::size_t>(group)]);
}

QAction* Commands::add(Group group, const QString& text, const QList<QKeySequence>& keys,
                       std::function<void()> run) {
  auto* action = new QAction(text, &window_);
  action->setShortcuts(keys);
  action->setShortcutContext(Qt::WindowShortcut);
  action->setProperty(group_property, group_name(group));
  QObject::connect(action, &QAction::triggered, &window_, [run = std::move(run)] { run(); });
  window_.addAction(action);
  all_ += action;
  return action;
}

QStringList Commands::groups() const {
  QStringList names;
  for (const QAction* action : all_)
    if (const QString name = group_of(*action); !names.contains(name))
      names += name;
  return names;
}

QList<QAction*> Commands::of(const QString& group) const {
  QList<QAction*> actions;
  for (QAction* action : all_)
    if (group_of(*action) == group)
      actions += action;
  return actions;
}

QString Commands::group_of(const QAction& action) {
  return action.property(group_property).toString();
}

} // namespace zbuf::gui
