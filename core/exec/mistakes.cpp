// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/mistakes.h"

#include "core/trace/event.h"

#include <algorithm>
#include <fmt/format.h>

namespace zbuf::exec {

namespace {

char letter(zb_which which) {
  return which == ZB_A ? 'A' : 'B';
}

char other_letter(zb_which which) {
  return which == ZB_A ? 'B' : 'A';
}

std::string seconds(std::uint64_t time_ns) {
  return fmt::format("{}.{:06} s", time_ns / 1'000'000'000, time_ns % 1'000'000'000 / 1000);
}

std::string what_happened(const Mistake& m) {
  const char buffer = letter(m.buffer);
  switch (m.kind) {
  case MistakeKind::acknowledged_not_lent:
    return fmt::format(
        "it acknowledged what it was not lent: it set user_gen of buffer {} to {}, but the last "
        "generation lent there is {}. A buffer is acknowledged once, by setting user_gen to the "
        "kernel_gen that was read, and only while the two differ",
        buffer, m.value, m.expected);
  case MistakeKind::wrote_kernel_word:
    return fmt::format("it wrote a word that is the kernel's: {} of buffer {} became {}, from {}. A program "
                       "writes user_gen and nothing else of the header",
                       m.offset == 0 ? "kernel_gen" : "kernel_len", buffer, m.value, m.expected);
  case MistakeKind::younger_first:
    return fmt::format(
        "it acknowledged the buffers in the wrong order: {} came back while {}, lent before it at {}, "
        "was still out. The kernel waits for the older one, and drops packets meanwhile",
        other_letter(m.buffer), buffer, seconds(m.since_ns));
  case MistakeKind::kept_one:
    return fmt::format(
        "it keeps only one buffer going: {} came back again, but {}, lent before it at {}, never did. "
        "The buffers are lent in turn and are to be read and returned in turn; {} packets were "
        "dropped since",
        other_letter(m.buffer), buffer, seconds(m.since_ns), m.dropped);
  case MistakeKind::never_acknowledged:
    return fmt::format(
        "it never acknowledged: buffer {} was lent to it then, and neither buffer ever came back; {} "
        "packets were dropped. Set user_gen to kernel_gen when the records have been read",
        buffer, m.dropped);
  case MistakeKind::touched_not_owned:
    return m.was_lent_before
               ? fmt::format("it read on after acknowledging: it touched byte {} of buffer {}, which it had "
                             "given back "
                             "and the kernel may be filling. Acknowledge after the last record has been read",
                             m.offset, buffer)
               : fmt::format(
                     "it touched byte {} of buffer {}, which had not been lent to it yet. Look at the "
                     "generations first: they differ while the buffer is the program's",
                     m.offset, buffer);
  case MistakeKind::read_past_length:
    return fmt::format(
        "it read past the end: it touched byte {} of buffer {}, but the records end at byte {} (32 of "
        "header, and kernel_len). What lies behind is old",
        m.offset, buffer, m.expected);
  }
  return {};
}

} // namespace

std::string mistake_sentence(const Mistake& mistake) {
  return fmt::format("at {} {}{}.", seconds(mistake.first_ns), what_happened(mistake),
                     mistake.count > 1 ? fmt::format(" ({} times in all)", mistake.count) : "");
}

LoanWatch::LoanWatch(std::array<const zb_shared_header*, 2> headers, const LoanNotes* notes,
                     std::uint64_t clock_start_ns, Emit emit, Dropped dropped)
    : notes_(notes), clock_start_ns_(clock_start_ns), emit_(std::move(emit)), dropped_(std::move(dropped)) {
  for (const zb_which which : {ZB_A, ZB_B})
    buffers_[which].header = headers[which];
  wiped();
}

void LoanWatch::wiped() {
  for (Buffer& b : buffers_) {
    b.kernel_gen = b.lent_gen = zb_header_kernel_gen(b.header);
    b.kernel_len = zb_header_kernel_len(b.header);
    b.user_gen = zb_header_user_gen(b.header);
    b.lent = false;
    b.overtaken_ns.reset();
  }
}

void LoanWatch::emit(zb_event_kind kind, zb_which which, std::uint32_t a, std::uint32_t b,
                     std::uint32_t c) const {
  Event event = blank_event(kind);
  event.buffer = static_cast<std::uint8_t>(which);
  event.a = a;
  event.b = b;
  event.c = c;
  emit_(event);
}

void LoanWatch::note(Mistake mistake) {
  const auto known = std::find_if(mistakes_.begin(), mistakes_.end(), [&](const Mistake& m) {
    return m.kind == mistake.kind && m.buffer == mistake.buffer;
  });
  if (known != mistakes_.end())
    ++known->count;
  else
    mistakes_.push_back(mistake);
}

// ---- The program's doings ----

void LoanWatch::program_wrote(zb_which which, std::uint64_t now_ns) {
  Buffer& b = buffers_[which];
  const std::uint32_t user_gen = zb_header_user_gen(b.header);
  const std::uint32_t kernel_gen = zb_header_kernel_gen(b.header);
  const std::uint32_t kernel_len = zb_header_kernel_len(b.header);
  if (user_gen != b.user_gen)
    user_gen_changed(which, user_gen, now_ns);
  if (kernel_gen != b.kernel_gen)
    scribbled(which, 0, kernel_gen, b.kernel_gen, now_ns);
  if (kernel_len != b.kernel_len)
    scribbled(which, 1, kernel_len, b.kernel_len, now_ns);
  b.kernel_gen = kernel_gen;
  b.kernel_len = kernel_len;
}

void LoanWatch::scribbled(zb_which which, unsigned word, std::uint32_t value, std::uint32_t before,
                          std::uint64_t now_ns) {
  emit(ZB_EV_SCRIBBLED, which, word, value, before);
  Mistake mistake{MistakeKind::wrote_kernel_word, which, now_ns};
  mistake.value = value;
  mistake.expected = before;
  mistake.offset = word;
  note(mistake);
}

void LoanWatch::user_gen_changed(zb_which which, std::uint32_t value, std::uint64_t now_ns) {
  Buffer& b = buffers_[which];
  const std::uint32_t before = b.user_gen;
  b.user_gen = value;
  if (!b.lent || value != b.lent_gen) {
    emit(ZB_EV_SCRIBBLED, which, 2, value, before);
    Mistake mistake{MistakeKind::acknowledged_not_lent, which, now_ns};
    mistake.value = value;
    mistake.expected = b.lent_gen;
    note(mistake);
    return;
  }
  // Who returns a fill has taken it; when, cannot be seen.
  emit(ZB_EV_TOOK, which, b.kernel_len, b.lent_gen);
  emit(ZB_EV_ACKNOWLEDGED, which, value, b.lent_gen);
  b.lent = false;
  ++b.acknowledged;
  Buffer& other = buffers_[which ^ 1];
  if (other.lent && other.lent_number < b.lent_number && !other.overtaken_ns) {
    // Perhaps both came back since the kernel was entered last: then the order cannot be seen.
    if (zb_header_user_gen(other.header) != other.lent_gen)
      other.overtaken_ns = now_ns;
  }
  if (b.overtaken_ns) {
    Mistake mistake{MistakeKind::younger_first, which, *b.overtaken_ns};
    mistake.since_ns = b.lent_ns;
    note(mistake);
    b.overtaken_ns.reset();
  }
}

// ---- The kernel's ----

void LoanWatch::kernel_wrote(zb_which which, std::uint64_t now_ns) {
  Buffer& b = buffers_[which];
  const std::uint32_t kernel_gen = zb_header_kernel_gen(b.header);
  if (kernel_gen == b.kernel_gen)
    return; // the program was at it meanwhile: before() will see to that
  b.kernel_gen = b.lent_gen = kernel_gen;
  b.kernel_len = zb_header_kernel_len(b.header);
  b.lent_ns = now_ns;
  b.lent_number = ++publications_;
  b.dropped_then = dropped_();
  ++b.published;
  b.overtaken_ns.reset();
  // Acknowledged ahead of time: it is not lent at all.
  b.lent = b.user_gen != kernel_gen;
}

// ---- At the end ----

void LoanWatch::add_touches(std::vector<Mistake>& all) const {
  if (notes_ == nullptr)
    return;
  const auto add = [&](MistakeKind kind, zb_which which, const Touch& touch) {
    if (touch.count == 0)
      return;
    Mistake mistake{kind, which, touch.first_ns - std::min(touch.first_ns, clock_start_ns_), touch.count};
    mistake.offset = touch.offset & 0xffffffff;
    mistake.expected = static_cast<std::uint32_t>(touch.offset >> 32);
    mistake.was_lent_before = notes_->given_back[which] != 0;
    all.push_back(mistake);
  };
  for (const zb_which which : {ZB_A, ZB_B}) {
    add(MistakeKind::touched_not_owned, which, notes_->not_owned[which]);
    add(MistakeKind::read_past_length, which, notes_->past_length[which]);
  }
}

std::vector<Mistake> LoanWatch::mistakes(std::uint64_t now_ns) const {
  constexpr std::uint64_t long_ns = 1'000'000'000; // who has not looked since may still be at the first fill
  std::vector<Mistake> all = mistakes_;
  add_touches(all);
  const std::uint64_t dropped = dropped_();
  const Buffer& first = buffers_[ZB_A];
  for (const zb_which which : {ZB_A, ZB_B}) {
    const Buffer& b = buffers_[which];
    if (!b.lent || !b.overtaken_ns || dropped == b.dropped_then)
      continue;
    Mistake mistake{MistakeKind::kept_one, which, *b.overtaken_ns};
    mistake.since_ns = b.lent_ns;
    mistake.dropped = dropped - b.dropped_then;
    all.push_back(mistake);
  }
  const bool done_with_it = asked_in_vain_ || now_ns - first.lent_ns > long_ns;
  if (acknowledged() == 0 && first.lent && mistakes_.empty() && dropped > first.dropped_then &&
      done_with_it) {
    Mistake mistake{MistakeKind::never_acknowledged, ZB_A, first.lent_ns};
    mistake.dropped = dropped - first.dropped_then;
    all.push_back(mistake);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Mistake& x, const Mistake& y) { return x.first_ns < y.first_ns; });
  return all;
}

} // namespace zbuf::exec
