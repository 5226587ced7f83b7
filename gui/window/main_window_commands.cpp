// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that can be done in the window, with its keys; the menu and the palette follow from it.
#include "gui/window/main_window.h"

#include "gui/compare/compare_panel.h"
#include "gui/theme/theme.h"
#include "gui/timeline/timeline_view.h"

#include <QApplication>
#include <QFileInfo>

namespace zbuf::gui {

void MainWindow::add_commands() {
  add_transport_commands();
  add_view_commands();
  add_live_commands();
  add_measure_commands();
  add_file_commands();
  add_help_commands();
  fill_menu();
}

void MainWindow::add_transport_commands() {
  const QString play = tr("Play");
  commands_.add(play, tr("Play or pause"), {Qt::Key_Space, Qt::Key_K},
                [this] { playback_.set_playing(!playback_.playing()); });
  commands_.add(play, tr("Step"), {Qt::Key_Right}, [this] { header_->transport().step(true); });
  commands_.add(play, tr("Step back"), {Qt::Key_Left}, [this] { header_->transport().step(false); });
  const std::pair<Unit, const char*> units[] = {{Unit::event, QT_TR_NOOP("event")},
                                                {Unit::packet, QT_TR_NOOP("packet")},
                                                {Unit::ownership, QT_TR_NOOP("change of ownership")}};
  for (const auto& [unit, name] : units) {
    const Qt::KeyboardModifier modifier = unit == Unit::event    ? Qt::AltModifier
                                          : unit == Unit::packet ? Qt::ControlModifier
                                                                 : Qt::ShiftModifier;
    commands_.add(play, tr("To the next %1").arg(tr(name)), {QKeySequence(modifier | Qt::Key_Right)},
                  [this, unit = unit] { playback_.step(unit, true); });
    commands_.add(play, tr("To the previous %1").arg(tr(name)), {QKeySequence(modifier | Qt::Key_Left)},
                  [this, unit = unit] { playback_.step(unit, false); });
  }
  for (const auto& [unit, name] : units)
    commands_.add(play, tr("A step is: %1").arg(tr(name)),
                  {static_cast<Qt::Key>(Qt::Key_1 + static_cast<int>(unit))},
                  [this, unit = unit] { header_->transport().set_unit(unit); });
  commands_.add(play, tr("Faster"), {Qt::Key_Plus, Qt::Key_Equal},
                [this] { header_->transport().speed().faster(); });
  commands_.add(play, tr("Slower"), {Qt::Key_Minus}, [this] { header_->transport().speed().slower(); });
  commands_.add(play, tr("Stop when …"), {Qt::Key_S}, [this] {
    header_->transport().stop_field().setFocus(Qt::ShortcutFocusReason);
    header_->transport().stop_field().selectAll();
  });

  const QString go = tr("Go to");
  commands_.add(go, tr("Start"), {Qt::Key_Home}, [this] { playback_.jump(Landmark::start, true); });
  commands_.add(go, tr("End"), {Qt::Key_End}, [this] { playback_.jump(Landmark::end, true); });
  commands_.add(go, tr("Next chapter"), {Qt::Key_PageDown},
                [this] { playback_.jump(Landmark::chapter, true); });
  commands_.add(go, tr("Previous chapter"), {Qt::Key_PageUp}, [this] {
    playback_.jump(playback_.can_jump(Landmark::chapter, false) ? Landmark::chapter : Landmark::start, false);
  });
  const std::tuple<Landmark, Qt::Key, const char*> landmarks[] = {
      {Landmark::drop, Qt::Key_F, QT_TR_NOOP("drop")},
      {Landmark::hand_off, Qt::Key_H, QT_TR_NOOP("hand-off")},
      {Landmark::fault, Qt::Key_X, QT_TR_NOOP("fault")}};
  for (const auto& [landmark, key, name] : landmarks) {
    const auto jump = [this, landmark = landmark, name = name](bool forward) {
      if (playback_.can_jump(landmark, forward))
        playback_.jump(landmark, forward);
      else
        notice_->show_notice(
            (forward ? tr("There is no %1 after this instant.") : tr("There is no %1 before this instant."))
                .arg(tr(name)));
    };
    commands_.add(go, tr("Next %1").arg(tr(name)), {key}, [jump] { jump(true); });
    commands_.add(go, tr("Previous %1").arg(tr(name)), {QKeySequence(Qt::SHIFT | key)},
                  [jump] { jump(false); });
  }
}

void MainWindow::show_tab(int tab) {
  if (presenting_)
    set_presenting(false);
  tabs_->setCurrentIndex(tab);
  tabs_->currentWidget()->setFocus(Qt::ShortcutFocusReason);
}

void MainWindow::add_view_commands() {
  const QString view = tr("View");
  commands_.add(view, tr("Zero-copy, or the first run"), {Qt::Key_Z},
                [this] { header_->mode().choose_first(); });
  commands_.add(view, tr("read(2), or the second run"), {Qt::Key_R},
                [this] { header_->mode().choose_read(); });
  commands_.add(view, tr("Two runs side by side"), {Qt::Key_V},
                [this] { header_->mode().set_comparing(!header_->mode().comparing()); });
  commands_.add(view, tr("Next reader"), {Qt::Key_N}, [this] {
    if (const Track* const track = playback_.focused(); track != nullptr && !track->report.readers.empty())
      playback_.set_descriptor(
          static_cast<std::uint16_t>((playback_.descriptor() + 1u) % track->report.readers.size()));
  });
  for (int tab = 0; tab < tabs_->count(); ++tab)
    commands_.add(view, tabs_->tabText(tab), {QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + tab))},
                  [this, tab] { show_tab(tab); });
  commands_.add(view, tr("Find a packet"), {QKeySequence::Find}, [this] {
    constexpr int packets_tab = 3;
    show_tab(packets_tab);
    if (auto* const field = tabs_->currentWidget()->findChild<QLineEdit*>())
      field->setFocus(Qt::ShortcutFocusReason);
  });
  commands_.add(view, tr("Text of the lesson, or to the live edge"), {Qt::Key_L}, [this] {
    if (live_.open())
      playback_.follow();
    else
      chapter_->set_lesson_shown(!chapter_->lesson_shown());
  });
  commands_.add(view, tr("Timeline: zoom in"), {QKeySequence::ZoomIn}, [this] { timeline_->zoom_in(); });
  commands_.add(view, tr("Timeline: zoom out"), {QKeySequence::ZoomOut}, [this] { timeline_->zoom_out(); });
  commands_.add(view, tr("Timeline: the whole run"), {QKeySequence(Qt::CTRL | Qt::Key_0)},
                [this] { timeline_->show_whole_run(); });
  commands_.add(view, tr("Timeline: measure from here"), {Qt::Key_M},
                [this] { timeline_->toggle_measure(); });
  commands_.add(view, tr("Timeline: bookmark here"), {Qt::Key_B}, [this] { timeline_->add_bookmark(); });
  commands_.add(view, tr("Present: large type, only the stage"), {Qt::Key_F5, Qt::Key_P},
                [this] { set_presenting(!presenting_); });
  commands_.add(view, tr("Full screen"), {Qt::Key_F11},
                [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
  const std::pair<Theme::Scheme, QString> schemes[] = {{Theme::Scheme::system, tr("Colours: as the system")},
                                                       {Theme::Scheme::light, tr("Colours: light")},
                                                       {Theme::Scheme::dark, tr("Colours: dark")}};
  for (const auto& [scheme, text] : schemes)
    commands_.add(view, text, {}, [this, scheme = scheme] {
      settings_.set_scheme(scheme);
      theme().set_scheme(scheme);
    });
}

void MainWindow::add_file_commands() {
  const QString file = tr("File");
  commands_.add(file, tr("Open…"), {QKeySequence::Open}, [this] { choose_file(); });
  commands_.add(file, tr("Run it again"), {QKeySequence(Qt::CTRL | Qt::Key_R)}, [this] {
    if (session_.opened_now() != nullptr)
      open(session_.opened_now()->path);
  });
  commands_.add(file, tr("Save the recording…"), {QKeySequence::Save}, [this] { save_trace(); });
  commands_.add(file, tr("Save the report…"), {}, [this] { save_report(); });
  commands_.add(file, tr("Save as a scenario…"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S)},
                [this] { save_scenario(); });
  for (const auto& [name, widget] : pictures_)
    commands_.add(file, tr("Save a picture of %1…").arg(name),
                  widget == this ? QList<QKeySequence>{QKeySequence(Qt::CTRL | Qt::Key_E)}
                                 : QList<QKeySequence>{},
                  [this, widget = widget, name = name] { save_picture_of(*widget, name); });
  commands_.add(file, tr("Save the plots…"), {}, [this] { save_plots(); });
  commands_.add(file, tr("Save a video…"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E)},
                [this] { save_video(); });
  commands_.add(file, tr("Quit"), {QKeySequence::Quit}, [this] { close(); });
}

