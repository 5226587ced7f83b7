// SPDX-License-Identifier: GPL-3.0-or-later
// core/reader, shortened to one page a reader.
#include "gui/explain/listings.h"

namespace zbuf::gui::explain {

namespace listings {

Listing zero_copy_reader() {
  return {"ZeroCopyReader::next():",
          "core/reader/zero_copy_reader.cpp",
          {{"", "release():"},
           {"acknowledge", "  zb_user_acknowledge(header, generation_)"},
           {"", "  expected_ = the other buffer"},
           {"look", "look():"},
           {"look", "  generation_ = zb_user_kernel_gen(header)"},
           {"look", "  return generation_ != zb_user_user_gen(header)"},
           {"wait", "if not: wait() in poll(2), or spin; look()"},
           {"rotate", "still not: rotate_zbuf(); look()"},
           {"take", "take(): length = zb_user_kernel_len(header)"},
           {"handle", "for each record: handle it"}}};
}

Listing zero_copy_attach() {
  return {"ZeroCopyReader::attach():",
          "core/reader/zero_copy_reader.cpp",
          {{"open", "Loan::allocate(buffer_bytes)"},
           {"mode", "set_buffer_mode(device, BufferMode::zbuf)"},
           {"set_zbuf", "set_zbuf(device, A, B, size)"},
           {"immediate", "set_immediate(device, true)   // if asked for"},
           {"timeout", "set_read_timeout(device, ns)   // if asked for"},
           {"filter", "set_filter(device, program)   // if there is one"},
           {"interface", "set_interface(device, name)"}}};
}

Listing read_reader() {
  return {"ReadReader::next():",
          "core/reader/read_reader.cpp",
          {{"read", "got = device->read(buffer_)"},
           {"nothing", "if (got.value == 0) return nothing"},
           {"take", "return the fill, got.value bytes"},
           {"handle", "for each record: handle it"},
           {"", "release(): nothing, the copy is ours"}}};
}

Listing read_attach() {
  return {"ReadReader::attach():",
          "core/reader/read_reader.cpp",
          {{"open", "set_buffer_length(device, buffer_bytes)"},
           {"immediate", "set_immediate(device, true)   // if asked for"},
           {"timeout", "set_read_timeout(device, ns)"},
           {"nonblocking", "set_nonblocking(device, true)   // to poll"},
           {"filter", "set_filter(device, program)   // if there is one"},
           {"interface", "set_interface(device, name)"}}};
}

Listing process_scribbles() {
  return {"a process that writes what it should not:",
          "kernel/engine/shared_header.h",
          {{"scribble", "zb_user_scribble(header, word, value)"}}};
}

Listing process_calls() {
  return {"a call that next() does not make:",
          "core/device/device.h",
          {{"control", "device->control(request, argument)"},
           {"read", "device->read(buffer)"},
           {"write", "device->write(packet)"},
           {"poll", "device->poll(events, timeout)"}}};
}

} // namespace listings

std::vector<Listing> reader_listings() {
  using namespace listings;
  return {zero_copy_reader(), zero_copy_attach(),  read_reader(),
          read_attach(),      process_scribbles(), process_calls()};
}

} // namespace zbuf::gui::explain
