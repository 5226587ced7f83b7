// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/theme/theme.h"

#include "gui/theme/style_sheet.h"
#include "gui/theme/system_scheme.h"

#include <QApplication>
#include <QEvent>
#include <QFontDatabase>
#include <QPalette>
#include <QPointer>
#include <QStyle>
#include <QStyleFactory>

#include <array>

/// Those of a static library are not found by themselves. Qt wants it outside of any namespace.
static void find_resources() {
  Q_INIT_RESOURCE(theme);
}

namespace zbuf::gui {

namespace {

struct Pair {
  QRgb light;
  QRgb dark;
};

constexpr Pair window_ground{0xfff6f8fa, 0xff14181f};
constexpr Pair panel_ground{0xffffffff, 0xff1b212b};
constexpr Pair sunken_ground{0xfff1f3f6, 0xff10141a};
constexpr Pair border_line{0xffd6dce4, 0xff394353};
constexpr Pair text_ink{0xff161b22, 0xffe9edf3};
constexpr Pair muted_ink{0xff59636f, 0xffa2adbb};
constexpr Pair accent_ink{0xff2563eb, 0xff7fb0ff};
constexpr Pair on_accent_ink{0xffffffff, 0xff0b1018};
constexpr Pair user_ink{0xffb45309, 0xfff5a54a};
constexpr Pair kernel_ink{0xff1d4ed8, 0xff7aa7ff};
constexpr Pair user_area{0xfffff9f0, 0xff221d16};
constexpr Pair kernel_area{0xfff1f6fe, 0xff151d2c};
constexpr Pair idle_fill{0xffc8d2e0, 0xff465165};
constexpr Pair danger_ink{0xffc2182b, 0xffff8088};
constexpr Pair danger_area{0xfffde8e9, 0xff3a1a1e};
constexpr Pair good_ink{0xff15742f, 0xff5fd07f};
constexpr Pair highlight_area{0xfffef4dc, 0xff443612};

/// Blue, magenta, green, violet, grey, teal, brown, olive: neither the user's orange nor the red of drops.
constexpr std::array<Pair, Theme::flow_colours> flows{{{0xff3b82d6, 0xff62a4f0},
                                                       {0xffc2408f, 0xffe77fbd},
                                                       {0xff2f8f46, 0xff6cc781},
                                                       {0xff8250df, 0xffb494f5},
                                                       {0xff6b7685, 0xffa9b4c3},
                                                       {0xff0e8f96, 0xff4fc7cd},
                                                       {0xff8f5f3c, 0xffc99b78},
                                                       {0xff7c7a1c, 0xffc2bf55}}};

QColor pick(const Pair& pair, bool dark) {
  return QColor::fromRgb(dark ? pair.dark : pair.light);
}

/// The first of these families that is installed; empty: none.
QString installed(std::initializer_list<const char*> names) {
  const QStringList families = QFontDatabase::families();
  for (const char* name : names)
    if (families.contains(QLatin1String(name)))
      return QLatin1String(name);
  return {};
}

QFont font_of(const QString& family, QFontDatabase::SystemFont otherwise, double points, bool bold) {
  QFont font = family.isEmpty() ? QFontDatabase::systemFont(otherwise) : QFont(family);
  font.setPointSizeF(points);
  font.setWeight(bold ? QFont::DemiBold : QFont::Normal);
  return font;
}

} // namespace

Theme& theme() {
  static QPointer<Theme> instance;
  if (instance == nullptr) {
    instance = new Theme;
    instance->setParent(qApp); // and goes with it
  }
  return *instance;
}

Theme::Theme() : system_(std::make_unique<SystemScheme>()) {
  connect(system_.get(), &SystemScheme::changed, this, [this] {
    if (scheme_ != Scheme::system)
      return;
    apply();
    Q_EMIT changed();
  });
  qApp->installEventFilter(this);
  find_resources();
  apply();
}

Theme::~Theme() = default;

/// Qt tells the windows when the desktop has another theme. To see its palette, ours must be away for a
/// moment.
bool Theme::eventFilter(QObject* object, QEvent* event) {
  if (event->type() == QEvent::ThemeChange && object->isWindowType()) {
    QApplication::setPalette(QPalette());
    system_->look_at_palette();
    apply();
  }
  return QObject::eventFilter(object, event);
}

void Theme::set_scheme(Scheme scheme) {
  if (scheme == scheme_)
    return;
  scheme_ = scheme;
  apply();
  Q_EMIT changed();
}

void Theme::set_scale(double scale) {
  if (scale == scale_)
    return;
  scale_ = scale;
  apply();
  Q_EMIT changed();
}

bool Theme::is_dark() const {
  return scheme_ == Scheme::system ? system_->is_dark() : scheme_ == Scheme::dark;
}

/// Gives the application what its plain controls are drawn with.
void Theme::apply() {
  auto* const application = qobject_cast<QApplication*>(qApp);
  if (application == nullptr)
    return;
  QPalette palette(window());
  const std::pair<QPalette::ColorRole, QColor> roles[] = {
      {QPalette::Window, window()},
      {QPalette::WindowText, text()},
      {QPalette::Base, panel()},
      {QPalette::AlternateBase, sunken()},
      {QPalette::Text, text()},
      {QPalette::Button, panel()},
      {QPalette::ButtonText, text()},
      {QPalette::BrightText, danger()},
      {QPalette::Highlight, accent()},
      {QPalette::HighlightedText, on_accent()},
      {QPalette::ToolTipBase, panel()},
      {QPalette::ToolTipText, text()},
      {QPalette::PlaceholderText, muted()},
      {QPalette::Link, accent()},
      {QPalette::LinkVisited, accent()},
      {QPalette::Mid, border()},
  };
  for (const auto& [role, colour] : roles)
    palette.setColor(role, colour);
  for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    palette.setColor(QPalette::Disabled, role, muted());
  if (QApplication::style()->objectName() != "fusion" && application->styleSheet().isEmpty())
    QApplication::setStyle(QStyleFactory::create("Fusion"));
  QApplication::setPalette(palette);
  QApplication::setFont(ui());
  application->setStyleSheet(style_sheet(*this));
}

QColor Theme::window() const {
  return pick(window_ground, is_dark());
}
QColor Theme::panel() const {
  return pick(panel_ground, is_dark());
}
QColor Theme::sunken() const {
  return pick(sunken_ground, is_dark());
}
QColor Theme::border() const {
  return pick(border_line, is_dark());
}
QColor Theme::text() const {
  return pick(text_ink, is_dark());
}
QColor Theme::muted() const {
  return pick(muted_ink, is_dark());
}
QColor Theme::accent() const {
  return pick(accent_ink, is_dark());
}
QColor Theme::on_accent() const {
  return pick(on_accent_ink, is_dark());
}
QColor Theme::user() const {
  return pick(user_ink, is_dark());
}
QColor Theme::kernel() const {
  return pick(kernel_ink, is_dark());
}
QColor Theme::user_ground() const {
  return pick(user_area, is_dark());
}
QColor Theme::kernel_ground() const {
  return pick(kernel_area, is_dark());
}
QColor Theme::idle() const {
  return pick(idle_fill, is_dark());
}
QColor Theme::danger() const {
  return pick(danger_ink, is_dark());
}
QColor Theme::danger_ground() const {
  return pick(danger_area, is_dark());
}
QColor Theme::good() const {
  return pick(good_ink, is_dark());
}
QColor Theme::highlight() const {
  return pick(highlight_area, is_dark());
}

QColor Theme::flow(std::uint32_t hash) const {
  return pick(flows[hash % flow_colours], is_dark());
}

void Theme::set_families(const QString& ui, const QString& mono) {
  ui_family_ = ui;
  mono_family_ = mono;
  apply();
}

QFont Theme::ui(double points, bool bold) const {
  static const QString family = installed({"Inter", "Inter Variable", "Inter Display"});
  return font_of(ui_family_.isEmpty() ? family : ui_family_, QFontDatabase::GeneralFont, points * scale_,
                 bold);
}

QFont Theme::mono(double points, bool bold) const {
  static const QString family = installed({"JetBrains Mono"});
  return font_of(mono_family_.isEmpty() ? family : mono_family_, QFontDatabase::FixedFont, points * scale_,
                 bold);
}

} // namespace zbuf::gui
