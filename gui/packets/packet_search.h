// SPDX-License-Identifier: GPL-3.0-or-later
// Finding a packet among millions: on a thread of its own, so that the window never waits for it.
#pragma once

#include "core/trace/packet_fate.h"

#include <QObject>
#include <QString>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace zbuf::gui {

/// What is looked for: "443" a number; "fate:dropped" a fate, as fate_name() calls it, or the beginning of
/// it; all else text in addresses, ports or protocol, whatever the case.
struct PacketQuery {
  enum class Kind : std::uint8_t { nothing, number, fate, text, unknown_fate };
  Kind kind = Kind::nothing;
  std::uint32_t number = 0;
  Fate fate = Fate::unseen;
  std::string text{}; ///< lower case
};
[[nodiscard]] PacketQuery parse_query(const QString& text);

/// Where to look, and from where.
struct PacketHunt {
  std::shared_ptr<const Recording> recording{};
  std::uint16_t descriptor = 0;
  int link_type = 1;
  PacketQuery query{};
  std::uint32_t from = 0; ///< this packet is looked at first
  bool forward = true;
};

/// The next packet that fits, beyond the end from the other one on. Nothing if there is none, or `go_on`,
/// which is asked now and then and told how far we are (0 to 1), says false.
[[nodiscard]] std::optional<std::uint32_t> find_packet(const PacketHunt& hunt,
                                                       const std::function<bool(double)>& go_on);

/// One search at a time; a new one ends the one before. On the GUI's thread.
class PacketSearch : public QObject {
  Q_OBJECT
 public:
  explicit PacketSearch(QObject* parent = nullptr);
  ~PacketSearch() override;

  void start(const PacketHunt& hunt);
  void cancel();
  [[nodiscard]] bool is_busy() const { return busy_; }

 signals:
  void found(std::uint32_t number);
  void not_found();
  void progress(double fraction);

 private:
  std::thread thread_;
  std::shared_ptr<std::atomic<bool>> stop_;
  std::uint64_t job_ = 0;
  bool busy_ = false;
};

} // namespace zbuf::gui
