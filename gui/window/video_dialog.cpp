// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/video_dialog.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"
#include "gui/window/chapter_bar.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QPushButton>
#include <QStandardPaths>

#include <cmath>

namespace zbuf::gui {

namespace {

QDoubleSpinBox* milliseconds(std::uint64_t most_ns, const QString& name) {
  auto* box = new QDoubleSpinBox;
  box->setDecimals(6);
  box->setRange(0, static_cast<double>(most_ns) / 1e6);
  box->setSuffix(VideoDialog::tr(" ms"));
  box->setAccessibleName(name);
  return box;
}

std::uint64_t as_ns(double time_ms) {
  return static_cast<std::uint64_t>(std::llround(time_ms * 1e6));
}

} // namespace

VideoDialog::VideoDialog(Playback& playback, QWidget* parent)
    : QDialog(parent), playback_(playback), which_(new QComboBox),
      from_ms_(milliseconds(playback.end_ns(), tr("Beginning"))),
      until_ms_(milliseconds(playback.end_ns(), tr("End"))), seconds_(new QDoubleSpinBox),
      rate_(new QSpinBox), path_(new QLineEdit), pace_(new QLabel) {
  setWindowTitle(tr("Save a video"));
  which_->addItems({tr("This chapter"), tr("From here to the end"), tr("The whole run"), tr("As set below")});
  which_->setAccessibleName(tr("Span"));
  seconds_->setRange(0.2, 600);
  seconds_->setValue(8);
  seconds_->setSuffix(tr(" s"));
  seconds_->setAccessibleName(tr("Length of the video"));
  rate_->setRange(5, 60);
  rate_->setValue(25);
  rate_->setAccessibleName(tr("Frames a second"));
  const bool encoder = !VideoExport::encoder().isEmpty();
  const QString folder = QStandardPaths::writableLocation(QStandardPaths::MoviesLocation);
  path_->setText(
      QDir(folder.isEmpty() ? QDir::homePath() : folder).filePath(encoder ? "zbuf.gif" : "zbuf-frames"));
  path_->setAccessibleName(tr("File"));
  auto* const browse = new QPushButton(tr("Choose…"));
  auto* const row = new QHBoxLayout;
  row->addWidget(path_, 1);
  row->addWidget(browse);
  auto* const note = new QLabel(
      encoder ? tr("By the name's end: .gif, .mp4 or .webm, made with ffmpeg; or a folder for pictures.")
              : tr("ffmpeg is not installed: the frames are saved as pictures in a folder."));
  note->setWordWrap(true);
  auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel);
  auto* const form = new QFormLayout(this);
  form->setRowWrapPolicy(QFormLayout::WrapLongRows);
  form->addRow(tr("Span"), which_);
  form->addRow(tr("Beginning"), from_ms_);
  form->addRow(tr("End"), until_ms_);
  form->addRow(tr("Length of the video"), seconds_);
  form->addRow(tr("Frames a second"), rate_);
  form->addRow(tr("Pace"), pace_);
  form->addRow(tr("File"), row);
  form->addRow(note);
  form->addRow(buttons);
  setMinimumWidth(QFontMetrics(theme().ui()).averageCharWidth() * 66);
  connect(which_, &QComboBox::currentIndexChanged, this, &VideoDialog::choose_span);
  for (QDoubleSpinBox* const box : {from_ms_, until_ms_, seconds_})
    connect(box, &QDoubleSpinBox::valueChanged, this, &VideoDialog::show_pace);
  for (QDoubleSpinBox* const box : {from_ms_, until_ms_})
    connect(box, &QDoubleSpinBox::textChanged, this, [this, box] {
      if (box->hasFocus())
        which_->setCurrentIndex(3);
    });
  connect(browse, &QPushButton::clicked, this, &VideoDialog::choose_path);
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  choose_span(0);
}

void VideoDialog::choose_span(int which) {
  std::uint64_t from_ns = 0;
  std::uint64_t until_ns = playback_.end_ns();
  if (which == 3)
    return;
  if (which == 1) {
    from_ns = playback_.time_ns();
  } else if (which == 0 && playback_.focused() != nullptr) {
    const auto& run = playback_.focused()->report;
    if (const auto current = ChapterBar::chapter_at(run, playback_.events_done(playback_.focus())))
      from_ns = run.chapters[*current].time_ns;
    for (const ChapterReport& chapter : run.chapters)
      if (chapter.reached && chapter.time_ns > from_ns)
        until_ns = std::min(until_ns, chapter.time_ns);
  }
  from_ms_->setValue(static_cast<double>(from_ns) / 1e6);
  until_ms_->setValue(static_cast<double>(until_ns) / 1e6);
  show_pace();
}

void VideoDialog::show_pace() {
  const double model_s = (until_ms_->value() - from_ms_->value()) / 1e3;
  pace_->setText(model_s > 0 ? speed_text(model_s / seconds_->value())
                             : tr("The end must be behind the beginning."));
}

void VideoDialog::choose_path() {
  const QString path = QFileDialog::getSaveFileName(
      this, tr("Save a video"), path_->text(), tr("Videos (*.gif *.mp4 *.webm);;Folders of pictures (*)"));
  if (!path.isEmpty())
    path_->setText(path);
}

VideoExport::Span VideoDialog::span() const {
  return {as_ns(from_ms_->value()), as_ns(until_ms_->value()), seconds_->value(), rate_->value(),
          path_->text()};
}

} // namespace zbuf::gui
