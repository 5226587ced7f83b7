// SPDX-License-Identifier: GPL-3.0-or-later
// `zbuf attach` as a child of the window: it captures and has the right to, the window never does.
#pragma once

#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>

#include <cstdint>
#include <optional>

namespace zbuf::gui {

struct CaptureOptions {
  QString interface {};
  QString filter{};                       ///< pcap-filter(7)
  QString mode = "zbuf";                  ///< zbuf, read, both
  std::uint64_t buffer_bytes = 2097152;   ///< of each of the two buffers
  std::uint64_t limit_bytes = 1ull << 30; ///< of disk for the recording; 0: no limit
};

/// Network interfaces of this machine, by name; those that are up first.
struct SystemInterface {
  QString name{};
  bool up = true;
};
[[nodiscard]] QList<SystemInterface> interfaces();
[[nodiscard]] bool is_interface(const QString& name);

/// The program is zbuf beside this one, where it was built, or in PATH; or what ZBUF_PROGRAM in the
/// environment says. Lives as long as one capture. Destroyed while it runs, it ends the capture and waits a
/// moment for it.
class CaptureProcess : public QObject {
  Q_OBJECT
 public:
  explicit CaptureProcess(const CaptureOptions& options, QObject* parent = nullptr);
  ~CaptureProcess() override;

  /// Begins, with the recording at this path in a folder of its own. Ends with ended(), whatever happens.
  void start(const QString& trace_path);
  /// Has it end, and complete the recording.
  void stop();
  [[nodiscard]] bool running() const { return process_.state() != QProcess::NotRunning; }
  [[nodiscard]] const CaptureOptions& options() const { return options_; }
  [[nodiscard]] qint64 process_id() const { return process_.processId(); }

 signals:
  void complained(const QStringList& lines); ///< while it goes on; errors of ended() may have them again
  /// `errors`: why it could not begin or go on, as sentences; empty: it was stopped. `notice`: how it ended
  /// otherwise.
  void ended(const QStringList& errors, const QString& notice);

 private:
  [[nodiscard]] QStringList arguments(const QString& trace_path) const;
  void tell_end(int status, QProcess::ExitStatus how);

  const CaptureOptions options_;
  QProcess process_;
  QString figures_path_{};
  QByteArray errors_{};
  QByteArray line_{}; ///< of its complaints, what is not whole yet
  bool told_ = false;
};

} // namespace zbuf::gui
