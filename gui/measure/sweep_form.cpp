// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/measure/sweep_form.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>

#include <algorithm>
#include <array>

namespace zbuf::gui {

namespace {

constexpr std::array packet_sizes{64, 128, 256, 512, 1024, 1514, 4096, 9000};
constexpr std::array buffer_sizes{4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576, 2097152};
constexpr int room_beside_packet = 64;       ///< in a buffer: its header, and the record's
constexpr int goal_cases = 30;               ///< about: what zbuf bench --goals measures in a round
constexpr int narrow_gap = 6, wide_gap = 18; ///< between columns

} // namespace

QFormLayout* SweepForm::column() {
  auto* const form = new QFormLayout;
  form->setVerticalSpacing(6);
  form->setRowWrapPolicy(QFormLayout::WrapLongRows);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  return form;
}

SweepForm::SweepForm(QWidget* parent)
    : QWidget(parent), columns_(new QBoxLayout(QBoxLayout::TopToBottom)),
      checks_(new QBoxLayout(QBoxLayout::TopToBottom)), what_(column()), how_(column()) {
  auto* const lines = new QVBoxLayout(this);
  lines->setContentsMargins(0, 0, 0, 0);
  lines->setSpacing(6);
  columns_->setSpacing(narrow_gap);
  columns_->addLayout(what_, 1);
  columns_->addLayout(how_, 1);
  lines->addLayout(columns_);
  lines->addLayout(checks_);
  sweep_ = add_choice(*what_, tr("Sweep over"), "measure_sweep");
  sweep_->addItems(
      {tr("packet size"), tr("buffer size"), tr("nothing: one setting"), tr("all that the goals need")});
  packet_ = add_choice(*what_, tr("Packets"), "measure_packet");
  for (const int size : packet_sizes)
    packet_->addItem(tr("%1 bytes").arg(count(static_cast<std::uint64_t>(size))), QString::number(size));
  packet_->addItem(tr("IMIX: 60, 590 and 1514 bytes"), QStringLiteral("imix"));
  packet_->setCurrentIndex(packet_->findData(QStringLiteral("1514")));
  buffer_ = add_choice(*what_, tr("Each buffer"), "measure_buffer");
  for (const int size : buffer_sizes)
    buffer_->addItem(bytes(static_cast<std::uint64_t>(size)), QString::number(size));
  buffer_->setCurrentIndex(buffer_->findData(QStringLiteral("524288")));
  policy_ = add_choice(*how_, tr("The reader"), "measure_policy");
  policy_->addItem(tr("never sleeps"), QStringLiteral("busy"));
  policy_->addItem(tr("sleeps while there is nothing"), QStringLiteral("sleep"));
  policy_->addItem(tr("asks poll(2) again and again (zero-copy only)"), QStringLiteral("poll"));
  rounds_ = new QSpinBox;
  rounds_->setRange(1, 1000);
  rounds_->setValue(11);
  rounds_->setObjectName("measure_rounds");
  rounds_->setAccessibleName(tr("Rounds"));
  rounds_->setToolTip(tr("Each measures every case once, in turns; the median of all rounds is shown"));
  time_ms_ = new QSpinBox;
  time_ms_->setRange(1, 60'000);
  time_ms_->setValue(100);
  time_ms_->setSuffix(tr(" ms"));
  time_ms_->setObjectName("measure_time");
  time_ms_->setAccessibleName(tr("Time for each measurement"));
  auto* const times = new QHBoxLayout;
  times->setContentsMargins(0, 0, 0, 0);
  times->setSpacing(8);
  for (QSpinBox* const box : {rounds_, time_ms_})
    box->setButtonSymbols(QAbstractSpinBox::NoButtons);
  times->addWidget(rounds_, 1);
  times->addWidget(of_ = new QLabel(tr("of")));
  times->addWidget(time_ms_, 1);
  how_->addRow(tr("Rounds"), times);
  model_ = new QCheckBox(tr("Show what the model says, too"));
  model_->setObjectName("measure_model");
  model_->setChecked(true);
  model_->setToolTip(tr("Runs every case in virtual time as well, with the costs of this machine"));
  calibrate_ = new QCheckBox(tr("Measure this machine's costs again"));
  calibrate_->setObjectName("measure_calibrate");
  calibrate_->setToolTip(tr("zbuf calibrate; takes about ten seconds"));
  checks_->addWidget(model_);
  checks_->addWidget(calibrate_);
  for (QComboBox* const box : {sweep_, packet_, buffer_, policy_})
    connect(box, &QComboBox::currentIndexChanged, this, &SweepForm::show_what_matters);
  for (QSpinBox* const box : {rounds_, time_ms_})
    connect(box, &QSpinBox::valueChanged, this, &SweepForm::changed);
  connect(model_, &QCheckBox::toggled, calibrate_, &QWidget::setEnabled);
  show_what_matters();
}

QComboBox* SweepForm::add_choice(QFormLayout& form, const QString& label, const char* name) {
  auto* const box = new QComboBox;
  box->setObjectName(name);
  box->setAccessibleName(label);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  box->setMinimumContentsLength(10);
  form.addRow(label, box);
  return box;
}

/// A sweep takes the place of the value; the goals say for themselves what they need.
void SweepForm::show_what_matters() {
  what_->setRowVisible(packet_, sweep() == Sweep::buffer_size || sweep() == Sweep::one_setting);
  what_->setRowVisible(buffer_, sweep() == Sweep::packet_size || sweep() == Sweep::one_setting);
  how_->setRowVisible(policy_, sweep() != Sweep::goals);
  Q_EMIT changed();
}

/// Of a sweep, only what fits: the smallest buffers hold no large packet.
QStringList SweepForm::packets() const {
  if (sweep() != Sweep::packet_size)
    return {packet_->currentData().toString()};
  QStringList sizes;
  for (const int size : packet_sizes)
    if (size + room_beside_packet <= buffer_->currentData().toInt())
      sizes += QString::number(size);
  return sizes;
}

QStringList SweepForm::buffers() const {
  if (sweep() != Sweep::buffer_size)
    return {buffer_->currentData().toString()};
  const QString packet = packet_->currentData().toString();
  const int largest = packet == QLatin1String("imix") ? 1514 : packet.toInt();
  QStringList sizes;
  for (const int size : buffer_sizes)
    if (largest + room_beside_packet <= size)
      sizes += QString::number(size);
  return sizes;
}

QStringList SweepForm::arguments() const {
  QStringList words{"--rounds", QString::number(rounds_->value()), "--time",
                    QString("%1ms").arg(time_ms_->value())};
  if (sweep() == Sweep::goals)
    return words + QStringList{"--goals"};
  return words + QStringList{"--size",   packets().join(','),
                             "--buffer", buffers().join(','),
                             "--policy", policy_->currentData().toString()};
}

double SweepForm::seconds() const {
  constexpr double with_warm_up = 1.15;
  const bool one_mode = policy_->currentData() == QLatin1String("poll");
  const auto cases = sweep() == Sweep::goals
                         ? goal_cases
                         : static_cast<double>(packets().size() * buffers().size()) * (one_mode ? 1 : 2);
  return cases * rounds_->value() * time_ms_->value() * with_warm_up / 1000;
}

void SweepForm::set_wide(bool wide) {
  for (QBoxLayout* const box : {columns_, checks_})
    box->setDirection(wide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
  columns_->setSpacing(wide ? wide_gap : narrow_gap);
}

int SweepForm::wide_width() const {
  const int columns = what_->sizeHint().width() + wide_gap + how_->sizeHint().width();
  const int checks = model_->sizeHint().width() + wide_gap + calibrate_->sizeHint().width();
  return std::max(columns, checks);
}

void SweepForm::apply_theme() {
  for (QWidget* const child : findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly))
    child->setFont(theme().ui(9.5));
}

} // namespace zbuf::gui
