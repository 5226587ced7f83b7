// SPDX-License-Identifier: GPL-3.0-or-later
// Live captures, as the window has them.
#include "gui/window/main_window.h"

#include "gui/live/live_form.h"

namespace zbuf::gui {

void MainWindow::add_live_commands() {
  const QString live = tr("Live");
  commands_.add(live, tr("Capture live packets…"), {QKeySequence(Qt::CTRL | Qt::Key_L)},
                [this] { ask_what_to_capture(); });
  commands_.add(live, tr("To the live edge"), {}, [this] {
    if (playback_.growing())
      playback_.follow();
    else
      notice_->show_notice(tr("Nothing is being recorded now. Ctrl+L captures live packets."));
  });
  commands_.add(live, tr("Stop capturing, or following"), {QKeySequence(Qt::CTRL | Qt::Key_Period)},
                [this] { live_.stop(); });
}

void MainWindow::connect_live() {
  connect(&live_, &Live::failed, this, [this](const QString& what, const QStringList& errors) {
    compare_when_opened_ = read_when_opened_ = false;
    notice_->show_failure(what, errors);
  });
  connect(&live_, &Live::told, notice_, &NoticeBar::show_notice);
}

void MainWindow::capture(const CaptureOptions& options) {
  video_->cancel();
  notice_->clear();
  compare_when_opened_ = options.mode == "both";
  read_when_opened_ = false;
  live_.capture(options);
}

void MainWindow::follow(const QString& path) {
  video_->cancel();
  notice_->clear();
  compare_when_opened_ = read_when_opened_ = false;
  live_.follow(path);
}

void MainWindow::ask_what_to_capture() {
  auto* const form = new LiveForm(live_.options(), this);
  form->setAttribute(Qt::WA_DeleteOnClose);
  connect(form, &QDialog::accepted, this, [this, form] { capture(form->options()); });
  form->open();
}

} // namespace zbuf::gui
