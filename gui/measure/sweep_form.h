// SPDX-License-Identifier: GPL-3.0-or-later
// What is to be measured, chosen by hand, as arguments of zbuf bench.
#pragma once

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QSpinBox>
#include <QStringList>
#include <QWidget>

namespace zbuf::gui {

class SweepForm : public QWidget {
  Q_OBJECT
 public:
  enum class Sweep { packet_size, buffer_size, one_setting, goals };

  explicit SweepForm(QWidget* parent = nullptr);

  [[nodiscard]] QStringList arguments() const;
  [[nodiscard]] Sweep sweep() const { return static_cast<Sweep>(sweep_->currentIndex()); }
  [[nodiscard]] bool wants_model() const { return model_->isChecked(); }
  /// Measures the costs anew, though there are some.
  [[nodiscard]] bool wants_calibration() const { return calibrate_->isChecked(); }
  void calibration_done() { calibrate_->setChecked(false); }
  /// How long it will take, without the calibration.
  [[nodiscard]] double seconds() const;
  void apply_theme();
  /// As few lines as there is room for.
  void set_wide(bool wide);
  /// How much room that takes.
  [[nodiscard]] int wide_width() const;

 signals:
  void changed();

 private:
  static QFormLayout* column();
  static QComboBox* add_choice(QFormLayout& form, const QString& label, const char* name);
  void show_what_matters();
  [[nodiscard]] QStringList packets() const;
  [[nodiscard]] QStringList buffers() const;

  QBoxLayout* columns_; ///< beside each other where there is room
  QBoxLayout* checks_;
  QFormLayout* what_;
  QFormLayout* how_;
  QComboBox* sweep_;
  QComboBox* packet_;
  QComboBox* buffer_;
  QComboBox* policy_;
  QSpinBox* rounds_;
  QSpinBox* time_ms_;
  QLabel* of_;
  QCheckBox* model_;
  QCheckBox* calibrate_;
};

} // namespace zbuf::gui
