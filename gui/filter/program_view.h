// SPDX-License-Identifier: GPL-3.0-or-later
// A filter program as a table, with the way of a packet through it: which instructions ran, and the registers
// after each.
#pragma once

#include "gui/filter/filter_facts.h"

#include <QAbstractTableModel>
#include <QTableView>

namespace zbuf::gui {

/// One row an instruction; at most 512 of them (net.bpf.maxinsns).
class ProgramModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { number_column, instruction_column, accumulator_column, index_column, read_column, columns };

  using QAbstractTableModel::QAbstractTableModel;

  void set_program(FilterProgram program);
  void set_path(std::optional<PacketPath> path);
  [[nodiscard]] const FilterProgram& program() const { return program_; }
  [[nodiscard]] const std::optional<PacketPath>& path() const { return path_; }
  /// Did the packet come by this instruction?
  [[nodiscard]] bool visited(int row) const;

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  [[nodiscard]] const FilterStep* step(int row) const;
  [[nodiscard]] QString text(int row, int column) const;

  FilterProgram program_;
  std::optional<PacketPath> path_;
};

class ProgramView : public QTableView {
  Q_OBJECT
 public:
  explicit ProgramView(ProgramModel& model, QWidget* parent = nullptr);

 private:
  void restyle();
};

} // namespace zbuf::gui
