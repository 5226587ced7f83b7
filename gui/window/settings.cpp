// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/settings.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

#include <array>
#include <cmath>
#include <limits>

namespace zbuf::gui {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Settings", text);
}

constexpr std::array scheme_names{"system", "light", "dark"};

/// A text file of lines, sections and keys, and nothing else.
bool looks_like_settings(const QString& path) {
  QFile file(path);
  constexpr qint64 longest = 1 << 20;
  if (!file.exists())
    return true;
  if (!file.open(QIODevice::ReadOnly) || file.size() > longest)
    return false;
  const QByteArray bytes = file.readAll();
  if (bytes.contains('\0') || !QString::fromUtf8(bytes).toUtf8().startsWith(bytes))
    return false;
  for (const QByteArray& line : bytes.split('\n'))
    if (const QByteArray text = line.trimmed();
        !text.isEmpty() && !text.startsWith('[') && !text.startsWith(';') && !text.contains('='))
      return false;
  return true;
}

/// A path is no good as a key: its slashes would make groups.
QString bookmark_key(const QString& path) {
  return QString::fromLatin1(QCryptographicHash::hash(path.toUtf8(), QCryptographicHash::Sha1).toHex());
}

} // namespace

Settings::Settings(const QString& path) {
  const QString name =
      !path.isEmpty()
          ? path
          : QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) + "/zbuf/zbuflab.ini";
  const auto open = [&] { file_ = std::make_unique<QSettings>(name, QSettings::IniFormat); };
  bool good = looks_like_settings(name);
  if (good) {
    open();
    good = file_->status() == QSettings::NoError && file_->value("version", version).toInt() <= version;
  }
  if (!good) {
    file_.reset();
    const QString aside = name + ".damaged";
    QFile::remove(aside);
    if (QFile::rename(name, aside))
      damage_ = tr("The settings could not be read, and are as at the first start. The old ones are in %1.")
                    .arg(aside);
    else
      damage_ =
          tr("The settings in %1 cannot be read. This window works, but will remember nothing.").arg(name);
    open();
  }
  file_->setValue("version", version);
}

void Settings::reset() {
  file_->clear();
  file_->setValue("version", version);
  file_->sync();
}

Theme::Scheme Settings::scheme() const {
  const QString name = file_->value("scheme").toString();
  for (std::size_t i = 0; i < scheme_names.size(); ++i)
    if (name == scheme_names[i])
      return static_cast<Theme::Scheme>(i);
  return Theme::Scheme::system;
}

void Settings::set_scheme(Theme::Scheme scheme) {
  file_->setValue("scheme", scheme_names[static_cast<std::size_t>(scheme)]);
}

double Settings::speed() const {
  constexpr double ordinary = 1e-3;
  const QString text = file_->value("speed").toString();
  if (text == "max")
    return std::numeric_limits<double>::infinity();
  bool good = false;
  const double speed = text.toDouble(&good);
  return good && std::isfinite(speed) && speed >= 1e-6 && speed <= 1e3 ? speed : ordinary;
}

void Settings::set_speed(double speed) {
  file_->setValue("speed", std::isinf(speed) ? QString("max") : QString::number(speed, 'g', 17));
}

bool Settings::tour_seen() const {
  return file_->value("tour_seen", false).toBool();
}

void Settings::set_tour_seen(bool seen) {
  file_->setValue("tour_seen", seen);
}

std::set<unsigned> Settings::lessons_done() const {
  std::set<unsigned> numbers;
  for (const QString& text : file_->value("lessons_done").toStringList())
    if (const unsigned number = text.toUInt(); number > 0 && number < 1000)
      numbers.insert(number);
  return numbers;
}

void Settings::set_lesson_done(unsigned number) {
  std::set<unsigned> numbers = lessons_done();
  if (!numbers.insert(number).second)
    return;
  QStringList texts;
  for (const unsigned done : numbers)
    texts += QString::number(done);
  file_->setValue("lessons_done", texts);
}

QStringList Settings::recent() const {
  QStringList paths;
  for (const QString& path : file_->value("recent").toStringList())
    if (paths.size() < most_recent && QFileInfo::exists(path))
      paths += path;
  return paths;
}

void Settings::add_recent(const QString& path) {
  QStringList paths = recent();
  paths.removeAll(path);
  paths.prepend(path);
  file_->setValue("recent", QStringList(paths.mid(0, most_recent)));
}

void Settings::forget_recent() {
  file_->remove("recent");
}

QVariant Settings::bookmarks(const QString& path) const {
  return file_->value("bookmarks/" + bookmark_key(path));
}

void Settings::set_bookmarks(const QString& path, const QVariant& bookmarks) {
  if (bookmarks.toList().isEmpty())
    file_->remove("bookmarks/" + bookmark_key(path));
  else
    file_->setValue("bookmarks/" + bookmark_key(path), bookmarks);
}

QByteArray Settings::geometry(const QString& of) const {
  return file_->value("geometry/" + of).toByteArray();
}

void Settings::set_geometry(const QString& of, const QByteArray& geometry) {
  file_->setValue("geometry/" + of, geometry);
}

} // namespace zbuf::gui
