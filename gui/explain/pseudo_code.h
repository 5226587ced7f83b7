// SPDX-License-Identifier: GPL-3.0-or-later
// The code that runs at an event, on both sides, shortened to what matters, with the current lines marked.
//
// The kernel's side is kernel/engine, the reader's core/reader, with their own names: who looks them up finds
// these lines there, in this order. What a revision does differently is different here.
#pragma once

#include "gui/explain/caption.h"

#include <QString>

#include <vector>

extern "C" {
#include "kernel/engine/revision.h"
}

namespace zbuf::gui::explain {

struct CodeLine {
  const char* tag;  ///< by which it is found; empty for most
  const char* text; ///< indented by two a level
};

struct Listing {
  const char* title; ///< "zb_rotate(d):"
  const char* file;  ///< "kernel/engine/slots.c"; empty where it is no file of ours
  std::vector<CodeLine> lines;
};

/// One side's code at an event.
struct CodeStep {
  Listing listing{};
  std::size_t first = 0; ///< marked lines: first .. last; 0 is the title
  std::size_t last = 0;
  bool acting = false; ///< the event is this side's step; otherwise this is where it is meanwhile
  QString note{};      ///< "waits for a packet"; may be empty
};

/// The kernel's side. `reader`: the descriptor whose reader is looked at, for events that have none of their
/// own.
[[nodiscard]] CodeStep kernel_code(const Moment& moment, std::uint16_t reader);
/// The reader's side.
[[nodiscard]] CodeStep reader_code(const Moment& moment, std::uint16_t reader);

// All of them, for tests and for an index.
[[nodiscard]] std::vector<Listing> kernel_listings(const zb_revision& revision);
[[nodiscard]] std::vector<Listing> reader_listings();

} // namespace zbuf::gui::explain
