// SPDX-License-Identifier: GPL-3.0-or-later
// Is the desktop light or dark, and when does that change? Private to this room.
#pragma once

#include <QDBusVariant>
#include <QObject>

#include <optional>

namespace zbuf::gui {

/// Asks, in this order: Qt itself (6.5 and later), the desktop portal (GNOME, KDE, Sway: freedesktop's
/// "color-scheme"), the palette that the application would have had.
class SystemScheme : public QObject {
  Q_OBJECT
 public:
  SystemScheme();
  [[nodiscard]] bool is_dark() const;
  /// The desktop has another palette now: look again.
  void look_at_palette();

 signals:
  void changed();

 private slots:
  void portal_changed(const QString& group, const QString& key, const QDBusVariant& value);

 private:
  void ask_portal();

  std::optional<bool> portal_dark_;
  bool palette_dark_ = false;
};

} // namespace zbuf::gui
