// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/theme/system_scheme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QGuiApplication>
#include <QPalette>
#include <QStyleHints>

namespace zbuf::gui {

namespace {

constexpr const char* portal_service = "org.freedesktop.portal.Desktop";
constexpr const char* portal_path = "/org/freedesktop/portal/desktop";
constexpr const char* portal_interface = "org.freedesktop.portal.Settings";
constexpr const char* portal_group = "org.freedesktop.appearance";
constexpr const char* portal_key = "color-scheme";

/// 0: no preference, 1: dark, 2: light.
std::optional<bool> dark_by_portal(const QVariant& value) {
  bool good = false;
  const uint scheme = value.toUInt(&good);
  if (!good || scheme == 0 || scheme > 2)
    return std::nullopt;
  return scheme == 1;
}

/// A variant may be wrapped in another one, or in two.
QVariant unwrapped(QVariant value) {
  while (value.userType() == qMetaTypeId<QDBusVariant>())
    value = value.value<QDBusVariant>().variant();
  return value;
}

} // namespace

SystemScheme::SystemScheme() {
  look_at_palette();
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
  connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, &SystemScheme::changed);
#endif
  ask_portal();
}

bool SystemScheme::is_dark() const {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
  if (const Qt::ColorScheme scheme = QGuiApplication::styleHints()->colorScheme();
      scheme != Qt::ColorScheme::Unknown)
    return scheme == Qt::ColorScheme::Dark;
#endif
  return portal_dark_.value_or(palette_dark_);
}

void SystemScheme::look_at_palette() {
  const QPalette palette = QGuiApplication::palette();
  const bool dark =
      palette.color(QPalette::Window).lightness() < palette.color(QPalette::WindowText).lightness();
  if (dark == palette_dark_)
    return;
  palette_dark_ = dark;
  Q_EMIT changed();
}

/// Without waiting: a portal that starts slowly must not hold up the window.
void SystemScheme::ask_portal() {
  QDBusConnection bus = QDBusConnection::sessionBus();
  if (!bus.isConnected())
    return;
  bus.connect(portal_service, portal_path, portal_interface, "SettingChanged", this,
              SLOT(portal_changed(QString, QString, QDBusVariant)));
  QDBusMessage question =
      QDBusMessage::createMethodCall(portal_service, portal_path, portal_interface, "Read");
  question << QString(portal_group) << QString(portal_key);
  auto* answer = new QDBusPendingCallWatcher(bus.asyncCall(question, 2000), this);
  connect(answer, &QDBusPendingCallWatcher::finished, this, [this, answer] {
    const QDBusPendingReply<QVariant> reply = *answer;
    answer->deleteLater();
    if (reply.isValid())
      portal_changed(portal_group, portal_key, QDBusVariant(reply.value()));
  });
}

void SystemScheme::portal_changed(const QString& group, const QString& key, const QDBusVariant& value) {
  if (group != portal_group || key != portal_key)
    return;
  const std::optional<bool> dark = dark_by_portal(unwrapped(value.variant()));
  if (dark == portal_dark_)
    return;
  portal_dark_ = dark;
  Q_EMIT changed();
}

} // namespace zbuf::gui
