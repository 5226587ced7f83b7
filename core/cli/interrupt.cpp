// SPDX-License-Identifier: BSD-2-Clause
#include "core/cli/interrupt.h"

#include "core/base/assert.h"

#include <atomic>
#include <csignal>

namespace zbuf {

namespace {

std::function<void()> action; // set before the handlers are, gone after them
std::atomic<bool> armed = false;
constexpr int signals[] = {SIGINT, SIGTERM};

void on_signal(int) {
  if (armed.exchange(false))
    action();
}

} // namespace

InterruptScope::InterruptScope(std::function<void()> what) {
  ZBUF_ASSERT(!action);
  action = std::move(what);
  armed.store(true);
  struct sigaction how {};
  how.sa_handler = on_signal;
  how.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (const int signal : signals)
    sigaction(signal, &how, nullptr);
}

InterruptScope::~InterruptScope() {
  struct sigaction how {};
  how.sa_handler = SIG_DFL;
  for (const int signal : signals)
    sigaction(signal, &how, nullptr);
  armed.store(false);
  action = nullptr;
}

} // namespace zbuf