void MainWindow::add_help_commands() {
  const QString help = tr("Help");
  commands_.add(help, tr("Find a command"), {QKeySequence(Qt::CTRL | Qt::Key_K)}, [this] { open_palette(); });
  commands_.add(help, tr("All keys"), {QKeySequence("?"), QKeySequence::HelpContents},
                [this] { sheet_->open(); });
  commands_.add(help, tr("Menu"), {Qt::Key_F10}, [this] { header_->open_menu(); });
  commands_.add(help, tr("Leave or close"), {Qt::Key_Escape}, [this] { escape(); });
  commands_.add(help, tr("The tour"), {}, [this] {
    settings_.set_tour_seen(false);
    greet();
  });
  commands_.add(help, tr("Reset all settings"), {}, [this] {
    settings_.reset();
    theme().set_scheme(settings_.scheme());
    playback_.set_speed(settings_.speed());
    lessons_->set_done({});
    notice_->show_notice(tr("All settings are as at the first start."));
  });
  commands_.add(help, tr("About zbuf lab"), {}, [this] {
    notice_->show_notice(
        tr("zbuf lab %1\nThe window is free software under the GNU General Public License, version 3 or "
           "later; everything else under the BSD 2-Clause licence.\nQt %2")
            .arg(QApplication::applicationVersion(), qVersion()));
  });
}

