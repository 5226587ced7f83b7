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
        "generation lent there is {}",
        buffer, m.value, m.expected);
  case MistakeKind::acknowledged_by_counting:
    return fmt::format(
        "it acknowledged by counting: it added to user_gen of buffer {} instead of storing the "
        "kernel_gen that it had read",
        buffer);
  case MistakeKind::wrote_kernel_word:
    return fmt::format("it wrote a word that is the kernel's: {} of buffer {} became {}, from {}",
                       m.offset == 0 ? "kernel_gen" : "kernel_len", buffer, m.value, m.expected);
  case MistakeKind::cleared_header:
    return fmt::format(
        "it cleared the header of buffer {}: kernel_gen became 0, from {}, and with it what was "
        "lent and given back",
        buffer, m.expected);
  case MistakeKind::younger_first:
    return fmt::format(
        "it acknowledged the buffers in the wrong order: {} came back while {}, lent before it "
        "at {}, was still out",
        other_letter(m.buffer), buffer, seconds(m.since_ns));
  case MistakeKind::kept_one:
    return fmt::format(
        "it keeps only one buffer going: {} came back again, but {}, lent before it at {}, never "
        "did; {} packets were dropped since",
        other_letter(m.buffer), buffer, seconds(m.since_ns), m.dropped);
  case MistakeKind::never_acknowledged:
    return fmt::format("it never acknowledged: buffer {} was lent to it then, and neither buffer ever came "
                       "back; {} packets were dropped",
                       buffer, m.dropped);
  case MistakeKind::stopped_acknowledging:
    return fmt::format(
        "it stopped giving buffers back: after {} that it acknowledged, {} was lent to it then, "
        "it asked {} times for more, and nothing came back; {} packets were dropped",
        m.expected, buffer, m.value, m.dropped);
  case MistakeKind::believed_rotzbuf:
    return fmt::format("it believes BIOCROTZBUF and not the generations: {} was lent to it then, it called "
                       "BIOCROTZBUF {} times since, and never took it; {} packets were dropped",
                       buffer, m.value, m.dropped);
  case MistakeKind::waited_for_both:
    return fmt::format(
        "it kept a buffer until both were full: {} of {} fills were left alone, though it asked "
        "for packets meanwhile, until the other buffer was lent as well; {} packets were dropped",
        m.value, m.expected, m.dropped);
  case MistakeKind::ignored_generations:
    return fmt::format(
        "it took a buffer without a look at its generations: the first that it read of buffer {} "
        "since it gave that back was byte {}, {}",
        buffer, m.offset, m.offset < ZB_HEADER_SIZE ? "kernel_len" : "behind the header");
  case MistakeKind::read_unlent:
  case MistakeKind::wrote_unlent:
    return fmt::format("it {} byte {} of buffer {}, which had not been lent to it yet",
                       m.kind == MistakeKind::read_unlent ? "read" : "wrote to", m.offset, buffer);
  case MistakeKind::read_after_return:
    return fmt::format(
        "it read on after acknowledging: it read byte {} of buffer {}, which it had given back "
        "and the kernel may be filling",
        m.offset, buffer);
  case MistakeKind::wrote_after_return:
    return fmt::format(
        "it wrote after acknowledging: it wrote to byte {} of buffer {}, which it had given back "
        "and the kernel may be filling",
        m.offset, buffer);
  case MistakeKind::read_past_length:
    return fmt::format(
        "it read past the end: it touched byte {} of buffer {}, but the records end at byte {} "
        "(32 of header, and kernel_len)",
        m.offset, buffer, m.expected);
  case MistakeKind::walked_unaligned:
    return fmt::format(
        "it walked the records without BPF_WORDALIGN: in buffer {} it looked for one at byte {}, "
        "where none begins",
        buffer, m.offset);
  case MistakeKind::walked_by_sizeof:
    return fmt::format(
        "it took sizeof(struct bpf_hdr) for bh_hdrlen: in buffer {} it looked for a record at byte "
        "{}, where none begins",
        buffer, m.offset);
  case MistakeKind::walked_by_datalen:
    return fmt::format(
        "it took bh_datalen for bh_caplen: it read the one and not the other of the record at byte "
        "{} of buffer {}",
        m.offset, buffer);
  case MistakeKind::forgot_header:
    return fmt::format("it took the header of buffer {} for a record", buffer);
  case MistakeKind::wiped_loan:
    return "it called BIOCSETZBUF a second time: that was refused with EINVAL, and has wiped the headers all "
           "the "
           "same, so that what was lent and not yet read is lost";
  case MistakeKind::aliased_buffers:
    return m.value == 0
               ? "it lent the same memory twice: buffers A and B are one"
               : fmt::format("it lent buffers that overlap: A and B have {} bytes in common", m.value);
  case MistakeKind::lent_stack:
    return fmt::format(
        "it lent memory of its stack: buffer {} is a variable of a function, or of one that it "
        "was called from",
        buffer);
  case MistakeKind::unmapped_loan:
    return fmt::format(
        "it unmapped what is lent: byte {} of buffer {} went, and the kernel still writes there", m.offset,
        buffer);
  case MistakeKind::remapped_loan:
    return fmt::format("it put other memory over what is lent, or moved it: from byte {} of buffer {} on",
                       m.offset, buffer);
  case MistakeKind::freed_loan:
    return fmt::format(
        "it freed what is lent: buffer {} lies in memory that it gave to free(3) or realloc(3)", buffer);
  case MistakeKind::refused_call:
    return m.text;
  }
  return {};
}

} // namespace

