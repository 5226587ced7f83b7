// SPDX-License-Identifier: GPL-3.0-or-later
// The names that captions are made of: buffers, packets, calls, and what a recording says of its run.
#pragma once

#include "gui/explain/caption.h"
#include "gui/explain/run_facts.h"
#include "gui/theme/format.h"

#include <QCoreApplication>

extern "C" {
#include "kernel/engine/revision.h"
}

namespace zbuf::gui::explain {

/// The context of their translations.
struct Captions {
  Q_DECLARE_TR_FUNCTIONS(Captions)
};

/// "A", "B", "the reader's copy", "no buffer"
[[nodiscard]] QString buffer_name(std::uint32_t which);
/// "Packet 2 881", "A packet"
[[nodiscard]] QString packet_name(const Event& event);
/// "packet 2 881", "a packet", within a sentence
[[nodiscard]] QString packet_within(const Event& event);
/// "poll(2)", "ioctl(2) BIOCSETZBUF"
[[nodiscard]] QString call_name(const Event& event);
/// "poll(2)"
[[nodiscard]] QString call_name(std::uint32_t call);
/// The rules of the kernel that the descriptor was opened on; those of today if that is not known.
[[nodiscard]] const zb_revision& revision_of(const DescriptorState& descriptor);
[[nodiscard]] bool is_zero_copy(const DescriptorState& descriptor);
/// The other one of A and B.
[[nodiscard]] std::uint8_t other_buffer(std::uint8_t which);

namespace manual {
[[nodiscard]] QString description();
[[nodiscard]] QString buffered();
[[nodiscard]] QString zero_copy();
[[nodiscard]] QString ioctls();
[[nodiscard]] QString header();
[[nodiscard]] QString filter();
} // namespace manual

// One function for each subject; each takes the kinds of events that its file is about.
[[nodiscard]] Caption caption_of_packet(const Moment& moment);
[[nodiscard]] Caption caption_of_buffer(const Moment& moment);
[[nodiscard]] Caption caption_of_call(const Moment& moment);
[[nodiscard]] Caption caption_of_setting(const Moment& moment);
[[nodiscard]] Caption caption_of_reader(const Moment& moment);
[[nodiscard]] Caption caption_of_run(const Moment& moment);

/// In their switches, the case of one kind: its file has the words.
#define ZBUF_CAPTION(number, NAME, ...)                                                                      \
  case number:                                                                                               \
    return caption<ZB_EV_##NAME>(m);

/// Sentences, one after the other.
[[nodiscard]] QString joined_sentences(std::initializer_list<QString> sentences);

} // namespace zbuf::gui::explain
