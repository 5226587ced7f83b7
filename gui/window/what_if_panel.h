// SPDX-License-Identifier: GPL-3.0-or-later
// Other values for the open scenario: the run is made again while they are changed.
#pragma once

#include "gui/model/session.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QScrollArea>
#include <QSlider>
#include <QTimer>

namespace zbuf::gui {

class WhatIfPanel : public QScrollArea {
  Q_OBJECT
 public:
  WhatIfPanel(Playback& playback, Session& session, QWidget* parent = nullptr);

  /// The same scenario in both modes, with everything else that is being tried out.
  void add_read_mode();
  [[nodiscard]] bool can_add_read_mode() const;

 signals:
  void save_wanted();

 private:
  /// One value: where it is set, and its field.
  struct Field {
    SettingPlace place{};
    bool is_text = true; ///< in quotes; else a number, or whatever it looks like
    QString original{};  ///< as the file has it; empty: not at all
    QWidget* editor = nullptr;
  };

  void build();
  void add_line(const QString& name, Field field, const QString& usual, QSlider* slider = nullptr);
  void add_choice(const QString& name, Field field, const QString& usual, const QStringList& choices,
                  bool free);
  void show_scenario();
  void run();
  void reset();
  [[nodiscard]] static QString value_of(const Field& field);
  [[nodiscard]] std::vector<WhatIf> values() const;

  Playback& playback_;
  Session& session_;
  QList<Field> fields_{};
  QFormLayout* form_ = nullptr;
  QLabel* explanation_ = nullptr;
  QRadioButton* from_start_ = nullptr;
  QRadioButton* from_here_ = nullptr;
  QPushButton* reset_ = nullptr;
  QPushButton* save_ = nullptr;
  QTimer soon_;     ///< a slider that moves is not a run a pixel
  QString shown_{}; ///< the scenario whose fields these are
  bool scripted_ = false;
  std::vector<WhatIf> asked_{}; ///< what ran last
};

} // namespace zbuf::gui
