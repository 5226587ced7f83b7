// SPDX-License-Identifier: GPL-3.0-or-later
// kernel/engine, shortened: locks, events and arithmetic are left out, names and order are kept.
#include "gui/explain/listings.h"

namespace zbuf::gui::explain {

namespace listings {

Listing tap() {
  return {"zb_tap(d, packet):",
          "kernel/engine/tap.c",
          {{"received", "d->count.received++"},
           {"filter", "snap = filter_run(d->read_filter, packet)"},
           {"rejected", "if (snap == 0) return"},
           {"accepted", "d->count.matched++"},
           {"catch", "catch_packet(d, packet, snap)"}}};
}

Listing catch_packet(const zb_revision& revision) {
  Listing listing{"catch_packet(d, packet, snap):", "kernel/engine/tap.c", {}};
  if (revision.drops_when_gone)
    listing.lines.push_back({"gone", "if (!d->attached) drop(d, GONE)"});
  if (revision.settles)
    listing.lines.push_back({"reclaim", "zb_settle(d)"});
  else
    listing.lines.push_back({"reclaim", "if (d->free == NULL && zb_can_free(d)) zb_reclaim(d)"});
  const std::vector<CodeLine> rest{
      {"", "at = ZB_WORDALIGN(d->store_length)"},
      {"", revision.publish_once ? "if (!fits || !zb_can_write(d))" : "if (!fits)"},
      {"", "  if (d->free == NULL)"},
      {"publish_store", "    zb_publish_store(d)"},
      {"drop", "    drop(d, why); return"},
      {"rotate", "  zb_rotate(d); at = 0"},
      {"append", "append(d, packet, at)"},
      {"wakeup", "if (wake) zb_wakeup(d)"}};
  for (const CodeLine& line : rest)
    if (revision.publish_once || std::string_view(line.tag) != "publish_store")
      listing.lines.push_back(line);
  return listing;
}

Listing rotate(const zb_revision& revision) {
  Listing listing{"zb_rotate(d):",
                  "kernel/engine/slots.c",
                  {{"rotate", "d->hold = d->store"},
                   {"rotate", "d->hold_length = d->store_length"},
                   {"rotate", "d->store = d->free"},
                   {"rotate", "d->store_length = 0"},
                   {"rotate", "d->free = NULL"},
                   {"", "publish(d, d->hold, d->hold_length):"}}};
  if (revision.publish_once)
    listing.lines.push_back({"", "  if (b->lent) return"});
  listing.lines.push_back({"", "  b->lent = true"});
  listing.lines.push_back({"length", "  ZB_STORE_RELAXED(kernel_len, length)"});
  listing.lines.push_back({"publish", "  ZB_STORE_RELEASE(kernel_gen, gen + 1)"});
  return listing;
}

Listing publish_store() {
  return {"zb_publish_store(d):",
          "kernel/engine/slots.c",
          {{"", "publish(d, d->store, d->store_length):"},
           {"", "  if (b->lent) return"},
           {"", "  b->lent = true"},
           {"length", "  ZB_STORE_RELAXED(kernel_len, length)"},
           {"publish", "  ZB_STORE_RELEASE(kernel_gen, gen + 1)"}}};
}

Listing reclaim(const zb_revision& revision) {
  return {
      "zb_reclaim(d):",
      "kernel/engine/slots.c",
      {{"", "zb_can_free(d):"},
       {"asked", revision.private_generation ? "  return zb_header_user_gen(h) == b->generation"
                                             : "  return zb_header_user_gen(h) == zb_header_kernel_gen(h)"},
       {"reclaim", "d->free = d->hold"},
       {"reclaim", "d->hold = NULL; d->hold_length = 0"},
       {"", revision.free_test_clears_flag ? "// b->lent was cleared by zb_can_free()"
                                           : "d->free->lent = false"}}};
}

Listing settle() {
  return {"zb_settle(d):",
          "kernel/engine/slots.c",
          {{"", "if (zb_can_free(d))"},
           {"reclaim", "  zb_reclaim(d)"},
           {"", "if (d->hold == NULL && d->store->lent &&"},
           {"", "    zb_buffer_acknowledged(d->store))"},
           {"rotate", "  zb_rotate(d)"},
           {"reclaim_store", "  zb_reclaim(d)"}}};
}

Listing reset(const zb_revision& revision) {
  Listing listing{"zb_reset(d):", "kernel/engine/slots.c", {}};
  if (revision.settles)
    listing.lines.push_back({"", "zb_settle(d)"});
  listing.lines.push_back({"", revision.reset_takes_hold_back
                                   ? "if (d->hold != NULL)"
                                   : "if (d->hold != NULL && (read(2) mode || zb_can_free(d)))"});
  listing.lines.push_back({"reclaim", "  zb_reclaim(d)"});
  listing.lines.push_back(
      {"", revision.reset_empties_published_store ? "if (d->store != NULL)" : "if (zb_can_write(d))"});
  listing.lines.push_back({"emptied", "  empty_store(d)"});
  listing.lines.push_back({"reset", "d->count = 0"});
  return listing;
}

Listing poll(const zb_revision& revision) {
  return {"zb_poll(d, events):",
          "kernel/engine/wait.c",
          {{"gone", revision.poll_detached_returns_errno ? "if (!d->attached) return ENXIO"
                                                         : "if (!d->attached) return events"},
           {"asked", "if (zb_ready(d))"},
           {"ready", "  return POLLIN"},
           {"", "if (d->timeout_ticks > 0 && d->wait_state == ZB_IDLE)"},
           {"arm", "  timer_arm(d->timeout_ticks)"},
           {"sleep", "return 0   // who called may sleep"}}};
}

Listing read() {
  return {"zb_read(d, user, length):",
          "kernel/engine/wait.c",
          {{"cancel", "timed_out = zb_cancel_timer(d)"},
           {"", "while (d->hold == NULL)   // wait_for_hold()"},
           {"", "  if (d->store_length && (d->immediate || timed_out))"},
           {"rotate", "    zb_rotate(d)"},
           {"gone", "  if (!d->attached) return ENXIO"},
           {"nonblocking", "  if (d->nonblocking) return EWOULDBLOCK"},
           {"sleep", "  sleep(d->timeout_ticks)"},
           {"copy", "copy_out(d->hold, user, d->hold_length)"},
           {"reclaim", "zb_reclaim(d)"},
           {"return", "return"}}};
}

Listing timer() {
  return {"zb_timer(d):",
          "kernel/engine/wait.c",
          {{"", "if (d->wait_state == ZB_WAITING)"},
           {"timed_out", "  d->wait_state = ZB_TIMED_OUT"},
           {"", "  if (d->store_length != 0)"},
           {"wakeup", "    zb_wakeup(d)"}}};
}

Listing wakeup() {
  return {"zb_wakeup(d, cause):",
          "kernel/engine/wait.c",
          {{"", "if (d->wait_state == ZB_WAITING)"},
           {"cancel", "  zb_cancel_timer(d)"},
           {"wake", "d->host->wake()"}}};
}

Listing cancel_timer() {
  return {"zb_cancel_timer(d):",
          "kernel/engine/wait.c",
          {{"", "if (d->wait_state == ZB_WAITING)"},
           {"", "  timer_cancel()"},
           {"cancel", "d->wait_state = ZB_IDLE"}}};
}

Listing ioctl() {
  return {"zb_ioctl(d, request, data):",
          "kernel/engine/ioctl.c",
          {{"cancel", "zb_cancel_timer(d)"},
           {"", "if (d->locked && (row->rules & ZB_WHEN_LOCKED) == 0)"},
           {"refused", "  return EPERM"},
           {"return", "return row->handler(d, data)"}}};
}

Listing set_mode() {
  return {"set_mode(d, mode):",
          "kernel/engine/ioctl.c",
          {{"", "if (mode == ZBUF && !zerocopy_enable) return EINVAL"},
           {"", "if (zb_has_buffers(d) || d->attached) return EBUSY"},
           {"mode", "d->mode = mode"},
           {"return", "return 0"}}};
}

Listing set_timeout(const zb_revision& revision) {
  Listing listing{"set_timeout(d, tv):", "kernel/engine/ioctl.c", {{"", "ticks = usec * hz"}}};
  if (revision.timeout_rounding == ZB_ROUND_UP)
    listing.lines.push_back({"", "ticks += 999999   // rounds up"});
  listing.lines.push_back({"", "ticks = sec * hz + ticks / 1000000"});
  if (revision.timeout_rounding == ZB_ROUND_AT_LEAST_ONE)
    listing.lines.push_back({"", "if (ticks == 0 && usec > 0) ticks = 1"});
  listing.lines.push_back({"timeout", "d->timeout_ticks = ticks"});
  listing.lines.push_back({"return", "return 0"});
  return listing;
}

Listing set_flag() {
  return {"set_immediate(d, value):",
          "kernel/engine/ioctl.c",
          {{"immediate", "d->immediate = value != 0"}, {"return", "return 0"}}};
}

Listing set_zbuf(const zb_revision& revision) {
  if (revision.checks_loan_first)
    return {"zb_set_zbuf(d, bufa, bufb, buflen):",
            "kernel/engine/memory.c",
            {{"", "check_loan(d)   // everything, before any touch"},
             {"", "take_loan(A); take_loan(B)   // wire the pages"},
             {"", "check_vacant(d)"},
             {"loaned", "install_buffers: store = A, free = B"},
             {"wiped", "wipe(A); wipe(B)   // headers to 0"},
             {"return", "return"}}};
  return {"zb_set_zbuf(d, bufa, bufb, buflen):",
          "kernel/engine/memory.c",
          {{"", "check_loan(d)   // mode, addresses"},
           {"wiped_a", "take_loan(A): check_range, wire, wipe"},
           {"wiped_b", "take_loan(B): check_range, wire, wipe"},
           {"", "check_vacant(d)   // only now"},
           {"loaned", "install_buffers: store = A, free = B"},
           {"return", "return"}}};
}

Listing rotate_zbuf(const zb_revision& revision) {
  Listing listing{"zb_rotate_zbuf(d):", "kernel/engine/memory.c", {}};
  if (revision.settles)
    listing.lines.push_back({"", "zb_settle(d)"});
  listing.lines.push_back({"", "if (d->hold != NULL || d->store_length == 0)"});
  listing.lines.push_back({"nothing", "  return   // nothing is handed over"});
  if (revision.settles)
    listing.lines.push_back({"", "if (d->store->lent) return"});
  listing.lines.push_back({"rotate", "zb_rotate(d)"});
  listing.lines.push_back({"return", "return d->hold, d->hold_length"});
  return listing;
}

Listing allocate() {
  return {"zb_allocate_buffers(d, size):",
          "kernel/engine/memory.c",
          {{"", "allocate_pair(d, size)"},
           {"unloaded", "zb_take_buffers_out(d)   // old ones, if any"},
           {"allocated", "install_buffers: store = A, free = B"},
           {"return", "return"}}};
}

Listing set_interface() {
  return {"zb_set_interface(d, name):",
          "kernel/engine/attach.c",
          {{"", "find(name)"},
           {"", "provide_buffers(d)   // read(2) mode only"},
           {"", "if (d->store == NULL) return EINVAL"},
           {"", "move_to(d, link):"},
           {"detached", "  zb_detach(d)"},
           {"attached", "  attach(d, link)"},
           {"reset", "  zb_reset(d)"},
           {"return", "return"}}};
}

Listing set_filter() {
  return {"zb_set_filter(d, request, program):",
          "kernel/engine/filter.c",
          {{"", "load_program(d, program)   // copy in, check"},
           {"filter", "d->read_filter = filter"},
           {"reset", "if (resets) zb_reset(d)"},
           {"return", "return"}}};
}

Listing departed() {
  return {"zb_departed(d, interface):",
          "kernel/engine/attach.c",
          {{"detached", "d->attached = false"}, {"wakeup", "zb_wakeup(d)"}}};
}

Listing open() {
  return {"zb_open(d, how):",
          "kernel/engine/descriptor.c",
          {{"opened", "d->mode = ZB_BUFMODE_BUFFER"},
           {"opened", "d->buffer_size = net.bpf.bufsize"},
           {"opened", "d->store = d->hold = d->free = NULL"}}};
}

Listing close() {
  return {"zb_close(d):",
          "kernel/engine/descriptor.c",
          {{"cancel", "zb_cancel_timer(d)"},
           {"detached", "zb_detach(d)"},
           {"unloaded", "zb_take_buffers_out(d)"},
           {"closed", "zb_return_buffers(d)   // unwire, or free"}}};
}

Listing write() {
  return {"zb_write(d, user, length):",
          "kernel/engine/descriptor.c",
          {{"", "check_write(d, length)   // attached, up, fits"},
           {"", "frame_in(user, length)"},
           {"", "filter_write(d, frame)"},
           {"wrote", "frame_send(d->link, frame)"},
           {"return", "return"}}};
}

} // namespace listings

std::vector<Listing> kernel_listings(const zb_revision& revision) {
  using namespace listings;
  return {tap(),
          catch_packet(revision),
          rotate(revision),
          publish_store(),
          reclaim(revision),
          settle(),
          reset(revision),
          poll(revision),
          read(),
          timer(),
          wakeup(),
          cancel_timer(),
          ioctl(),
          set_mode(),
          set_timeout(revision),
          set_flag(),
          set_zbuf(revision),
          rotate_zbuf(revision),
          allocate(),
          set_interface(),
          set_filter(),
          departed(),
          open(),
          close(),
          write()};
}

} // namespace zbuf::gui::explain
