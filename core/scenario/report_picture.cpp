// SPDX-License-Identifier: BSD-2-Clause
// The drawing of runs in a terminal. Letters say what colours say: s, h and f are the kernel's store, hold
// and free, U the user's; u is a cell in which a buffer went to and fro.
#include "core/scenario/report_text.h"

#include "core/scenario/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace zbuf {

namespace {

constexpr std::size_t label_columns = 10;
constexpr std::size_t total_columns = 12;
constexpr double most_of_a_cell = 0.85; ///< of the time: the cell is drawn as that alone

constexpr std::array<Ink, owner_count> inks{Ink::faint, Ink::free, Ink::store, Ink::hold, Ink::user};
constexpr std::array<char, owner_count> letters{' ', 'f', 's', 'h', 'U'};
constexpr std::array<std::string_view, owner_count> words{"", "free", "store", "hold", "user"};

/// What a cell shows of one buffer.
struct Cell {
  Owner owner = Owner::absent; ///< of the kernel's, the one that it was longest; or the user
  double user_share = 0;       ///< 0 or 1 where it was nearly all the one
};

Cell cell_of(const std::array<double, owner_count>& owned) {
  double sum = 0;
  for (const double time : owned)
    sum += time;
  if (sum <= 0)
    return {};
  std::size_t longest = 0;
  for (std::size_t o = 1; o < owner_count - 1; ++o)
    if (owned[o] > owned[longest])
      longest = o;
  const double share = owned[static_cast<std::size_t>(Owner::user)] / sum;
  if (share >= most_of_a_cell)
    return {Owner::user, 1};
  return {static_cast<Owner>(longest), share <= 1 - most_of_a_cell ? 0 : share};
}

/// Greatest of the columns of all runs, so that bars of different runs can be compared.
struct Scale {
  double packets = 0;
  double drops = 0;
  double calls = 0;
};

/// Draws runs on one axis.
class Drawing {
 public:
  Drawing(const std::vector<const VariantReport*>& runs, const TextStyle& style)
      : runs_(runs), style_(style) {
    width_ = std::clamp<std::size_t>(style.width, 50, 200) - label_columns - total_columns;
    for (const VariantReport* run : runs)
      length_ = std::max(length_, drawn_length(*run));
    for (const VariantReport* run : runs) {
      columns_.push_back(run->picture.columns(width_, length_));
      for (const PictureColumn& column : columns_.back()) {
        scale_.packets = std::max(scale_.packets, static_cast<double>(column.arrived));
        for (const PictureLane& lane : column.lanes) {
          scale_.drops = std::max(scale_.drops, static_cast<double>(lane.drops));
          scale_.calls = std::max(scale_.calls, static_cast<double>(lane.calls));
        }
      }
    }
  }

  std::string draw() {
    if (length_ == 0)
      return {};
    for (std::size_t i = 0; i < runs_.size(); ++i)
      draw_run(*runs_[i], columns_[i], i == 0);
    draw_axis();
    draw_legend();
    return std::move(out_);
  }

 private:
  /// What lingers idle at the end is left out, unless the author wanted it.
  static std::uint64_t drawn_length(const VariantReport& run) {
    const Picture& picture = run.picture;
    if (run.end == RunEnd::duration)
      return picture.length();
    return std::min(picture.length(), picture.busy_length() + picture.busy_length() / 20);
  }

  void line(std::string_view label, const std::string& cells, std::string_view total = {}) {
    out_ += fmt::format("{} {}{}\n", paint(style_, Ink::faint, pad_left(label, label_columns - 1)), cells,
                        paint(style_, Ink::faint, pad_left(total, total_columns)));
  }

  void draw_run(const VariantReport& run, const std::vector<PictureColumn>& columns, bool first) {
    const bool several = run.readers.size() > 1;
    std::string heading = paint(style_, Ink::strong, run.name);
    std::string about =
        fmt::format("  {}revision {}",
                    several || run.readers.empty() ? "" : run.readers[0].description + ", ", run.revision);
    out_ += fmt::format("{} {}{}\n", std::string(label_columns - 1, ' '), heading,
                        paint(style_, Ink::faint, about));
    if (first)
      draw_marks(run);
    line("packets",
         bars(columns, Ink::packets, scale_.packets, [](const PictureColumn& c) { return c.arrived; }),
         show_count(run.arrived));
    if (run.missed > 0)
      line("missed",
           bars(columns, Ink::drops, scale_.packets, [](const PictureColumn& c) { return c.missed; }),
           show_count(run.missed));
    for (std::size_t lane = 0; lane < run.picture.lanes(); ++lane)
      draw_lane(run, columns, lane, several);
    out_ += '\n';
  }

  void draw_lane(const VariantReport& run, const std::vector<PictureColumn>& columns, std::size_t lane,
                 bool several) {
    const ReaderReport* reader = nullptr;
    for (const ReaderReport& one : run.readers)
      if (one.descriptor == lane)
        reader = &one;
    if (several && reader != nullptr)
      out_ += fmt::format("{} {}{}\n", std::string(label_columns - 1, ' '), reader->name,
                          paint(style_, Ink::faint, fmt::format("  {}", reader->description)));
    line("A", buffer(columns, lane, 0));
    line("B", buffer(columns, lane, 1));
    const Counters counters = reader != nullptr ? reader->counters : run.total;
    line("drops",
         bars(columns, Ink::drops, scale_.drops, [&](const PictureColumn& c) { return c.lanes[lane].drops; }),
         show_count(counters.dropped));
    line("calls",
         bars(columns, Ink::calls, scale_.calls, [&](const PictureColumn& c) { return c.lanes[lane].calls; }),
         show_count(counters.syscalls));
  }

