// SPDX-License-Identifier: BSD-2-Clause
#include "core/cli/live_view.h"

#include "core/cli/terminal.h"
#include "core/scenario/units.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace zbuf {

using namespace std::chrono_literals;

const char* mode_name(BufferMode mode) {
  return mode == BufferMode::zbuf ? "zero-copy" : "read(2)";
}

namespace {

std::string owned_of(const DescriptorState& d) {
  const bool a = d.a().user_owned();
  const bool b = d.b().user_owned();
  return a && b ? "A and B" : a ? "A" : b ? "B" : "none";
}

double per(std::uint64_t amount, std::uint64_t by) {
  return by == 0 ? 0 : static_cast<double>(amount) / static_cast<double>(by);
}

std::uint64_t lost_by_tap(const LiveFigures& figures) {
  return figures.tap ? figures.tap->lost + figures.tap->hardware_lost : 0;
}

/// How full the store is, in ten cells.
std::string store_of(const TextStyle& style, const DescriptorState& d) {
  constexpr std::size_t cells = 10;
  const std::uint32_t size = d.store <= ZB_B ? d.buffers[d.store].size : 0;
  const std::size_t full =
      size == 0 ? 0 : std::min<std::size_t>(cells, std::size_t{d.store_length} * cells / size);
  std::string text;
  for (std::size_t i = 0; i < cells; ++i)
    text += i < full ? style.unicode ? "█" : "#" : style.unicode ? "░" : "-";
  return paint(style, Ink::store, text);
}

} // namespace

LiveView::LiveView(const LiveCapture& capture, int descriptor, TextStyle style, bool quiet)
    : capture_(capture), descriptor_(descriptor), style_(style), quiet_(quiet),
      terminal_(is_terminal(descriptor) && !quiet) {}

std::chrono::milliseconds LiveView::interval() const {
  return terminal_ ? 250ms : 1000ms;
}

void LiveView::write(const std::string& text) const {
  std::FILE* const out = descriptor_ == STDERR_FILENO ? stderr : stdout;
  fmt::print(out, "{}", text);
  std::fflush(out);
}

void LiveView::begin() {
  if (quiet_)
    return;
  const LiveOptions& options = capture_.options();
  const std::string filter = options.filter.empty() ? "" : fmt::format(", \"{}\"", options.filter);
  const std::string slots =
      capture_.kernel().slots() == "exact" ? "" : ", slots deduced (the kernel does not tell)";
  write(fmt::format("{}{}, {} per buffer, kernel {}{}. Ctrl-C stops.\n",
                    paint(style_, Ink::strong, options.interface), filter, show_size(options.buffer_bytes),
                    capture_.kernel().revision(), slots));
}

LiveView::Rate LiveView::rate_of(const LiveFigures& now, std::size_t descriptor) const {
  const Counters& after = now.state.descriptors[descriptor].total;
  const Counters before = descriptor < before_.state.descriptors.size()
                              ? before_.state.descriptors[descriptor].total
                              : Counters{};
  const double seconds = static_cast<double>(now.time_ns - before_.time_ns) / 1e9;
  const std::uint64_t packets = after.delivered - before.delivered;
  Rate rate;
  if (seconds > 0) {
    rate.packets = static_cast<double>(packets) / seconds;
    rate.bits = static_cast<double>(after.bytes_delivered - before.bytes_delivered) * 8 / seconds;
  }
  rate.calls = per(after.syscalls - before.syscalls, packets);
  return rate;
}

