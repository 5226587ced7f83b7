// SPDX-License-Identifier: GPL-3.0-or-later
// What is being recorded now, in the window: a capture of its own, or a recording that some other program
// writes.
#pragma once

#include "gui/live/capture_process.h"
#include "gui/live/follower.h"
#include "gui/model/session.h"

#include <QElapsedTimer>
#include <QTemporaryDir>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace zbuf::gui {

/// Keeps a Playback fed with a recording that grows. The view may be paused, moved and stepped meanwhile; a
/// part that it looks at stays there even when the recording no longer has it.
class Live : public QObject {
  Q_OBJECT
 public:
  /// Both outlive it.
  Live(Playback& playback, Session& session, QObject* parent = nullptr);
  ~Live() override;

  /// Captures, until stop() or the end of this object. Whatever was going on here ends.
  void capture(const CaptureOptions& options);
  /// Follows a recording that is being written; it need not be there yet.
  void follow(const QString& path);
  /// A capture ends, and its recording is completed; a recording is followed no more. It stays open.
  void stop();

  /// Something is captured or followed.
  [[nodiscard]] bool running() const { return follower_ != nullptr || process_ != nullptr; }
  [[nodiscard]] bool capturing() const { return process_ != nullptr; }
  /// What is open came from here; it may have ended.
  [[nodiscard]] bool open() const { return shown_; }
  /// Of the last capture; without an interface, if there was none.
  [[nodiscard]] const CaptureOptions& options() const { return options_; }
  [[nodiscard]] const CaptureProcess* process() const { return process_.get(); }

  /// The recording no longer has what is on the screen: it goes on, but is shown again only when the view has
  /// moved to what is kept.
  [[nodiscard]] bool holding() const { return held_.recording != nullptr; }
  struct Figures {
    std::uint64_t duration_ns = 0; ///< until the last event
    std::uint64_t gone_ns = 0;     ///< of that, no longer kept
    std::uint64_t arrived = 0, dropped = 0;
    std::optional<double>
        rate{}; ///< packets a second, lately; none before the first second, nor after the end
    std::uint64_t silent_ms = 0; ///< since something came last
    QString subject{};           ///< "veth0 · icmp"
  };
  [[nodiscard]] Figures figures() const;
  static constexpr std::uint64_t silence_ms = 3000; ///< after which nothing comes, lately

 signals:
  void changed(); ///< figures, running() or holding()
  void failed(const QString& what,
              const QStringList& errors); ///< sentences: "veth0 cannot be captured.", why
  void told(const QString& notice);

 private:
  void begin(const QString& path);
  void abandon();
  void take();
  void show(Follower::Update update);
  void publish(const Follower::Update& update);
  void publish_held();
  void measure(const Recording& recording);
  void capture_ended(const QStringList& errors, const QString& notice);
  void following_ended();
  void tell_end();
  [[nodiscard]] QString what_failed() const;
  [[nodiscard]] Opened opened(const std::shared_ptr<const Recording>& recording) const;
  [[nodiscard]] std::vector<Track> tracks(const std::shared_ptr<const Recording>& recording) const;

  Playback& playback_;
  Session& session_;
  CaptureOptions options_{};
  std::unique_ptr<QTemporaryDir> folder_;   ///< of the recordings of captures
  std::unique_ptr<CaptureProcess> process_; ///< while it runs
  std::unique_ptr<Follower> follower_;
  QString path_{};
  QString subject_{};
  bool own_ = false; ///< a capture, and not somebody else's recording
  VariantReport report_{};
  bool shown_ = false;
  bool over_ = false; ///< nothing more comes
  Follower::Update held_{};
  Figures figures_{};
  std::uint64_t rate_from_ns_ = 0, rate_from_arrived_ = 0;
  QElapsedTimer since_news_;
  QStringList errors_{};
  QStringList told_{}; ///< of the capture's complaints, those that were told when they came
};

} // namespace zbuf::gui
