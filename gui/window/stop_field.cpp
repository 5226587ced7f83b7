// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/stop_field.h"

#include "gui/theme/theme.h"

#include "core/scenario/vocabulary.h"

#include <QAbstractItemView>
#include <QKeyEvent>
#include <QStyle>

namespace zbuf::gui {

namespace {

QString text_of(std::string_view text) {
  QString words = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
  while (words.startsWith('.') || words.startsWith(' '))
    words.remove(0, 1); // "... by reason" goes on from the line above in the manual
  return words;
}

bool is_word_character(QChar c) {
  return c.isLetterOrNumber() || c == '_' || c == '.';
}

} // namespace

QList<Word> condition_words(const VariantReport& run) {
  QList<Word> words;
  const auto add = [&](const QString& prefix, const std::vector<TermInfo>& terms) {
    for (const TermInfo& term : terms)
      words += {prefix + text_of(term.name), text_of(term.text)};
  };
  const QStringList only_at_end{"I6", "end_ms", "kernel_busy_ns", "reader_cpu_ns", "cpu_ns"};
  add({}, counter_terms());
  add({}, run_terms());
  add({}, descriptor_terms());
  for (const char* buffer : {"a.", "b."})
    add(buffer, buffer_terms());
  for (unsigned kind = 0; kind < event_kinds; ++kind)
    if (const char* name = kind_info(static_cast<std::uint8_t>(kind)).name)
      words += {name, QObject::tr("the event just seen is of this kind")};
  if (run.readers.size() > 1)
    for (const ReaderReport& reader : run.readers)
      add(QString::fromStdString(reader.name) + '.', counter_terms());
  QSet<QString> seen;
  words.removeIf([&](const Word& word) {
    const bool again = seen.contains(word.name) || only_at_end.contains(word.name);
    seen.insert(word.name);
    return again;
  });
  return words;
}

StopField::StopField(Playback& playback, QWidget* parent)
    : QLineEdit(parent), playback_(playback), error_(new QLabel), completer_(new QCompleter(this)),
      words_(new QStandardItemModel(this)) {
  setPlaceholderText(tr("stop when … drops > 0"));
  setToolTip(tr("Playing stops right after the first event from which on this holds, such as drops > 0"));
  setAccessibleName(tr("Stop when"));
  setAccessibleDescription(
      tr("A condition in the words of the checks. Return sets it, Escape takes it back."));
  setClearButtonEnabled(true);
  error_->setWordWrap(true);
  error_->setAutoFillBackground(true);
  error_->setMargin(6);
  error_->hide();
  completer_->setModel(words_);
  completer_->setWidget(this);
  completer_->setFilterMode(Qt::MatchContains);
  completer_->setCaseSensitivity(Qt::CaseInsensitive);
  completer_->setMaxVisibleItems(9);
  const auto dress = [this] {
    setFont(theme().mono());
    completer_->popup()->setFont(theme().mono());
    QPalette palette;
    palette.setColor(QPalette::Window, theme().danger_ground());
    palette.setColor(QPalette::WindowText, theme().danger());
    error_->setPalette(palette);
  };
  dress();
  connect(&theme(), &Theme::changed, this, dress);
  connect(this, &QLineEdit::returnPressed, this, &StopField::apply);
  connect(this, &QLineEdit::textEdited, this, [this](const QString& text) {
    show_error({});
    if (text.trimmed().isEmpty())
      apply(); // the clear button, too, ends it
    offer_words(false);
  });
  connect(completer_, QOverload<const QModelIndex&>::of(&QCompleter::activated), this,
          [this](const QModelIndex& index) { take_word(index.data(Qt::UserRole).toString()); });
  connect(&playback_, &Playback::stop_when_changed, this, [this] {
    if (playback_.stop_when() != text().trimmed())
      setText(playback_.stop_when());
    show_error({});
  });
  connect(&playback_, &Playback::tracks_changed, this, &StopField::fill_vocabulary);
  connect(&playback_, &Playback::focus_changed, this, &StopField::fill_vocabulary);
}

void StopField::fill_vocabulary() {
  words_->clear();
  if (playback_.focused() == nullptr)
    return;
  for (const Word& word : condition_words(playback_.focused()->report)) {
    auto* item =
        new QStandardItem(word.text.isEmpty() ? word.name : word.name + QStringLiteral("   ") + word.text);
    item->setData(word.name, Qt::UserRole);
    words_->appendRow(item);
  }
}

void StopField::apply() {
  if (const auto error = playback_.set_stop_when(text()))
    show_error(*error);
  else
    show_error({});
}

qsizetype StopField::word_begin() const {
  qsizetype begin = cursorPosition();
  while (begin > 0 && is_word_character(text()[begin - 1]))
    --begin;
  return begin;
}

void StopField::offer_words(bool all) {
  const QString word = text().mid(word_begin(), cursorPosition() - word_begin());
  const bool is_number = !word.isEmpty() && word[0].isDigit();
  if ((word.size() < 2 && !all) || is_number) {
    completer_->popup()->hide();
    return;
  }
  completer_->setCompletionPrefix(word);
  if (completer_->completionCount() == 0) {
    completer_->popup()->hide();
    return;
  }
  completer_->popup()->setCurrentIndex(completer_->completionModel()->index(0, 0));
  QRect place = rect();
  place.setWidth(std::max(width(), QFontMetrics(theme().mono()).averageCharWidth() * 62));
  completer_->complete(place);
}

void StopField::take_word(const QString& word) {
  const qsizetype begin = word_begin();
  qsizetype end = cursorPosition();
  while (end < text().size() && is_word_character(text()[end]))
    ++end;
  QString changed = text();
  changed.replace(begin, end - begin, word);
  setText(changed);
  setCursorPosition(static_cast<int>(begin + word.size()));
}

void StopField::keyPressEvent(QKeyEvent* event) {
  if (completer_->popup()->isVisible() && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter ||
                                           event->key() == Qt::Key_Escape || event->key() == Qt::Key_Tab)) {
    event->ignore(); // the list's
    return;
  }
  if (event->key() == Qt::Key_Escape) {
    setText(playback_.stop_when());
    show_error({});
    if (auto* const next = window()->findChild<QWidget*>("play"))
      next->setFocus();
    return;
  }
  if (event->key() == Qt::Key_Down ||
      (event->key() == Qt::Key_Space && event->modifiers() == Qt::ControlModifier)) {
    offer_words(true);
    return;
  }
  QLineEdit::keyPressEvent(event);
}

