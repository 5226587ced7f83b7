// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/filter/program_view.h"

#include "gui/theme/theme.h"

#include <QFontMetrics>
#include <QHeaderView>

namespace zbuf::gui {

void ProgramModel::set_program(FilterProgram program) {
  beginResetModel();
  program_ = std::move(program);
  path_.reset();
  endResetModel();
}

void ProgramModel::set_path(std::optional<PacketPath> path) {
  path_ = std::move(path);
  if (rowCount() != 0)
    dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
}

const FilterStep* ProgramModel::step(int row) const {
  if (path_)
    for (const FilterStep& step : path_->path.steps)
      if (step.instruction == static_cast<std::uint32_t>(row))
        return &step;
  return nullptr;
}

bool ProgramModel::visited(int row) const {
  return step(row) != nullptr;
}

int ProgramModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(program_.lines.size());
}

int ProgramModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : columns;
}

QString ProgramModel::text(int row, int column) const {
  if (column == number_column)
    return QString("%1").arg(row, 3, 10, QChar('0'));
  if (column == instruction_column)
    return program_.lines.value(row).simplified();
  const FilterStep* const at = step(row);
  if (at == nullptr)
    return {};
  switch (column) {
  case accumulator_column:
    return QString("0x%1").arg(at->accumulator, 0, 16);
  case index_column:
    return QString::number(at->index);
  default:
    if (at->read_bytes == 0)
      return {};
    return at->read_bytes == 1
               ? QString::number(at->read_offset)
               : QString("%1–%2").arg(at->read_offset).arg(at->read_offset + at->read_bytes - 1);
  }
}

QVariant ProgramModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid())
    return {};
  const bool here = visited(index.row());
  const bool last = here && path_->path.steps.back().instruction == static_cast<std::uint32_t>(index.row());
  switch (role) {
  case Qt::DisplayRole:
    return text(index.row(), index.column());
  case Qt::FontRole:
    return theme().mono(9, here);
  case Qt::ForegroundRole:
    return path_ && !here ? theme().muted() : theme().text();
  case Qt::BackgroundRole:
    return last ? QVariant(theme().highlight()) : QVariant();
  case Qt::AccessibleDescriptionRole:
    return here ? tr("The packet comes by here") : QString();
  default:
    return {};
  }
}

QVariant ProgramModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal)
    return {};
  if (role == Qt::DisplayRole) {
    switch (section) {
    case number_column:
      return QString();
    case instruction_column:
      return tr("Instruction");
    case accumulator_column:
      return QString("A");
    case index_column:
      return QString("X");
    default:
      return tr("Bytes");
    }
  }
  if (role == Qt::ToolTipRole) {
    switch (section) {
    case accumulator_column:
      return tr("The accumulator after the instruction");
    case index_column:
      return tr("The index register after the instruction");
    case read_column:
      return tr("Which bytes of the packet it read");
    default:
      return {};
    }
  }
  if (role == Qt::TextAlignmentRole)
    return static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter);
  return {};
}

ProgramView::ProgramView(ProgramModel& model, QWidget* parent) : QTableView(parent) {
  setModel(&model);
  setAccessibleName(tr("Filter program"));
  setAccessibleDescription(tr("Instructions; those that the packet came by have the registers after them"));
  setSelectionMode(NoSelection);
  setShowGrid(false);
  setTabKeyNavigation(false);
  setWordWrap(false);
  verticalHeader()->hide();
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  horizontalHeader()->setSectionResizeMode(ProgramModel::instruction_column, QHeaderView::Stretch);
  connect(&theme(), &Theme::changed, this, &ProgramView::restyle);
  restyle();
}

void ProgramView::restyle() {
  horizontalHeader()->setMinimumSectionSize(QFontMetrics(theme().mono(9)).horizontalAdvance("000 "));
  verticalHeader()->setDefaultSectionSize(QFontMetrics(theme().mono(9)).height() * 5 / 4);
  horizontalHeader()->setFont(theme().ui(9));
  viewport()->update();
}

} // namespace zbuf::gui
