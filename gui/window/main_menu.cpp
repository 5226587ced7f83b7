// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/main_menu.h"

#include <QFileInfo>

namespace zbuf::gui {

void MainMenu::fill() {
  for (const QString& group : commands_.groups()) {
    QMenu* const sub = addMenu(group);
    sub->addActions(commands_.of(group));
    if (group != group_name(Group::file))
      continue;
    auto* const recent = new QMenu(tr("Open recent"), sub);
    sub->insertMenu(sub->actions().value(1), recent);
    connect(recent, &QMenu::aboutToShow, this, [this, recent] { fill_recent(*recent); });
  }
}

void MainMenu::fill_recent(QMenu& menu) {
  menu.clear();
  for (const QString& path : settings_.recent())
    menu.addAction(QFileInfo(path).fileName(), this, [this, path] { Q_EMIT open_wanted(path); })
        ->setToolTip(path);
  if (menu.isEmpty()) {
    menu.addAction(tr("Nothing was opened yet"))->setEnabled(false);
    return;
  }
  menu.addSeparator();
  menu.addAction(tr("Forget these"), this, [this] { settings_.forget_recent(); });
}

QList<CommandPalette::Entry> MainMenu::palette_entries(const std::vector<Lesson>& lessons,
                                                       Playback& playback) {
  QList<CommandPalette::Entry> entries;
  for (QAction* const action : commands_.all())
    entries +=
        {Commands::group_of(*action), action->text(), action->shortcut().toString(QKeySequence::NativeText),
         action->isEnabled(), [action] { action->trigger(); }};
  for (const Lesson& lesson : lessons)
    entries += {tr("Lesson"),
                QString("%1  %2").arg(lesson.number).arg(lesson.title),
                {},
                true,
                [this, path = lesson.path] { Q_EMIT open_wanted(path); }};
  if (const Track* const track = playback.focused())
    for (std::size_t i = 0; i < track->report.chapters.size(); ++i)
      if (const ChapterReport& chapter = track->report.chapters[i]; chapter.reached)
        entries += {tr("Chapter"),
                    QString("%1  %2").arg(i + 1).arg(QString::fromStdString(chapter.text)),
                    {},
                    true,
                    [&playback, event = chapter.event] { playback.seek_event(event); }};
  for (const QString& path : settings_.recent())
    entries +=
        {tr("Recent"), QFileInfo(path).fileName(), {}, true, [this, path] { Q_EMIT open_wanted(path); }};
  return entries;
}

} // namespace zbuf::gui