/// What was typed and left counts as meant.
void StopField::focusOutEvent(QFocusEvent* event) {
  QLineEdit::focusOutEvent(event);
  if (event->reason() != Qt::PopupFocusReason && text().trimmed() != playback_.stop_when())
    apply();
}

void StopField::show_error(const QString& text) {
  setProperty("wrong", !text.isEmpty());
  style()->unpolish(this);
  style()->polish(this);
  error_->setText(text);
  error_->setAccessibleName(text);
  setAccessibleDescription(
      text.isEmpty() ? tr("A condition in the words of the checks. Return sets it, Escape takes it back.")
                     : text);
  if (error_->parentWidget() != window())
    error_->setParent(window()); // before it is shown, or it would be a window
  error_->setVisible(!text.isEmpty());
  place_error();
}

void StopField::place_error() {
  if (error_->isHidden())
    return;
  const int wide = std::max(width(), QFontMetrics(font()).averageCharWidth() * 44);
  error_->setFixedWidth(wide);
  error_->adjustSize();
  QPoint at = mapTo(window(), QPoint(0, height() + 2));
  at.setX(std::min(at.x(), window()->width() - wide - 4));
  error_->move(at);
  error_->raise();
}

void StopField::moveEvent(QMoveEvent* event) {
  QLineEdit::moveEvent(event);
  place_error();
}

void StopField::resizeEvent(QResizeEvent* event) {
  QLineEdit::resizeEvent(event);
  place_error();
}

} // namespace zbuf::gui
