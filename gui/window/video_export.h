// SPDX-License-Identifier: GPL-3.0-or-later
// A span of the run as a video, paced by model time: through ffmpeg where it is, as a folder of pictures
// otherwise.
#pragma once

#include "gui/model/playback.h"

#include <QObject>
#include <QProcess>
#include <QString>
#include <QTimer>
#include <QWidget>

#include <cstdint>
#include <optional>

namespace zbuf::gui {

class VideoExport : public QObject {
  Q_OBJECT
 public:
  struct Span {
    std::uint64_t from_ns = 0;
    std::uint64_t until_ns = 0;
    double seconds = 10; ///< of the video; the span is spread over them evenly
    int frames_per_second = 25;
    /// .gif, .mp4 or .webm with ffmpeg; without it, and with any other end, the name of a folder for
    /// pictures.
    QString path{};
  };

  /// Draws the widget again and again, and leaves playback where it was, at the speed that it had.
  VideoExport(Playback& playback, QWidget& widget, QObject* parent = nullptr);
  ~VideoExport() override;

  /// The error as a sentence; else finished() or failed() comes later.
  [[nodiscard]] std::optional<QString> start(const Span& span);
  void cancel();
  [[nodiscard]] bool running() const { return running_; }

  /// Where ffmpeg is; empty: nowhere.
  [[nodiscard]] static QString encoder();

 signals:
  void progress(double fraction);
  void finished(const QString& path);
  void failed(const QString& error);

 private:
  void frame();
  void end();
  [[nodiscard]] std::optional<QString> start_encoder(const QSize& size);

  Playback& playback_;
  QWidget& widget_;
  Span span_{};
  QTimer timer_;
  QProcess encoder_;
  bool running_ = false;
  bool encoded_ = false; ///< through ffmpeg
  int frame_ = 0;
  int frames_ = 0;
  QSize size_{}; ///< of every frame; empty before the first
  std::uint64_t return_to_ns_ = 0;
  double return_to_speed_ = 1e-3;
};

} // namespace zbuf::gui