std::string LiveView::line(const LiveFigures& figures) const {
  std::string text = fmt::format("{:>4} s", figures.time_ns / 1'000'000'000);
  for (std::size_t i = 0; i < figures.state.descriptors.size(); ++i) {
    const DescriptorState& d = figures.state.descriptors[i];
    const Rate rate = rate_of(figures, i);
    text += fmt::format(
        "{} {}: {} packets/s, {:.1f} Mbit/s, {} delivered, {} dropped ({} full, {} lent), {:.3f} "
        "calls/packet",
        i == 0 ? "" : " |", mode_name(capture_.options().modes[i]),
        show_count(static_cast<std::uint64_t>(rate.packets)), rate.bits / 1e6, show_count(d.total.delivered),
        d.total.dropped, d.total.dropped_full, d.total.dropped_lent, rate.calls);
    if (capture_.options().modes[i] == BufferMode::zbuf)
      text += ", the user has " + owned_of(d);
  }
  if (const std::uint64_t lost = lost_by_tap(figures); lost != 0)
    text += fmt::format(" | the tap lost {}", show_count(lost));
  return text + '\n';
}

std::string LiveView::row(const LiveFigures& figures, std::size_t i, bool rates) const {
  const DescriptorState& d = figures.state.descriptors[i];
  const Rate rate = rate_of(figures, i);
  const std::string drops = pad_left(show_count(d.total.dropped), 10);
  std::string text = pad_right(mode_name(capture_.options().modes[i]), 11);
  if (rates)
    text += pad_left(show_count(static_cast<std::uint64_t>(rate.packets)), 12) +
            pad_left(fmt::format("{:.1f}", rate.bits / 1e6), 10);
  text += pad_left(show_count(d.total.delivered), 14) +
          paint(style_, d.total.dropped ? Ink::bad : Ink::plain, drops);
  text += pad_left(fmt::format("{:.3f}", rates ? rate.calls : per(d.total.syscalls, d.total.delivered)), 14);
  if (rates)
    text += "  " + store_of(style_, d) + "  " + paint(style_, Ink::user, owned_of(d));
  else
    text += pad_left(show_count(d.total.dropped_full), 10) + pad_left(show_count(d.total.dropped_lent), 10) +
            pad_left(show_count(d.total.rejected), 12);
  return text;
}

std::string LiveView::table(const LiveFigures& figures, bool rates) const {
  std::string head = pad_right(fmt::format("{} s", figures.time_ns / 1'000'000'000), 11);
  if (rates)
    head += pad_left("packets/s", 12) + pad_left("Mbit/s", 10);
  head += pad_left("delivered", 14) + pad_left("dropped", 10) + pad_left("calls/packet", 14);
  head += rates ? "  store       the user has"
                : pad_left("... full", 10) + pad_left("... lent", 10) + pad_left("filtered", 12);
  std::string text = paint(style_, Ink::faint, head) + '\n';
  for (std::size_t i = 0; i < figures.state.descriptors.size(); ++i)
    text += row(figures, i, rates) + '\n';
  return text;
}

void LiveView::show(const LiveFigures& figures) {
  if (figures.recording_stopped && !std::exchange(told_of_recording_, true)) {
    fmt::print(stderr,
               "The recording cannot go on: what was recorded until now is kept. The capture goes on; "
               "Ctrl-C ends it, and says why.\n");
    drawn_lines_ = 0; // the table comes below
  }
  if (quiet_)
    return;
  if (!terminal_) {
    write(line(figures));
  } else {
    const std::string text = table(figures, true);
    std::string drawn = drawn_lines_ == 0 ? "" : fmt::format("\x1b[{}A", drawn_lines_);
    drawn_lines_ = 0;
    for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1, ++drawn_lines_) {
      end = text.find('\n', at);
      drawn += text.substr(at, end - at) + "\x1b[K\n";
    }
    write(drawn);
  }
  before_ = figures;
}

void LiveView::finish(const LiveCapture::Outcome& outcome) {
  if (quiet_)
    return;
  const LiveFigures& figures = outcome.figures;
  std::string text;
  if (drawn_lines_ != 0)
    text = fmt::format("\x1b[{}A\x1b[J", drawn_lines_);
  text += table(figures, false);
  if (const std::uint64_t left = figures.state.in_buffers();
      left != 0 && outcome.end != LiveCapture::End::limit)
    text += fmt::format("{} were left in buffers\n", show_count(left, "packet"));
  const std::uint64_t lost = lost_by_tap(figures);
  if (lost != 0)
    text += paint(style_, Ink::bad, fmt::format("The tap lost {}.\n", show_count(lost, "packet")));
  else if (figures.tap)
    text += "The tap lost none.\n";
  if (figures.state.lost_events != 0)
    text += fmt::format("{} came too fast to be recorded: from the first one on nothing is checked.\n",
                        show_count(figures.state.lost_events, "event"));
  if (outcome.end == LiveCapture::End::gone)
    text += fmt::format("{} went away: this is all there was.\n", capture_.options().interface);
  if (outcome.end == LiveCapture::End::interrupted)
    text += "Stopped: the files are whole, and marked partial.\n";
  write(text);
}

} // namespace zbuf
