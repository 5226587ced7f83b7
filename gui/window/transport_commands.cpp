// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/transport_commands.h"

#include "gui/model/playback.h"
#include "gui/timeline/timeline_view.h"
#include "gui/window/mode_switch.h"
#include "gui/window/notice_bar.h"
#include "gui/window/transport_bar.h"

#include <QCoreApplication>

namespace zbuf::gui {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("TransportCommands", text);
}

} // namespace

void add_play_commands(Commands& commands, Playback& playback, TransportBar& transport) {
  const auto add = [&](const QString& text, const QList<QKeySequence>& keys, std::function<void()> run) {
    commands.add(Group::play, text, keys, std::move(run));
  };
  add(tr("Play or pause"), {Qt::Key_Space, Qt::Key_K},
      [&playback] { playback.set_playing(!playback.playing()); });
  add(tr("Step"), {Qt::Key_Right}, [&transport] { transport.step(true); });
  add(tr("Step back"), {Qt::Key_Left}, [&transport] { transport.step(false); });
  struct UnitOfStep {
    Unit unit;
    Qt::KeyboardModifier modifier;
    QString name;
  };
  const UnitOfStep units[] = {{Unit::event, Qt::AltModifier, tr("event")},
                              {Unit::packet, Qt::ControlModifier, tr("packet")},
                              {Unit::ownership, Qt::ShiftModifier, tr("change of ownership")}};
  for (const auto& [unit, modifier, name] : units) {
    add(tr("To the next %1").arg(name), {QKeySequence(modifier | Qt::Key_Right)},
        [&playback, unit = unit] { playback.step(unit, true); });
    add(tr("To the previous %1").arg(name), {QKeySequence(modifier | Qt::Key_Left)},
        [&playback, unit = unit] { playback.step(unit, false); });
  }
  for (const auto& [unit, modifier, name] : units)
    add(tr("A step is: %1").arg(name), {static_cast<Qt::Key>(Qt::Key_1 + static_cast<int>(unit))},
        [&transport, unit = unit] { transport.set_unit(unit); });
  add(tr("Faster"), {Qt::Key_Plus, Qt::Key_Equal}, [&transport] { transport.speed().faster(); });
  add(tr("Slower"), {Qt::Key_Minus}, [&transport] { transport.speed().slower(); });
  add(tr("Stop when …"), {Qt::Key_S}, [&transport] {
    transport.stop_field().setFocus(Qt::ShortcutFocusReason);
    transport.stop_field().selectAll();
  });
}

void add_go_commands(Commands& commands, Playback& playback, NoticeBar& notice) {
  const auto add = [&](const QString& text, const QKeySequence& key, std::function<void()> run) {
    commands.add(Group::go_to, text, {key}, std::move(run));
  };
  add(tr("Start"), Qt::Key_Home, [&playback] { playback.jump(Landmark::start, true); });
  add(tr("End"), Qt::Key_End, [&playback] { playback.jump(Landmark::end, true); });
  add(tr("Next chapter"), Qt::Key_PageDown, [&playback] { playback.jump(Landmark::chapter, true); });
  add(tr("Previous chapter"), Qt::Key_PageUp, [&playback] {
    playback.jump(playback.can_jump(Landmark::chapter, false) ? Landmark::chapter : Landmark::start, false);
  });
  const std::tuple<Landmark, Qt::Key, QString> landmarks[] = {{Landmark::drop, Qt::Key_F, tr("drop")},
                                                              {Landmark::hand_off, Qt::Key_H, tr("hand-off")},
                                                              {Landmark::fault, Qt::Key_X, tr("fault")}};
  for (const auto& [landmark, key, name] : landmarks) {
    const auto jump = [&playback, &notice, landmark = landmark, name = name](bool forward) {
      if (playback.can_jump(landmark, forward))
        playback.jump(landmark, forward);
      else
        notice.show_notice(
            (forward ? tr("There is no %1 after this instant.") : tr("There is no %1 before this instant."))
                .arg(name));
    };
    add(tr("Next %1").arg(name), key, [jump] { jump(true); });
    add(tr("Previous %1").arg(name), QKeySequence(Qt::SHIFT | key), [jump] { jump(false); });
  }
}

void add_run_commands(Commands& commands, Playback& playback, ModeSwitch& mode) {
  commands.add(Group::view, tr("Zero-copy, or the first run"), {Qt::Key_Z}, [&mode] { mode.choose_first(); });
  commands.add(Group::view, tr("read(2), or the second run"), {Qt::Key_R}, [&mode] { mode.choose_read(); });
  commands.add(Group::view, tr("Two runs side by side"), {Qt::Key_V},
               [&mode] { mode.set_comparing(!mode.comparing()); });
  commands.add(Group::view, tr("Next reader"), {Qt::Key_N}, [&playback] {
    if (const Track* const track = playback.focused(); track != nullptr && !track->report.readers.empty())
      playback.set_descriptor(
          static_cast<std::uint16_t>((playback.descriptor() + 1u) % track->report.readers.size()));
  });
}

void add_timeline_commands(Commands& commands, TimelineView& timeline) {
  const auto add = [&](const QString& text, const QList<QKeySequence>& keys, std::function<void()> run) {
    commands.add(Group::view, text, keys, std::move(run));
  };
  add(tr("Timeline: zoom in"), {QKeySequence::ZoomIn}, [&timeline] { timeline.zoom_in(); });
  add(tr("Timeline: zoom out"), {QKeySequence::ZoomOut}, [&timeline] { timeline.zoom_out(); });
  add(tr("Timeline: the whole run"), {QKeySequence(Qt::CTRL | Qt::Key_0)},
      [&timeline] { timeline.show_whole_run(); });
  add(tr("Timeline: measure from here"), {Qt::Key_M}, [&timeline] { timeline.toggle_measure(); });
  add(tr("Timeline: bookmark here"), {Qt::Key_B}, [&timeline] { timeline.add_bookmark(); });
}

} // namespace zbuf::gui