/// What is in front goes first.
void MainWindow::escape() {
  if (!notice_->text().isEmpty())
    notice_->clear();
  else if (chapter_->lesson_shown())
    chapter_->set_lesson_shown(false);
  else
    set_presenting(false);
}

void MainWindow::fill_menu() {
  menu_.clear();
  for (const QString& group : commands_.groups()) {
    QMenu* const sub = menu_.addMenu(group);
    if (group == tr("File")) {
      sub->addActions(commands_.of(group).mid(0, 1));
      QMenu* const recent = sub->addMenu(tr("Open recent"));
      connect(recent, &QMenu::aboutToShow, this, [this, recent] { fill_recent(*recent); });
      sub->addActions(commands_.of(group).mid(1));
      continue;
    }
    sub->addActions(commands_.of(group));
  }
}

void MainWindow::fill_recent(QMenu& menu) {
  menu.clear();
  for (const QString& path : settings_.recent())
    menu.addAction(QFileInfo(path).fileName(), this, [this, path] { open(path); })->setToolTip(path);
  if (menu.isEmpty()) {
    menu.addAction(tr("Nothing was opened yet"))->setEnabled(false);
    return;
  }
  menu.addSeparator();
  menu.addAction(tr("Forget these"), this, [this] { settings_.forget_recent(); });
}

void MainWindow::open_palette() {
  QList<CommandPalette::Entry> entries;
  for (QAction* const action : commands_.all())
    entries +=
        {Commands::group_of(*action), action->text(), action->shortcut().toString(QKeySequence::NativeText),
         action->isEnabled(), [action] { action->trigger(); }};
  for (const Lesson& lesson : lessons_->lessons())
    entries += {tr("Lesson"),
                QString("%1  %2").arg(lesson.number).arg(lesson.title),
                {},
                true,
                [this, path = lesson.path] { open(path); }};
  if (const Track* const track = playback_.focused())
    for (std::size_t i = 0; i < track->report.chapters.size(); ++i)
      if (const ChapterReport& chapter = track->report.chapters[i]; chapter.reached)
        entries += {tr("Chapter"),
                    QString("%1  %2").arg(i + 1).arg(QString::fromStdString(chapter.text)),
                    {},
                    true,
                    [this, event = chapter.event] { playback_.seek_event(event); }};
  for (const QString& path : settings_.recent())
    entries += {tr("Recent"), QFileInfo(path).fileName(), {}, true, [this, path] { open(path); }};
  palette_->open(std::move(entries));
}

} // namespace zbuf::gui
