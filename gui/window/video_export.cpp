// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/video_export.h"

#include "gui/window/picture_export.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#include <algorithm>
#include <cmath>

namespace zbuf::gui {

namespace {

/// Between two frames: views hear of a move at most once in 16 ms.
constexpr int settle_ms = 18;

QStringList encoder_arguments(const QSize& size, int frames_per_second, const QString& path) {
  QStringList arguments{"-y",
                        "-loglevel",
                        "error",
                        "-f",
                        "rawvideo",
                        "-pixel_format",
                        "bgra",
                        "-video_size",
                        QString("%1x%2").arg(size.width()).arg(size.height()),
                        "-framerate",
                        QString::number(frames_per_second),
                        "-i",
                        "-"};
  // A palette of its own: few colours are drawn, and dots between them would only make it large.
  if (path.endsWith(".gif", Qt::CaseInsensitive))
    arguments += {"-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none:diff_mode=rectangle"};
  else // what every player takes: even sides, 4:2:0
    arguments += {"-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p"};
  return arguments << path;
}

bool is_video(const QString& path) {
  const QString end = QFileInfo(path).suffix().toLower();
  return end == "gif" || end == "mp4" || end == "webm" || end == "mkv";
}

} // namespace

VideoExport::VideoExport(Playback& playback, QWidget& widget, QObject* parent)
    : QObject(parent), playback_(playback), widget_(widget) {
  timer_.setInterval(settle_ms);
  connect(&timer_, &QTimer::timeout, this, &VideoExport::frame);
  connect(&encoder_, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
    if (!running_)
      return;
    const bool good = code == 0 && status == QProcess::NormalExit && frame_ >= frames_;
    end();
    if (good)
      Q_EMIT finished(span_.path);
    else
      Q_EMIT failed(tr("ffmpeg could not write %1: %2")
                        .arg(span_.path, QString::fromUtf8(encoder_.readAllStandardError()).trimmed()));
  });
}

VideoExport::~VideoExport() {
  cancel();
}

QString VideoExport::encoder() {
  return QStandardPaths::findExecutable("ffmpeg");
}

std::optional<QString> VideoExport::start_encoder(const QSize& size) {
  encoder_.start(encoder(), encoder_arguments(size, span_.frames_per_second, span_.path));
  constexpr int patience_ms = 3000;
  if (!encoder_.waitForStarted(patience_ms))
    return tr("ffmpeg does not start: %1. Choose a folder instead: the frames are saved there as pictures.")
        .arg(encoder_.errorString());
  return std::nullopt;
}

std::optional<QString> VideoExport::start(const Span& span) {
  if (running_)
    return tr("A video is being made already; stop it first.");
  if (span.until_ns <= span.from_ns)
    return tr("The span is empty; expected an end behind its beginning.");
  span_ = span;
  frame_ = 0;
  frames_ = std::max(1, static_cast<int>(std::lround(span.seconds * span.frames_per_second)));
  encoded_ = is_video(span.path) && !encoder().isEmpty();
  return_to_ns_ = playback_.time_ns();
  return_to_speed_ = playback_.speed();
  size_ = {};
  if (!encoded_) {
    if (is_video(span_.path)) // there is no ffmpeg
      span_.path.chop(QFileInfo(span_.path).suffix().size() + 1);
    if (!QDir().mkpath(span_.path) || !QFileInfo(span_.path).isWritable())
      return tr("%1 cannot be made. Choose another folder.").arg(span_.path);
  }
  playback_.set_playing(false);
  // What moves on the stage takes its time from the speed: here it is that of the video.
  playback_.set_speed(static_cast<double>(span_.until_ns - span_.from_ns) / 1e9 / span_.seconds);
  playback_.seek_time(span_.from_ns);
  running_ = true;
  timer_.start();
  return std::nullopt;
}

void VideoExport::frame() {
  constexpr qint64 most_waiting_bytes = 64 << 20;
  if (encoder_.bytesToWrite() > most_waiting_bytes)
    return; // ffmpeg is slower than we are
  QImage image = picture_of(widget_, 1).convertToFormat(QImage::Format_RGB32);
  if (size_.isEmpty()) { // the first: whatever has been shown meanwhile has its place by now
    size_ = image.size();
    if (const auto error = encoded_ ? start_encoder(size_) : std::nullopt) {
      cancel();
      Q_EMIT failed(*error);
      return;
    }
  }
  if (image.size() != size_) // somebody changes the window
    image = image.scaled(size_, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
  bool good = true;
  if (encoded_)
    for (int y = 0; y < image.height(); ++y)
      good &= encoder_.write(reinterpret_cast<const char*>(image.constScanLine(y)),
                             qint64{image.width()} * 4) >= 0;
  else
    good = image.save(QString("%1/frame-%2.png").arg(span_.path).arg(frame_, 5, 10, QChar('0')));
  if (!good) {
    const QString path = span_.path;
    cancel();
    Q_EMIT failed(tr("%1 cannot be written. Is the disk full?").arg(path));
    return;
  }
  if (++frame_ >= frames_) {
    timer_.stop();
    if (encoded_) {
      encoder_.closeWriteChannel(); // finished() comes from it
    } else {
      end();
      Q_EMIT finished(span_.path);
    }
    return;
  }
  Q_EMIT progress(static_cast<double>(frame_) / frames_);
  const double part = frames_ == 1 ? 0 : static_cast<double>(frame_) / (frames_ - 1);
  playback_.seek_time(span_.from_ns +
                      static_cast<std::uint64_t>(part * static_cast<double>(span_.until_ns - span_.from_ns)));
}

void VideoExport::end() {
  running_ = false;
  timer_.stop();
  playback_.set_speed(return_to_speed_);
  playback_.seek_time(return_to_ns_);
}

void VideoExport::cancel() {
  if (!running_)
    return;
  end();
  if (encoder_.state() != QProcess::NotRunning) {
    encoder_.kill();
    constexpr int patience_ms = 2000;
    encoder_.waitForFinished(patience_ms);
    QFile::remove(span_.path); // half a video is none
  }
}

} // namespace zbuf::gui
