// SPDX-License-Identifier: GPL-3.0-or-later
// Colours, fonts and the words that go with them, once, for every view: light and dark.
//
// A meaning is never told by colour alone: user() goes with the word "user" and the sign ▲, kernel() with
// "kernel" and ▼. All pairs of text and ground used together have a contrast of 4.5:1 or more; the colours of
// meaning differ for the three common kinds of colour blindness (they lie apart in lightness).
#pragma once

#include <QColor>
#include <QFont>
#include <QObject>

#include <cstdint>
#include <memory>

namespace zbuf::gui {

class SystemScheme;

/// The one theme of the program; theme() gives it. Changes live with the system's scheme unless a scheme is
/// set. It also gives the application its palette, its style and the style sheet of plain controls.
class Theme : public QObject {
  Q_OBJECT
 public:
  enum class Scheme { system, light, dark };

  void set_scheme(Scheme scheme);
  [[nodiscard]] Scheme scheme() const { return scheme_; }
  [[nodiscard]] bool is_dark() const;
  /// 1 normally; larger when presenting. Multiplies every font.
  void set_scale(double scale);
  [[nodiscard]] double scale() const { return scale_; }

  /// These families in place of those that it is drawn for, for text and for values; empty: those.
  void set_families(const QString& ui, const QString& mono);

  // Grounds, from the window's to the panel's.
  [[nodiscard]] QColor window() const;
  [[nodiscard]] QColor panel() const;
  [[nodiscard]] QColor sunken() const; ///< fields, empty lanes, code
  [[nodiscard]] QColor border() const;
  [[nodiscard]] QColor text() const;
  [[nodiscard]] QColor muted() const; ///< text of less weight, still readable
  [[nodiscard]] QColor accent() const;
  [[nodiscard]] QColor on_accent() const; ///< text on accent(), user(), kernel(), danger()

  // Meanings.
  [[nodiscard]] QColor user() const;        ///< the user's: orange
  [[nodiscard]] QColor kernel() const;      ///< the kernel's: blue
  [[nodiscard]] QColor user_ground() const; ///< pale, behind the user process
  [[nodiscard]] QColor kernel_ground() const;
  [[nodiscard]] QColor idle() const;   ///< a buffer that is free
  [[nodiscard]] QColor danger() const; ///< drops, faults
  [[nodiscard]] QColor danger_ground() const;
  [[nodiscard]] QColor good() const;      ///< checks that hold, equal generations
  [[nodiscard]] QColor highlight() const; ///< behind the current line
  /// Of a flow of packets, by its hash: eight colours.
  [[nodiscard]] QColor flow(std::uint32_t hash) const;
  static constexpr unsigned flow_colours = 8;

  [[nodiscard]] QFont ui(double points = 10, bool bold = false) const;    ///< sans-serif
  [[nodiscard]] QFont mono(double points = 9.5, bool bold = false) const; ///< for values and code

 signals:
  void changed(); ///< colours or fonts: draw again

 private:
  friend Theme& theme();
  Theme();
  ~Theme() override;
  bool eventFilter(QObject* object, QEvent* event) override;
  void apply();

  Scheme scheme_ = Scheme::system;
  double scale_ = 1;
  QString ui_family_{}, mono_family_{};
  std::unique_ptr<SystemScheme> system_;
};

/// Needs a QGuiApplication.
Theme& theme();

} // namespace zbuf::gui