std::string mistake_sentence(const Mistake& mistake) {
  return fmt::format("at {} {}{}{}{}.", seconds(mistake.first_ns), what_happened(mistake),
                     mistake.count > 1 ? fmt::format(" ({} times in all)", mistake.count) : "",
                     mistake.harmless ? "" : ". ", mistake.harmless ? "" : mistake_info(mistake.kind).advice);
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
  if (kernel_gen != b.kernel_gen && kernel_gen == 0 && user_gen == 0 && kernel_len == 0) {
    emit(ZB_EV_SCRIBBLED, which, 0, 0, b.kernel_gen);
    Mistake mistake{MistakeKind::cleared_header, which, now_ns};
    mistake.expected = b.kernel_gen;
    note(mistake);
    b.kernel_gen = b.kernel_len = b.user_gen = 0;
    return;
  }
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
  note_patience(which);
  b.lent = false;
  ++b.acknowledged;
  asks_[0] = asks_[1] = 0;
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

/// A fill came back: was it left alone until the other buffer was full, too?
void LoanWatch::note_patience(zb_which which) {
  Buffer& b = buffers_[which];
  const Buffer& other = buffers_[which ^ 1];
  if (notes_ == nullptr || b.lent_number == waited_for_)
    return;
  const std::uint64_t opened_ns = notes_->opened_ns[which];
  const bool older = both_lent_ && b.lent_number < other.lent_number;
  if (older && opened_ns >= clock_start_ns_ + other.lent_ns) {
    waited_for_ = other.lent_number;
    if (b.asks_alone == 0)
      return; // both came at once
    if (waited_++ == 0) {
      waited_ns_ = b.lent_ns;
      dropped_waiting_ = b.dropped_then;
    }
  } else if (older || !both_lent_) {
    ++prompt_;
  }
}

void LoanWatch::asked(Ask how) {
  const Buffer& a = buffers_[ZB_A];
  const Buffer& b = buffers_[ZB_B];
  if (a.lent || b.lent)
    ++asks_[static_cast<unsigned>(how)];
  if (a.lent != b.lent)
    ++buffers_[a.lent ? ZB_A : ZB_B].asks_alone;
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
  b.asks_alone = 0;
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
    all.push_back(mistake);
  };
  // Who looks now and then may have another way to know; who never does has none.
  const bool ignores = notes_->looked[ZB_A] + notes_->looked[ZB_B] == 0 &&
                       notes_->unlooked[ZB_A].count + notes_->unlooked[ZB_B].count > 1;
  for (const zb_which which : {ZB_A, ZB_B}) {
    const bool before = notes_->given_back[which] != 0;
    if (ignores)
      add(MistakeKind::ignored_generations, which, notes_->unlooked[which]);
    else
      add(before ? MistakeKind::read_after_return : MistakeKind::read_unlent, which,
          notes_->read_not_owned[which]);
    add(before ? MistakeKind::wrote_after_return : MistakeKind::wrote_unlent, which,
        notes_->wrote_not_owned[which]);
    add(MistakeKind::read_past_length, which, notes_->past_length[which]);
    for (unsigned i = 0; i < std::size(notes_->walked); ++i)
      add(static_cast<MistakeKind>(static_cast<unsigned>(MistakeKind::walked_unaligned) + i), which,
          notes_->walked[i][which]);
    add(MistakeKind::acknowledged_by_counting, which, notes_->counted[which]);
  }
}

