// SPDX-License-Identifier: GPL-3.0-or-later
// The listings by name. Which of them, and which line, is pseudo_code.cpp's business.
#pragma once

#include "gui/explain/pseudo_code.h"

extern "C" {
#include "kernel/engine/revision.h"
}

namespace zbuf::gui::explain::listings {

// kernel/engine
Listing tap();
Listing catch_packet(const zb_revision& revision);
Listing rotate(const zb_revision& revision);
Listing publish_store();
Listing reclaim(const zb_revision& revision);
Listing settle();
Listing reset(const zb_revision& revision);
Listing poll(const zb_revision& revision);
Listing read();
Listing timer();
Listing wakeup();
Listing cancel_timer();
Listing ioctl();
Listing set_mode();
Listing set_timeout(const zb_revision& revision);
Listing set_flag();
Listing set_zbuf(const zb_revision& revision);
Listing rotate_zbuf(const zb_revision& revision);
Listing allocate();
Listing set_interface();
Listing set_filter();
Listing departed();
Listing open();
Listing close();
Listing write();

// core/reader
Listing zero_copy_reader();
Listing zero_copy_attach();
Listing read_reader();
Listing read_attach();
/// What no reader of ours does: a process by itself.
Listing process_scribbles();
Listing process_calls();

} // namespace zbuf::gui::explain::listings
