// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/live/live_form.h"

#include "gui/theme/theme.h"

#include "core/filter/filter.h"
#include "core/scenario/units.h"

#include <QDialogButtonBox>
#include <QFontMetrics>
#include <QFormLayout>

namespace zbuf::gui {

namespace {

constexpr int ethernet = 1;
constexpr std::uint32_t whole_packets = 262144;

QComboBox* sizes(const QList<std::uint64_t>& choices, std::uint64_t chosen, const QString& name,
                 const QString& tip) {
  auto* const box = new QComboBox;
  box->setEditable(true);
  box->setInsertPolicy(QComboBox::NoInsert);
  for (const std::uint64_t size : choices)
    box->addItem(size == 0 ? LiveForm::tr("no limit") : QString::fromStdString(show_size(size)),
                 QVariant::fromValue(size));
  box->setCurrentText(chosen == 0 ? LiveForm::tr("no limit") : QString::fromStdString(show_size(chosen)));
  box->setAccessibleName(name);
  box->setToolTip(tip);
  return box;
}

std::optional<std::uint64_t> size_in(const QComboBox& box) {
  const QString text = box.currentText().trimmed();
  if (text == LiveForm::tr("no limit"))
    return 0;
  return parse_quantity(text.toStdString(), Quantity::size);
}

} // namespace

QString filter_problem(const QString& filter) {
  const auto program = compile_filter(filter.trimmed().toStdString(), ethernet, whole_packets);
  return program ? QString() : QString::fromStdString(program.error().text());
}

LiveForm::LiveForm(const CaptureOptions& last, QWidget* parent)
    : QDialog(parent), interface_(new QComboBox), filter_(new QLineEdit(last.filter)), mode_(new QComboBox),
      buffer_(sizes({4096, 16384, 65536, 262144, 2097152, 16777216}, last.buffer_bytes, tr("Buffer size"),
                    tr("Of each of the two buffers of a descriptor: small ones change hands often"))),
      limit_(sizes({16ull << 20, 64ull << 20, 256ull << 20, 1ull << 30, 0}, last.limit_bytes,
                   tr("Size of the recording"),
                   tr("Of disk. When it is reached, the oldest is dropped and the capture goes on"))),
      problem_(new QLabel) {
  setWindowTitle(tr("Capture live packets"));
  for (const SystemInterface& one : interfaces())
    interface_->addItem(one.up ? one.name : tr("%1 (down)").arg(one.name), one.name);
  if (const int at = interface_->findData(last.interface); at >= 0)
    interface_->setCurrentIndex(at);
  interface_->setObjectName("live_interface");
  interface_->setAccessibleName(tr("Interface"));
  filter_->setObjectName("live_filter");
  filter_->setAccessibleName(tr("Filter"));
  filter_->setPlaceholderText(tr("every packet; or as tcpdump has it: tcp port 443"));
  filter_->setClearButtonEnabled(true);
  mode_->addItem(tr("zero-copy"), "zbuf");
  mode_->addItem(tr("read(2)"), "read");
  mode_->addItem(tr("both, on the same packets"), "both");
  mode_->setCurrentIndex(std::max(0, mode_->findData(last.mode)));
  mode_->setObjectName("live_mode");
  mode_->setAccessibleName(tr("Mode"));
  problem_->setObjectName("live_problem");
  problem_->setWordWrap(true);
  problem_->setTextFormat(Qt::PlainText);
  QPalette palette;
  palette.setColor(QPalette::WindowText, theme().danger());
  problem_->setPalette(palette);
  auto* const right = new QLabel(
      tr("Capturing needs the right to: zbuf has it, or says how to get it. This window never needs it."));
  right->setWordWrap(true);
  right->setFont(theme().ui(9));
  auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  start_ = buttons->addButton(tr("Capture"), QDialogButtonBox::AcceptRole);
  start_->setObjectName("live_start");
  start_->setDefault(true);
  auto* const form = new QFormLayout(this);
  form->setRowWrapPolicy(QFormLayout::WrapLongRows);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  form->addRow(tr("Interface"), interface_);
  form->addRow(tr("Filter"), filter_);
  form->addRow(tr("Mode"), mode_);
  form->addRow(tr("Buffer size"), buffer_);
  form->addRow(tr("Recording"), limit_);
  form->addRow(problem_);
  form->addRow(right);
  form->addRow(buttons);
  setMinimumWidth(QFontMetrics(theme().ui()).averageCharWidth() * 62);
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(filter_, &QLineEdit::textChanged, this, &LiveForm::check);
  for (QComboBox* const box : {interface_, buffer_, limit_})
    connect(box, &QComboBox::currentTextChanged, this, &LiveForm::check);
  filter_->setFocus();
  check();
}

/// A window does not grow by itself with lines that wrap.
void LiveForm::make_room() {
  layout()->activate();
  const int needed =
      layout()->hasHeightForWidth() ? layout()->totalHeightForWidth(width()) : sizeHint().height();
  setMinimumHeight(needed);
}

void LiveForm::resizeEvent(QResizeEvent* event) {
  QDialog::resizeEvent(event);
  make_room();
}

void LiveForm::check() {
  QString problem;
  if (interface_->count() == 0)
    problem = tr("This machine has no network interface.");
  else
    problem = filter_problem(filter_->text());
  for (const QComboBox* const box : {buffer_, limit_})
    if (problem.isEmpty() && !size_in(*box))
      problem = tr("“%1”: expected %2.")
                    .arg(box->currentText(), QString::fromUtf8(quantity_example(Quantity::size).data()));
  problem_->setText(problem);
  problem_->setVisible(!problem.isEmpty());
  make_room();
  start_->setEnabled(problem.isEmpty());
}

CaptureOptions LiveForm::options() const {
  return {interface_->currentData().toString(), filter_->text().trimmed(), mode_->currentData().toString(),
          size_in(*buffer_).value_or(CaptureOptions{}.buffer_bytes),
          size_in(*limit_).value_or(CaptureOptions{}.limit_bytes)};
}

} // namespace zbuf::gui