  template <typename F>
  std::string bars(const std::vector<PictureColumn>& columns, Ink ink, double most, F&& value) {
    std::string cells;
    for (const PictureColumn& column : columns)
      cells += bar(style_, static_cast<double>(value(column)), most);
    return paint(style_, ink, cells);
  }

  std::string buffer(const std::vector<PictureColumn>& columns, std::size_t lane, std::size_t which) {
    std::vector<Cell> cells;
    for (const PictureColumn& column : columns)
      cells.push_back(cell_of(column.lanes[lane].owned[which]));
    std::string out;
    for (std::size_t from = 0; from < cells.size();) {
      std::size_t until = from + 1;
      const bool whole = cells[from].user_share == 0 || cells[from].user_share == 1;
      while (whole && until < cells.size() && cells[until].owner == cells[from].owner &&
             cells[until].user_share == cells[from].user_share)
        ++until;
      out += whole ? span(cells[from].owner, until - from) : mixed(cells[from]);
      from = until;
    }
    return out;
  }

  /// Cells that are all the same: a word where there is room for one, else its letter.
  std::string span(Owner owner, std::size_t length) {
    const auto o = static_cast<std::size_t>(owner);
    if (owner == Owner::absent)
      return std::string(length, ' ');
    if (!style_.colour)
      return std::string(length, letters[o]);
    std::string text(length, ' ');
    if (length >= words[o].size() + 2)
      text.replace(1, words[o].size(), words[o]);
    else
      text[length > 1 ? 1 : 0] = letters[o];
    return paint(style_, inks[o], text);
  }

  std::string mixed(const Cell& cell) {
    if (!style_.colour)
      return "u";
    return paint_over(style_, Ink::user, inks[static_cast<std::size_t>(cell.owner)],
                      style_.unicode ? bar(style_, cell.user_share, 1) : "u");
  }

  void draw_marks(const VariantReport& run) {
    if (run.picture.marks().empty())
      return;
    std::vector<std::string> cells(width_, " ");
    for (const PictureMark& mark : run.picture.marks()) {
      auto at = static_cast<std::size_t>(static_cast<double>(mark.position) / static_cast<double>(length_) *
                                         static_cast<double>(width_));
      at = std::min(at, width_ - 1);
      while (at + 1 < width_ && cells[at] != " ") // they come in order: the later one moves on
        ++at;
      while (at > 0 && cells[at] != " ") // no room there
        --at;
      cells[at] = paint(style_, Ink::mark, fmt::format("{}", (mark.chapter + 1) % 10));
    }
    line("chapters", fmt::format("{}", fmt::join(cells, "")));
  }

  /// The least step of 1, 2 or 5 times a power of ten that leaves room for its label.
  [[nodiscard]] double tick() const {
    constexpr double label_room = 12; // columns
    const double length = static_cast<double>(length_);
    const double columns = static_cast<double>(width_);
    for (double power = 1; power <= length; power *= 10)
      for (const double factor : {1.0, 2.0, 5.0})
        if (power * factor / length * columns >= label_room)
          return power * factor;
    return length;
  }

  void draw_axis() {
    const bool time = runs_.front()->picture.axis() == PictureAxis::time;
    const double step = tick();
    std::string text;
    for (double at = 0; at <= static_cast<double>(length_); at += step) {
      const auto column =
          static_cast<std::size_t>(at / static_cast<double>(length_) * static_cast<double>(width_));
      const std::string label = at == 0 ? "0"
                                : time  ? show_duration(static_cast<std::uint64_t>(at))
                                        : fmt::format("{} steps", static_cast<std::uint64_t>(at));
      if (columns_of(text) > column || column + columns_of(label) + 1 > width_ + total_columns)
        continue;
      text = pad_right(text, column) + (style_.unicode ? "╵" : "|") + label + " ";
    }
    out_ += fmt::format("{} {}\n", std::string(label_columns - 1, ' '), paint(style_, Ink::faint, text));
  }

  void draw_legend() {
    std::string text;
    if (style_.colour) {
      for (const Owner owner : {Owner::store, Owner::hold, Owner::free, Owner::user}) {
        const auto o = static_cast<std::size_t>(owner);
        text += paint(style_, inks[o], fmt::format(" {} ", letters[o]));
        text +=
            paint(style_, Ink::faint, fmt::format(" {}   ", owner == Owner::user ? "the user's" : words[o]));
      }
      text += paint_over(style_, Ink::user, Ink::store, style_.unicode ? " ▄ " : " u ") +
              paint(style_, Ink::faint, " to and fro");
    } else {
      text = "s store  h hold  f free  U the user's  u to and fro";
    }
    out_ += fmt::format("{} {}\n", std::string(label_columns - 1, ' '), text);
  }

  const std::vector<const VariantReport*>& runs_;
  const TextStyle& style_;
  std::size_t width_ = 0;
  std::uint64_t length_ = 0;
  std::vector<std::vector<PictureColumn>> columns_;
  Scale scale_;
  std::string out_;
};

} // namespace

std::string picture_as_text(const std::vector<const VariantReport*>& runs, const TextStyle& style) {
  if (runs.empty())
    return {};
  return Drawing(runs, style).draw();
}

} // namespace zbuf
