// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/what_if_panel.h"

#include "gui/theme/format.h"
#include "gui/theme/theme.h"

#include "core/scenario/scenario.h"
#include "core/scenario/units.h"

#include <QFileInfo>
#include <QFontMetrics>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <cmath>

namespace zbuf::gui {

namespace {

/// What stands between the quotes, or the number itself.
QString shown_value(const std::optional<std::string>& toml) {
  if (!toml)
    return {};
  QString text = QString::fromStdString(*toml);
  if (text.size() >= 2 && (text.startsWith('"') || text.startsWith('\'')) && text.endsWith(text[0]))
    text = text.mid(1, text.size() - 2).replace("\\\"", "\"").replace("\\\\", "\\");
  return text;
}

/// Left a tenth, right ten times the value that it begins with.
QSlider* factor_slider(const QString& name) {
  auto* slider = new QSlider(Qt::Horizontal);
  slider->setRange(-100, 100);
  slider->setAccessibleName(WhatIfPanel::tr("%1, from a tenth to ten times").arg(name));
  slider->setToolTip(slider->accessibleName());
  return slider;
}

double factor_of(int place) {
  return std::pow(10.0, place / 100.0);
}

} // namespace

WhatIfPanel::WhatIfPanel(Playback& playback, Session& session, QWidget* parent)
    : QScrollArea(parent), playback_(playback), session_(session) {
  setObjectName("what_if");
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setAccessibleName(tr("What if"));
  constexpr int pause_ms = 90;
  soon_.setSingleShot(true);
  soon_.setInterval(pause_ms);
  connect(&soon_, &QTimer::timeout, this, &WhatIfPanel::run);
  connect(&session_, &Session::opened, this, &WhatIfPanel::show_scenario);
  connect(&playback_, &Playback::focus_changed, this, [this] {
    shown_.clear(); // another reader may be in focus
    show_scenario();
  });
  connect(&theme(), &Theme::changed, this, [this] {
    setStyleSheet(QString("QScrollArea, QScrollArea > QWidget > QWidget { background: %1; }")
                      .arg(theme().window().name()));
  });
  setStyleSheet(QString("QScrollArea, QScrollArea > QWidget > QWidget { background: %1; }")
                    .arg(theme().window().name()));
  build();
}

void WhatIfPanel::build() {
  auto* const body = new QWidget;
  auto* const column = new QVBoxLayout(body);
  column->setContentsMargins(14, 12, 14, 12);
  column->setSpacing(10);
  explanation_ = new QLabel;
  explanation_->setWordWrap(true);
  explanation_->setTextFormat(Qt::PlainText);
  form_ = new QFormLayout;
  form_->setRowWrapPolicy(QFormLayout::WrapLongRows);
  form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  form_->setVerticalSpacing(8);
  from_start_ = new QRadioButton(tr("See it from the start"));
  from_here_ = new QRadioButton(tr("Go on from here"));
  from_here_->setToolTip(tr("At the same instant of model time as now"));
  from_start_->setToolTip(tr("From the first event on"));
  from_here_->setChecked(true);
  reset_ = new QPushButton(tr("Values of the lesson"));
  reset_->setToolTip(tr("Takes everything back that was changed here"));
  save_ = new QPushButton(tr("Save as a scenario…"));
  save_->setToolTip(tr("Writes a scenario file with these values, for the window and for zbuf run"));
  reset_->setObjectName("what_if_reset");
  save_->setObjectName("what_if_save");
  column->addWidget(explanation_);
  column->addLayout(form_);
  column->addWidget(from_start_);
  column->addWidget(from_here_);
  column->addWidget(reset_);
  column->addWidget(save_);
  column->addStretch(1);
  setWidget(body);
  connect(reset_, &QPushButton::clicked, this, &WhatIfPanel::reset);
  connect(save_, &QPushButton::clicked, this, &WhatIfPanel::save_wanted);
  show_scenario();
}

void WhatIfPanel::add_line(const QString& name, Field field, const QString& usual, QSlider* slider) {
  auto* const line = new QLineEdit(field.original);
  line->setPlaceholderText(usual);
  line->setAccessibleName(name);
  line->setObjectName("what_if_" + QString::fromStdString(field.place.key));
  line->setFont(theme().mono());
  constexpr int letters = 12; // or else its name stands above it
  line->setMinimumWidth(QFontMetrics(line->font()).averageCharWidth() * letters);
  connect(line, &QLineEdit::editingFinished, this, &WhatIfPanel::run);
  field.editor = line;
  fields_ += field;
  form_->addRow(name, line);
  if (slider == nullptr)
    return;
  form_->addRow(QString(), slider);
  const bool is_rate = field.place.key == "rate";
  const QString begins = field.original.isEmpty() ? usual : field.original;
  const auto value = is_rate ? parse_quantity(begins.toStdString(), Quantity::rate)
                             : std::optional<std::uint64_t>(begins.toULongLong());
  slider->setEnabled(value && *value > 0);
  if (value)
    connect(slider, &QSlider::valueChanged, this, [this, line, is_rate, value = *value](int place) {
      const auto number =
          static_cast<std::uint64_t>(std::llround(static_cast<double>(value) * factor_of(place)));
      line->setText(is_rate ? tr("%1 pps").arg(number) : QString::number(number));
      soon_.start();
    });
}

void WhatIfPanel::add_choice(const QString& name, Field field, const QString& usual,
                             const QStringList& choices, bool free) {
  auto* const box = new QComboBox;
  box->setEditable(free);
  box->addItems(choices);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  box->setMinimumContentsLength(8);
  const QString now = field.original.isEmpty() ? usual : field.original;
  if (!free && !choices.contains(now))
    box->addItem(now);
  box->setCurrentText(now);
  field.original = now;
  box->setAccessibleName(name);
  box->setObjectName("what_if_" + QString::fromStdString(field.place.key));
  connect(box, &QComboBox::activated, this, &WhatIfPanel::run);
  if (free)
    connect(box->lineEdit(), &QLineEdit::editingFinished, this, &WhatIfPanel::run);
  field.editor = box;
  fields_ += field;
  form_->addRow(name, box);
}

/// Fields for what this scenario has. They are made once for each scenario, so that what was typed stays.
void WhatIfPanel::show_scenario() {
  const Opened* const opened = session_.opened_now();
  const bool usable = opened != nullptr && !opened->is_trace;
  const std::size_t descriptor = playback_.descriptor();
  const QString key = usable ? opened->path + '\n' + QString::number(descriptor) : QString();
  reset_->setEnabled(usable && !opened->what_if.empty());
  save_->setEnabled(usable);
  from_start_->setEnabled(usable);
  from_here_->setEnabled(usable);
  if (!key.isEmpty() && key == shown_)
    return;
  shown_ = key;
  asked_ = usable ? opened->what_if : std::vector<WhatIf>{};
  fields_.clear();
  while (form_->rowCount() > 0)
    form_->removeRow(0);
  explanation_->setText(
      usable ? tr("Change a value, and the run is made again.")
             : tr("A recording is as it was. Open a lesson or a scenario to try other values."));
  if (!usable)
    return;
  const std::string& toml = opened->scenario;
  const auto scenario = parse_scenario(toml, "", QFileInfo(opened->path).absolutePath().toStdString());
  if (!scenario)
    return; // it ran, so it was good; the file's folder may be gone
  const PlannedRun& run = scenario->runs.front();
  std::size_t reader_number = 0;
  for (std::size_t i = 0; i < opened->report.runs.front().readers.size() && i < run.readers.size(); ++i)
    if (opened->report.runs.front().readers[i].descriptor == descriptor)
      reader_number = i;
  const PlannedReader& reader = run.readers[reader_number];
  scripted_ = !reader.reader.script.empty();
  const auto field = [&](const char* section, std::size_t element, const char* name, bool is_text) {
    const SettingPlace place{section, element, name};
    return Field{place, is_text, shown_value(setting_in(toml, place)), nullptr};
  };
  if (!run.traffic.empty())
    if (const auto* made_up = std::get_if<SyntheticConfig>(&run.traffic.front().packets)) {
      const QString name = tr("Packets a second");
      add_line(name, field("traffic", 0, "rate", true),
               rate(made_up->packets_per_second).replace(QChar(0x202f), ' '), factor_slider(name));
      add_line(tr("Bytes of a packet"), field("traffic", 0, "sizes", false),
               QString::number(made_up->size_bytes));
    }
  if (!scripted_) {
    add_choice(tr("Buffer, each of two"), field("reader", reader_number, "buffer", true),
               QString::fromStdString(show_size(reader.reader.options.buffer_bytes)),
               {"4 KiB", "16 KiB", "32 KiB", "64 KiB", "128 KiB", "256 KiB", "512 KiB", "1 MiB", "2 MiB"},
               true);
    const QString cost = tr("Reader's cost of a packet, ns");
    add_line(cost, field("reader", reader_number, "handle_ns", false),
             QString::number(reader.reader.handle_ns.value_or(run.config.costs.handle_ns)),
             factor_slider(cost));
    add_line(tr("Filter"), field("reader", reader_number, "filter", true), tr("every packet"));
    add_choice(tr("Mode"), field("reader", reader_number, "mode", true), "zbuf", {"zbuf", "read", "both"},
               false);
  }
  QStringList revisions;
  for (const zb_revision& revision : zb_revisions)
    revisions += revision.name;
  add_choice(tr("Kernel"), field("kernel", 0, "revision", true), zb_revisions[ZB_FREEBSD].name, revisions,
             false);
  if (run.readers.size() > 1)
    explanation_->setText(tr("Change a value, and the run is made again. The reader is %1, the one in focus.")
                              .arg(QString::fromStdString(reader.reader.name)));
  for (const WhatIf& what_if : opened->what_if) // from before the focus changed
    for (const Field& one : fields_)
      if (one.place.section == what_if.place.section && one.place.element == what_if.place.element &&
          one.place.key == what_if.place.key) {
        if (auto* const line = qobject_cast<QLineEdit*>(one.editor))
          line->setText(shown_value(what_if.value));
        else
          static_cast<QComboBox*>(one.editor)->setCurrentText(shown_value(what_if.value));
      }
}

QString WhatIfPanel::value_of(const Field& field) {
  if (const auto* line = qobject_cast<const QLineEdit*>(field.editor))
    return line->text().trimmed();
  return static_cast<const QComboBox*>(field.editor)->currentText().trimmed();
}

std::vector<WhatIf> WhatIfPanel::values() const {
  std::vector<WhatIf> all;
  for (const Field& field : fields_) {
    const QString value = value_of(field);
    if (value == field.original || (value.isEmpty() && field.original.isEmpty()))
      continue;
    // Sizes may be a number, a name, a list or a table.
    const bool bare =
        !field.is_text && !value.isEmpty() && (value[0].isDigit() || value[0] == '[' || value[0] == '{');
    all.push_back({field.place, bare ? value.toStdString() : toml_string(value.toStdString())});
  }
  return all;
}

void WhatIfPanel::run() {
  soon_.stop();
  std::vector<WhatIf> wanted = values();
  const auto same = [](const WhatIf& a, const WhatIf& b) {
    return a.place.section == b.place.section && a.place.element == b.place.element &&
           a.place.key == b.place.key && a.value == b.value;
  };
  const bool changed =
      wanted.size() != asked_.size() || !std::equal(wanted.begin(), wanted.end(), asked_.begin(), same);
  if (!changed || session_.opened_now() == nullptr || session_.opened_now()->is_trace)
    return;
  asked_ = wanted;
  session_.run_what_if(std::move(wanted), from_here_->isChecked() ? playback_.time_ns() : 0);
}

void WhatIfPanel::reset() {
  shown_.clear();
  asked_.clear();
  session_.run_what_if({}, from_here_->isChecked() ? playback_.time_ns() : 0);
}

bool WhatIfPanel::can_add_read_mode() const {
  const Opened* const opened = session_.opened_now();
  return opened != nullptr && !opened->is_trace && !scripted_ && opened->report.runs.size() == 1;
}

void WhatIfPanel::add_read_mode() {
  for (const Field& field : fields_)
    if (field.place.key == "mode") {
      static_cast<QComboBox*>(field.editor)->setCurrentText("both");
      from_here_->setChecked(true);
      run();
    }
}

} // namespace zbuf::gui