void LoanWatch::add_kept(std::vector<Mistake>& all) const {
  const std::uint64_t dropped = dropped_();
  for (const zb_which which : {ZB_A, ZB_B}) {
    const Buffer& b = buffers_[which];
    if (!b.lent || !b.overtaken_ns || dropped == b.dropped_then)
      continue;
    Mistake mistake{MistakeKind::kept_one, which, *b.overtaken_ns};
    mistake.since_ns = b.lent_ns;
    mistake.dropped = dropped - b.dropped_then;
    all.push_back(mistake);
  }
  if (waited_ > 1 && waited_ > 4 * prompt_ && dropped > dropped_waiting_) {
    Mistake mistake{MistakeKind::waited_for_both, ZB_NO_BUFFER, waited_ns_};
    mistake.value = static_cast<std::uint32_t>(waited_);
    mistake.expected = static_cast<std::uint32_t>(published());
    mistake.dropped = dropped - dropped_waiting_;
    all.push_back(mistake);
  }
}

/// What came in is left lying. Who has not asked since may still be at it; who asks for more is not.
void LoanWatch::add_idleness(std::vector<Mistake>& all, std::uint64_t now_ns) const {
  constexpr std::uint64_t many = 3; // one may be on its way when a fill is published, of each of two threads
  constexpr std::uint64_t while_ns = 200'000'000;
  constexpr std::uint64_t long_ns = 1'000'000'000;
  const Buffer* oldest = nullptr;
  for (const Buffer& b : buffers_)
    if (b.lent && (oldest == nullptr || b.lent_number < oldest->lent_number))
      oldest = &b;
  const std::uint64_t dropped = dropped_();
  if (oldest == nullptr || !mistakes_.empty() || dropped == oldest->dropped_then || oldest->overtaken_ns)
    return;
  const bool never = acknowledged() == 0;
  const std::uint64_t asks = asks_[0] + asks_[1];
  const std::uint64_t since_ns = now_ns - oldest->lent_ns;
  if (never ? asks < many && since_ns <= long_ns : asks < many || since_ns <= while_ns)
    return;
  const bool believes = asks >= many && asks_[static_cast<unsigned>(Ask::rotzbuf)] > asks / 2;
  Mistake mistake{believes ? MistakeKind::believed_rotzbuf
                  : never  ? MistakeKind::never_acknowledged
                           : MistakeKind::stopped_acknowledging,
                  oldest == &buffers_[ZB_A] ? ZB_A : ZB_B, oldest->lent_ns};
  mistake.value = static_cast<std::uint32_t>(believes ? asks_[static_cast<unsigned>(Ask::rotzbuf)] : asks);
  mistake.expected = static_cast<std::uint32_t>(acknowledged());
  mistake.dropped = dropped - oldest->dropped_then;
  all.push_back(mistake);
}

std::vector<Mistake> LoanWatch::mistakes(std::uint64_t now_ns) const {
  std::vector<Mistake> all = mistakes_;
  add_touches(all);
  add_kept(all);
  add_idleness(all, now_ns);
  std::stable_sort(all.begin(), all.end(),
                   [](const Mistake& x, const Mistake& y) { return x.first_ns < y.first_ns; });
  return all;
}

} // namespace zbuf::exec
