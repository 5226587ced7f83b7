// SPDX-License-Identifier: BSD-2-Clause
// What a capture may still do once its interface is open: as little as it needs.
#pragma once

#include "core/base/result.h"

#include <string>

namespace zbuf {

/// Gives up what only opening needed. Call it with the interface open and before any thread is started.
///
/// Linux: every capability; with sudo, root too: the user who called sudo from then on, and so the owner of
/// the files that are written. FreeBSD: root with sudo likewise; see enter_capability_mode() for the rest.
/// Returns what was given up, for people: "root" or "capabilities"; empty: there was nothing. Errors: io.
Result<std::string> drop_privileges();

/// FreeBSD: capsicum(4). No new files, sockets or processes from here on, but in folders that are open
/// already. Elsewhere it does nothing. With all files open. Errors: io.
Result<void> enter_capability_mode();

} // namespace zbuf
