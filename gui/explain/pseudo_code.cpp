// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/explain/pseudo_code.h"

#include "gui/explain/listings.h"
#include "gui/explain/words.h"

#include <string_view>

extern "C" {
#include "kernel/engine/abi.h"
}

namespace zbuf::gui::explain {

namespace {

/// The lines with that tag are marked; the title where there is none, or no tag is asked for.
CodeStep at(Listing listing, std::string_view tag, bool acting) {
  CodeStep step{std::move(listing), 0, 0, acting};
  if (tag.empty())
    return step;
  for (std::size_t i = 0; i < step.listing.lines.size(); ++i)
    if (step.listing.lines[i].tag == tag) {
      step.first = step.first == 0 ? i + 1 : step.first;
      step.last = i + 1;
    }
  return step;
}

CodeStep with_note(CodeStep step, const QString& note) {
  step.note = note;
  return step;
}

// ---- The kernel ----

CodeStep kernel_rotated(const Moment& m) {
  const zb_revision& revision = revision_of(m.now());
  const bool returned = m.has_buffer() && m.buffer_then().published && !m.buffer_then().lent;
  return revision.settles && returned ? at(listings::settle(), "rotate", true)
                                      : at(listings::rotate(revision), "rotate", true);
}

CodeStep kernel_reclaimed(const Moment& m) {
  const zb_revision& revision = revision_of(m.now());
  if (m.event.c == ZB_BY_READ)
    return at(listings::read(), "reclaim", true);
  return at(is_reset(m.event.c) ? listings::reset(revision) : listings::reclaim(revision), "reclaim", true);
}

CodeStep kernel_detached(const Moment& m) {
  if (m.event.c == ZB_BY_DEPARTURE)
    return at(listings::departed(), "detached", true);
  return at(m.event.c == ZB_BY_CLOSE ? listings::close() : listings::set_interface(), "detached", true);
}

/// The function that serves the call.
Listing serving(const zb_revision& revision, std::uint32_t call, std::uint32_t request) {
  switch (call) {
  case ZB_CALL_OPEN:
    return listings::open();
  case ZB_CALL_CLOSE:
    return listings::close();
  case ZB_CALL_READ:
    return listings::read();
  case ZB_CALL_WRITE:
    return listings::write();
  case ZB_CALL_POLL:
    return listings::poll(revision);
  default:
    break;
  }
  switch (request) {
  case ZB_BIOCSETBUFMODE:
    return listings::set_mode();
  case ZB_BIOCSETZBUF:
    return listings::set_zbuf(revision);
  case ZB_BIOCROTZBUF:
    return listings::rotate_zbuf(revision);
  case ZB_BIOCSETIF:
    return listings::set_interface();
  case ZB_BIOCSETF:
  case ZB_BIOCSETFNR:
  case ZB_BIOCSETWF:
    return listings::set_filter();
  case ZB_BIOCFLUSH:
    return listings::reset(revision);
  case ZB_BIOCIMMEDIATE:
    return listings::set_flag();
  case ZB_BIOCSRTIMEOUT:
    return listings::set_timeout(revision);
  default:
    return listings::ioctl();
  }
}

CodeStep kernel_call(const Moment& m) {
  const Event& e = m.event;
  Listing listing = serving(revision_of(m.now()), e.a, e.b);
  if (e.kind == ZB_EV_CALL)
    return at(std::move(listing), {}, true);
  std::string_view tag = "return";
  if (e.a == ZB_CALL_POLL)
    tag = e.d != 0 ? (m.now().attached ? "ready" : "gone") : "sleep";
  else if (e.a == ZB_CALL_READ && e.c == ZB_ENXIO)
    tag = "gone";
  else if (e.a == ZB_CALL_READ && e.c == ZB_EWOULDBLOCK)
    tag = "nonblocking";
  else if (e.a == ZB_CALL_IOCTL && e.b == ZB_BIOCROTZBUF && m.now().hold > ZB_B)
    tag = "nothing";
  else if (e.a == ZB_CALL_OPEN)
    tag = "opened";
  else if (e.a == ZB_CALL_IOCTL && e.b == ZB_BIOCFLUSH)
    tag = "reset";
  CodeStep step = at(std::move(listing), tag, true);
  if (step.first == 0) // it has no such line: its last one
    step.first = step.last = step.listing.lines.size();
  return step;
}

/// While the process does something of its own.
CodeStep kernel_meanwhile(const Moment& m, const DescriptorState& d) {
  if (m.event.kind == ZB_EV_SLEPT || m.event.kind == ZB_EV_RESUMED || d.reader_asleep) {
    const bool read = d.call == ZB_CALL_READ || m.event.a == ZB_CALL_READ;
    return with_note(at(read ? listings::read() : listings::poll(revision_of(d)), "sleep", false),
                     d.reader_asleep ? Captions::tr("the reader sleeps here") : QString());
  }
  return with_note(at(listings::tap(), {}, false),
                   d.attached ? Captions::tr("waits for a packet") : QString());
}

const DescriptorState& looked_at(const Moment& m, std::uint16_t reader) {
  if (m.has_descriptor())
    return m.now();
  static const DescriptorState none{};
  return reader < m.after.descriptors.size() ? m.after.descriptors[reader] : none;
}

// ---- The reader ----

CodeStep reader_event(const Moment& m, bool zero_copy) {
  const Listing listing = zero_copy ? listings::zero_copy_reader() : listings::read_reader();
  switch (m.event.kind) {
  case ZB_EV_LOOKED:
    return at(listing, "look", true);
  case ZB_EV_TOOK:
    return at(listing, "take", true);
  case ZB_EV_HANDLED:
  case ZB_EV_BAD_RECORD:
    return at(listing, "handle", true);
  case ZB_EV_ACKNOWLEDGED:
    return at(listing, "acknowledge", true);
  case ZB_EV_SCRIBBLED:
    return at(listings::process_scribbles(), "scribble", true);
  case ZB_EV_ROUND:
  case ZB_EV_IDLE:
    return at(listing, zero_copy ? "wait" : "read", true);
  default: // asleep, awake
    if (zero_copy)
      return at(listing, "wait", true);
    return m.event.a == ZB_CALL_READ ? at(listing, "read", true)
                                     : at(listings::process_calls(), "poll", true);
  }
}

/// A request that a reader makes while it prepares its descriptor; empty: it never does.
std::string_view preparation(std::uint32_t request) {
  switch (request) {
  case ZB_BIOCSETBUFMODE:
    return "mode";
  case ZB_BIOCSETZBUF:
    return "set_zbuf";
  case ZB_BIOCIMMEDIATE:
    return "immediate";
  case ZB_BIOCSRTIMEOUT:
    return "timeout";
  case ZB_FIONBIO:
    return "nonblocking";
  case ZB_BIOCSETF:
    return "filter";
  case ZB_BIOCSETIF:
    return "interface";
  case ZB_BIOCSBLEN:
    return "open";
  default:
    return {};
  }
}

/// It has not begun to read: whatever it does is preparation.
bool prepares(const DescriptorState& d) {
  return d.total.looks + d.total.polls + d.total.reads == 0 && d.total.received == 0;
}

CodeStep reader_request(const DescriptorState& d, bool zero_copy, std::uint32_t request) {
  if (request == ZB_BIOCROTZBUF && zero_copy)
    return at(listings::zero_copy_reader(), "rotate", false);
  if (const std::string_view tag = preparation(request); prepares(d) && !tag.empty()) {
    CodeStep step =
        at(zero_copy || request == ZB_BIOCSETBUFMODE ? listings::zero_copy_attach() : listings::read_attach(),
           tag, false);
    if (step.first != 0)
      return step;
  }
  return at(listings::process_calls(), "control", false);
}

CodeStep reader_call(const DescriptorState& d, bool zero_copy, std::uint32_t call, std::uint32_t request) {
  switch (call) {
  case ZB_CALL_POLL:
    return zero_copy ? at(listings::zero_copy_reader(), "wait", false)
                     : at(listings::process_calls(), "poll", false);
  case ZB_CALL_READ:
    return zero_copy ? at(listings::process_calls(), "read", false)
                     : at(listings::read_reader(), "read", false);
  case ZB_CALL_WRITE:
    return at(listings::process_calls(), "write", false);
  case ZB_CALL_IOCTL:
    return reader_request(d, zero_copy, request);
  default: // open, close
    return at(zero_copy ? listings::zero_copy_attach() : listings::read_attach(), {}, false);
  }
}

/// Where the reader is, by its state.
CodeStep reader_meanwhile(const Moment& m, const DescriptorState& d, bool zero_copy) {
  const Listing listing = zero_copy ? listings::zero_copy_reader() : listings::read_reader();
  if (d.call != 0) {
    // What it called for is not in the state: that is in the event of the call, not far away.
    std::uint32_t request = 0;
    if (d.call == ZB_CALL_IOCTL && m.recording != nullptr)
      if (const auto n =
              m.recording->next(mask_of({ZB_EV_CALL}), m.index + 1, Recording::Direction::backward,
                                m.has_descriptor() ? std::optional(m.event.descriptor) : std::nullopt))
        request = m.recording->event(*n).b;
    return reader_call(d, zero_copy, d.call, request);
  }
  if (d.reader == ZB_READER_STALLED)
    return with_note(at(listing, "handle", false), Captions::tr("the reader has stopped"));
  const BufferState* const pair[] = {&d.a(), &d.b(), &d.user_copy()};
  for (const BufferState* b : pair)
    if (b->taken && b->unhandled() != 0 && (b == &d.user_copy() || b->lent || b->orphaned))
      return at(listing, "handle", false);
  if (prepares(d) && !d.attached)
    return at(zero_copy ? listings::zero_copy_attach() : listings::read_attach(), {}, false);
  return at(listing, {}, false);
}

} // namespace

/// A kind that is missing does not compile: there is no default.
CodeStep kernel_code(const Moment& m, std::uint16_t reader) {
  const zb_revision& revision = revision_of(m.now());
  const Event& e = m.event;
  switch (kind_of(e)) {
  case ZB_EV_ARRIVED:
    return at(listings::tap(), {}, true);
  case ZB_EV_MISSED:
    return with_note(at(listings::tap(), {}, true), Captions::tr("never comes this far"));
  case ZB_EV_REJECTED:
    return at(listings::tap(), "rejected", true);
  case ZB_EV_ACCEPTED:
    return at(listings::tap(), "accepted", true);
  case ZB_EV_STORED:
    return at(listings::catch_packet(revision), "append", true);
  case ZB_EV_DROPPED:
    return at(listings::catch_packet(revision), e.a == ZB_DROP_GONE ? "gone" : "drop", true);

  case ZB_EV_LOANED:
    return at(listings::set_zbuf(revision), "loaned", true);
  case ZB_EV_ALLOCATED:
    return at(listings::allocate(), "allocated", true);
  case ZB_EV_ROTATED:
    return kernel_rotated(m);
  case ZB_EV_PUBLISHED:
    return at(e.c != 0 ? listings::publish_store() : listings::rotate(revision), "publish", true);
  case ZB_EV_RECLAIMED:
    return kernel_reclaimed(m);
  case ZB_EV_EMPTIED:
    return at(listings::reset(revision), "emptied", true);
  case ZB_EV_WIPED:
    return at(listings::set_zbuf(revision),
              revision.checks_loan_first ? "wiped"
              : e.buffer == ZB_A         ? "wiped_a"
                                         : "wiped_b",
              true);
  case ZB_EV_COPIED_OUT:
    return at(listings::read(), "copy", true);
  case ZB_EV_RESET:
    return at(listings::reset(revision), "reset", true);
  case ZB_EV_UNLOADED:
    return at(m.now().call == ZB_CALL_CLOSE ? listings::close() : listings::allocate(), "unloaded", true);

  case ZB_EV_WOKEN:
    return at(listings::wakeup(), "wake", true);
  case ZB_EV_TIMER_ARMED:
    return at(listings::poll(revision), "arm", true);
  case ZB_EV_TIMER_CANCELLED:
    return at(listings::cancel_timer(), "cancel", true);
  case ZB_EV_TIMED_OUT:
    return at(listings::timer(), "timed_out", true);
  case ZB_EV_OPENED:
    return at(listings::open(), "opened", true);
  case ZB_EV_CLOSED:
    return at(listings::close(), "closed", true);
  case ZB_EV_MODE:
    return at(listings::set_mode(), "mode", true);
  case ZB_EV_ATTACHED:
    return at(listings::set_interface(), "attached", true);
  case ZB_EV_DETACHED:
    return kernel_detached(m);
  case ZB_EV_IMMEDIATE:
    return at(listings::set_flag(), "immediate", true);
  case ZB_EV_TIMEOUT_SET:
    return at(listings::set_timeout(revision), "timeout", true);
  case ZB_EV_FILTER_SET:
    return at(listings::set_filter(), "filter", true);
  case ZB_EV_WROTE:
    return at(listings::write(), "wrote", true);

  case ZB_EV_CALL:
  case ZB_EV_RETURN:
    return kernel_call(m);
  case ZB_EV_IF_GONE:
    return at(listings::departed(), {}, true);

  // The process does something of its own, or nobody does.
  case ZB_EV_NONE:
  case ZB_EV_IF_UP:
  case ZB_EV_IF_DOWN:
  case ZB_EV_LOOKED:
  case ZB_EV_TOOK:
  case ZB_EV_HANDLED:
  case ZB_EV_ACKNOWLEDGED:
  case ZB_EV_BAD_RECORD:
  case ZB_EV_SCRIBBLED:
  case ZB_EV_READER:
  case ZB_EV_SLEPT:
  case ZB_EV_RESUMED:
  case ZB_EV_ROUND:
  case ZB_EV_IDLE:
  case ZB_EV_MARK:
  case ZB_EV_LOST_EVENTS:
  case ZB_EV_END:
    break;
  }
  return kernel_meanwhile(m, looked_at(m, reader));
}

CodeStep reader_code(const Moment& m, std::uint16_t reader) {
  const DescriptorState& d = looked_at(m, reader);
  const bool zero_copy = is_zero_copy(d);
  CodeStep step;
  if (m.event.kind == ZB_EV_CALL || m.event.kind == ZB_EV_RETURN) {
    step = reader_call(d, zero_copy, m.event.a, m.event.b);
    step.acting = true;
    if (m.event.kind == ZB_EV_RETURN && m.event.a == ZB_CALL_READ && !zero_copy && m.event.d == 0)
      step = at(listings::read_reader(), "nothing", true);
  } else if (kind_info(m.event.kind).category == Category::user && m.event.kind != ZB_EV_READER)
    step = reader_event(m, zero_copy);
  else
    step = reader_meanwhile(m, d, zero_copy);
  if (step.note.isEmpty() && m.facts != nullptr) {
    const std::uint16_t number = m.has_descriptor() ? m.event.descriptor : reader;
    if (const ReaderFacts* facts = m.facts->reader(number); facts != nullptr && facts->mode == "script")
      step.note = Captions::tr("a script does the same by hand");
  }
  return step;
}

} // namespace zbuf::gui::explain
