// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/theme/style_sheet.h"

#include "gui/theme/theme.h"

#include <QFontMetrics>

namespace zbuf::gui {

namespace {

/// `@name` stands for a colour, `@number` for that many hundredths of the font's height.
constexpr const char* rules = R"(
QToolTip { background: @panel; color: @text; border: 1px solid @border; padding: @25px; }
QPushButton, QToolButton {
  background: @panel; color: @text; border: 1px solid @border; border-radius: @35px;
  padding: @28px @48px;
}
QPushButton:hover, QToolButton:hover { border-color: @muted; background: @hover; }
QPushButton:pressed, QToolButton:pressed { background: @sunken; }
QPushButton:checked, QToolButton:checked, QPushButton[primary="true"], QToolButton[primary="true"] {
  background: @accent; color: @on_accent; border-color: @accent;
}
QPushButton:disabled, QToolButton:disabled { color: @muted; background: @window; }
QPushButton:focus, QToolButton:focus { border: 2px solid @focus; padding: @23px @55px; }
QToolButton[flat="true"], QPushButton[flat="true"] { background: transparent; border-color: transparent; }
QToolButton[flat="true"]:checked, QPushButton[flat="true"]:checked { background: @selected; color: @text; }
QToolButton[flat="true"]:hover, QPushButton[flat="true"]:hover { background: @hover; }
QToolButton[flat="true"]:focus, QPushButton[flat="true"]:focus { border: 2px solid @focus; }
QToolButton::menu-indicator { image: none; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QTextEdit {
  background: @panel; color: @text; border: 1px solid @border; border-radius: @35px; padding: @22px @40px;
  selection-background-color: @accent; selection-color: @on_accent;
}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
  border: 2px solid @focus; padding: @17px @35px;
}
QLineEdit[wrong="true"] { border: 2px solid @danger; padding: @17px @35px; }
QComboBox::drop-down { border: none; width: @120px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; background: transparent; width: @120px; }
QComboBox::down-arrow, QAbstractSpinBox::down-arrow {
  image: url(:/theme/down-@chevron.svg); width: @50px; height: @50px;
}
QAbstractSpinBox::up-arrow { image: url(:/theme/up-@chevron.svg); width: @50px; height: @50px; }
QCheckBox, QRadioButton { border: 1px solid transparent; border-radius: @25px; padding: @12px; spacing: @40px; }
QCheckBox:focus, QRadioButton:focus { border-color: @focus; }
QCheckBox:disabled, QRadioButton:disabled { color: @muted; }
QCheckBox::indicator, QRadioButton::indicator {
  background: @panel; border: 1px solid @muted; width: @70px; height: @70px;
}
QCheckBox::indicator { border-radius: @20px; }
QRadioButton::indicator { border-radius: @38px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: @accent; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: @window; border-color: @border; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked { background: @accent; border-color: @accent; }
QCheckBox::indicator:checked:disabled, QRadioButton::indicator:checked:disabled {
  background: @muted; border-color: @muted;
}
QCheckBox::indicator:checked { image: url(:/theme/check-@mark.svg); }
QRadioButton::indicator:checked { image: url(:/theme/dot-@mark.svg); }
QListView, QTreeView, QTableView {
  background: @panel; color: @text; border: none; outline: none; alternate-background-color: @sunken;
  selection-background-color: @selected; selection-color: @text;
}
QHeaderView::section {
  background: @window; color: @muted; border: none; border-bottom: 1px solid @border; padding: @20px @40px;
}
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab {
  background: transparent; color: @muted; border: none; border-bottom: @18px solid transparent;
  padding: @40px @40px @28px @40px;
}
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:focus { color: @accent; }
QTabBar::scroller { width: @130px; }
QTabBar QToolButton { background: @panel; border: none; border-radius: 0; padding: 0; }
QTabBar QToolButton::right-arrow { image: url(:/theme/right-@chevron.svg); width: @50px; height: @50px; }
QTabBar QToolButton::left-arrow { image: url(:/theme/left-@chevron.svg); width: @50px; height: @50px; }
QTabWidget::pane { border: none; border-top: 1px solid @border; }
QMenu { background: @panel; color: @text; border: 1px solid @border; padding: @25px 0; }
QMenu::item { padding: @30px @150px @30px @90px; }
QMenu::item:selected { background: @selected; color: @text; }
QMenu::item:disabled { color: @muted; }
QMenu::separator { height: 1px; background: @border; margin: @25px 0; }
QSplitter::handle { background: @border; }
QSplitter::handle:hover { background: @accent; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QScrollBar:vertical { background: transparent; width: @75px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: @75px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: @20px; margin: @15px; min-height: @150px; min-width: @150px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSlider::groove:horizontal { height: @25px; background: @border; border-radius: @12px; }
QSlider { background: transparent; min-height: @100px; }
QSlider::add-page:horizontal { background: @border; border-radius: @12px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: @12px; }
QSlider::handle:horizontal {
  background: @accent; width: @85px; height: @85px; margin: -@30px 0; border-radius: @42px;
}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: @text; }
QProgressBar { background: @sunken; border: none; border-radius: @12px; max-height: @25px; text-align: center; }
QProgressBar::chunk { background: @accent; border-radius: @12px; }
QGroupBox { border: none; margin-top: @140px; color: @muted; }
QGroupBox::title { subcontrol-origin: margin; left: 0; color: @muted; }
QStatusBar::item { border: none; }
)";

QString mixed(const QColor& a, const QColor& b, double share) {
  const auto part = [share](int x, int y) { return qRound(x + (y - x) * share); };
  return QColor(part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())).name();
}

} // namespace

QString style_sheet(const Theme& theme) {
  const std::pair<const char*, QString> colours[] = {
      {"on_accent", theme.on_accent().name()},
      {"selected", mixed(theme.panel(), theme.accent(), theme.is_dark() ? 0.3 : 0.15)},
      {"sunken", theme.sunken().name()},
      {"window", theme.window().name()},
      {"chevron", theme.is_dark() ? "light" : "dark"},
      {"mark", theme.is_dark() ? "dark" : "light"},
      {"border", theme.border().name()},
      {"danger", theme.danger().name()},
      {"accent", theme.accent().name()},
      {"panel", theme.panel().name()},
      {"muted", theme.muted().name()},
      {"hover", mixed(theme.panel(), theme.text(), 0.05)},
      {"focus", mixed(theme.accent(), theme.text(), 0.25)},
      {"text", theme.text().name()},
  };
  QString sheet = rules;
  for (const auto& [name, colour] : colours)
    sheet.replace(QString("@") + name, colour);
  const int height = QFontMetrics(theme.ui()).height();
  QString sized;
  for (qsizetype at = 0; at < sheet.size();) {
    if (sheet[at] != '@') {
      sized += sheet[at++];
      continue;
    }
    qsizetype end = at + 1;
    while (sheet[end].isDigit())
      ++end;
    sized += QString::number(qMax(1, qRound(sheet.mid(at + 1, end - at - 1).toDouble() * height / 100)));
    at = end;
  }
  return sized;
}

} // namespace zbuf::gui
