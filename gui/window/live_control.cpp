// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/live_control.h"

#include "gui/live/live_form.h"

namespace zbuf::gui {

LiveControl::LiveControl(QWidget& window, Live& live, Playback& playback, Opener& opener, NoticeBar& notice)
    : window_(window), live_(live), playback_(playback), opener_(opener), notice_(notice) {
  connect(&live_, &Live::failed, this, [this](const QString& what, const QStringList& errors) {
    opener_.forget_read_run();
    notice_.show_failure(what, errors);
  });
  connect(&live_, &Live::told, &notice_, &NoticeBar::show_notice);
}

void LiveControl::add_commands(Commands& commands) {
  commands.add(Group::live, tr("Capture live packets…"), {QKeySequence(Qt::CTRL | Qt::Key_L)},
               [this] { ask_what_to_capture(); });
  commands.add(Group::live, tr("To the live edge"), {}, [this] {
    if (playback_.growing())
      playback_.follow();
    else
      notice_.show_notice(tr("Nothing is being recorded now. Ctrl+L captures live packets."));
  });
  commands.add(Group::live, tr("Stop capturing, or following"), {QKeySequence(Qt::CTRL | Qt::Key_Period)},
               [this] { live_.stop(); });
}

void LiveControl::capture(const CaptureOptions& options) {
  opener_.make_way(options.mode == "both" ? ReadRun::compare : ReadRun::nothing);
  live_.capture(options);
}

void LiveControl::follow(const QString& path) {
  opener_.make_way(ReadRun::nothing);
  live_.follow(path);
}

void LiveControl::ask_what_to_capture() {
  auto* const form = new LiveForm(live_.options(), &window_);
  form->setAttribute(Qt::WA_DeleteOnClose);
  connect(form, &QDialog::accepted, this, [this, form] { capture(form->options()); });
  form->open();
}

} // namespace zbuf::gui
