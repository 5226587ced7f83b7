// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/preload/watch.h"

#include "core/exec/preload/loan.h"
#include "core/exec/preload/real.h"

extern "C" {
#include "kernel/engine/shared_header.h"
}

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

using namespace zbuf::exec;

ZBUF_REAL(sigaction, int(int, const struct sigaction*, struct sigaction*));
ZBUF_REAL(sigprocmask, int(int, const sigset_t*, sigset_t*));
ZBUF_REAL(pthread_sigmask, int(int, const sigset_t*, sigset_t*));
ZBUF_REAL(munmap, int(void*, std::size_t));

namespace zbuf::exec {

int watched_count = 0;

namespace {

/// A loan that is guarded. Read by signal handlers: filled in before `armed`, and never moved.
struct Watched {
  std::uintptr_t begin[2];
  std::size_t length;
  std::uint64_t inode;
  LoanNotes* notes;
  int armed;
};
Watched watched[loan_slots];
unsigned next_slot = 0;

/// What the program wants done at SIGSEGV.
struct sigaction theirs;
bool installed = false;
pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

constexpr std::size_t page = ZB_PAGE_SIZE;

zb_shared_header* header_of(std::uintptr_t begin) {
  return reinterpret_cast<zb_shared_header*>(begin);
}

void protect(std::uintptr_t from, std::uintptr_t to, int how) {
  if (to > from)
    ::mprotect(reinterpret_cast<void*>(from), to - from, how);
}

void open_all(const Watched& w) {
  for (const std::uintptr_t begin : w.begin)
    protect(begin, begin + w.length, PROT_READ | PROT_WRITE);
}

void note(Touch& touch, std::uint64_t offset) {
  if (__atomic_fetch_add(&touch.count, 1, __ATOMIC_RELAXED) != 0)
    return;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  touch.first_ns =
      static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
  touch.offset = offset;
}

/// A page of the buffer that the guard had closed, or write-protected, was touched.
void touched(Watched& w, unsigned which, std::uintptr_t address) {
  const std::uintptr_t begin = w.begin[which];
  const std::uintptr_t end = begin + w.length;
  if (__atomic_load_n(&w.notes->closed, __ATOMIC_ACQUIRE) != 0) {
    open_all(w);
    return;
  }
  if (address < begin + page) {
    // A write to the first page; to the header, it is an acknowledgement on its way.
    protect(begin, begin + page, PROT_READ | PROT_WRITE);
    if (address < begin + ZB_HEADER_SIZE)
      protect(begin + page, end, PROT_NONE);
    return;
  }
  const zb_shared_header* const header = header_of(begin);
  const std::uint32_t kernel_gen = zb_user_kernel_gen(header);
  std::uintptr_t open_to = end;
  if (kernel_gen == zb_user_user_gen(header)) {
    w.notes->given_back[which] = kernel_gen != 0;
    note(w.notes->not_owned[which], address - begin);
  } else {
    const std::uintptr_t records_end = begin + ZB_HEADER_SIZE + zb_user_kernel_len(header);
    const std::uintptr_t last = (records_end + page - 1) / page * page;
    if (address >= last)
      note(w.notes->past_length[which], (address - begin) | (records_end - begin) << 32);
    else
      open_to = last < end ? last : end;
  }
  protect(begin + page, open_to, PROT_READ | PROT_WRITE);
  protect(begin, begin + page, PROT_READ);
}

bool find(std::uintptr_t address, Watched*& w, unsigned& which) {
  for (Watched& candidate : watched) {
    if (__atomic_load_n(&candidate.armed, __ATOMIC_ACQUIRE) == 0)
      continue;
    for (which = 0; which < 2; ++which)
      if (address >= candidate.begin[which] && address - candidate.begin[which] < candidate.length) {
        w = &candidate;
        return true;
      }
  }
  return false;
}

void handle(int number, siginfo_t* info, void* context) {
  const int error = errno;
  Watched* w = nullptr;
  unsigned which = 0;
  if (info->si_code == SEGV_ACCERR && find(reinterpret_cast<std::uintptr_t>(info->si_addr), w, which)) {
    touched(*w, which, reinterpret_cast<std::uintptr_t>(info->si_addr));
  } else if ((theirs.sa_flags & SA_SIGINFO) != 0) {
    theirs.sa_sigaction(number, info, context);
  } else if (theirs.sa_handler != SIG_DFL && theirs.sa_handler != SIG_IGN) {
    theirs.sa_handler(number);
  } else {
    // As if we had not been there: the instruction faults again. A signal that was sent is sent again.
    REAL(sigaction)(SIGSEGV, &theirs, nullptr);
    if (info->si_code <= 0)
      ::raise(SIGSEGV);
  }
  errno = error;
}

void install() {
  if (installed)
    return;
  struct sigaction ours {};
  ours.sa_sigaction = handle;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&ours.sa_mask);
  installed = REAL(sigaction)(SIGSEGV, &ours, &theirs) == 0;
}

void disarm(Watched& w) {
  if (__atomic_exchange_n(&w.armed, 0, __ATOMIC_ACQ_REL) == 0)
    return;
  __atomic_fetch_sub(&watched_count, 1, __ATOMIC_RELEASE);
  open_all(w);
}

} // namespace

unsigned reserve_watch() {
  pthread_mutex_lock(&lock);
  unsigned slot = 0;
  for (unsigned tried = 0; tried < loan_slots; ++tried) {
    slot = next_slot++ % loan_slots;
    if (watched[slot].armed == 0)
      break;
  }
  pthread_mutex_unlock(&lock);
  if (LoanNotes* const notes = notes_of(slot); notes != nullptr && watched[slot].armed == 0)
    *notes = {};
  return slot;
}

void begin_watch(unsigned slot, std::uint64_t inode, const zb_bpf_zbuf& buffers) {
  const char* const wish = std::getenv(watch_variable);
  LoanNotes* const notes = notes_of(slot);
  const bool overlap =
      buffers.bufa < buffers.bufb + buffers.buflen && buffers.bufb < buffers.bufa + buffers.buflen;
  if ((wish != nullptr && std::strcmp(wish, "0") == 0) || notes == nullptr || watched[slot].armed != 0 ||
      overlap || buffers.buflen <= page)
    return;
  watched[slot] = {{buffers.bufa, buffers.bufb}, buffers.buflen, inode, notes, 0};
}

void arm_watch(std::uint64_t inode) {
  for (Watched& w : watched) {
    if (w.inode != inode || w.armed != 0)
      continue;
    install();
    sigset_t segv;
    sigemptyset(&segv);
    sigaddset(&segv, SIGSEGV);
    REAL(pthread_sigmask)(SIG_UNBLOCK, &segv, nullptr);
    __atomic_store_n(&w.armed, 1, __ATOMIC_RELEASE);
    __atomic_fetch_add(&watched_count, 1, __ATOMIC_RELEASE);
    for (const std::uintptr_t begin : w.begin)
      protect(begin + page, begin + w.length, PROT_NONE);
  }
}

void end_watch(std::uint64_t inode) {
  for (Watched& w : watched)
    if (w.inode == inode) {
      disarm(w);
      w.inode = 0;
    }
}

void touch_watched(const void* at, std::size_t length) {
  const auto from = reinterpret_cast<std::uintptr_t>(at);
  for (std::uintptr_t address = from; address < from + length; address = (address / page + 1) * page) {
    Watched* w = nullptr;
    unsigned which = 0;
    if (find(address, w, which))
      (void)*reinterpret_cast<const volatile char*>(address);
  }
}

} // namespace zbuf::exec

// ---- What would get in the way ----

ZBUF_EXPORT int sigaction(int number, const struct sigaction* now, struct sigaction* before) {
  if (number != SIGSEGV || !installed) {
    if (now == nullptr || sigismember(&now->sa_mask, SIGSEGV) == 0)
      return REAL(sigaction)(number, now, before);
    struct sigaction open = *now; // a fault while it is blocked would be the end
    sigdelset(&open.sa_mask, SIGSEGV);
    return REAL(sigaction)(number, &open, before);
  }
  if (before != nullptr)
    *before = theirs;
  if (now != nullptr)
    theirs = *now;
  return 0;
}

ZBUF_EXPORT sighandler_t signal(int number, sighandler_t handler) {
  struct sigaction now {};
  struct sigaction before {};
  now.sa_handler = handler;
  now.sa_flags = SA_RESTART;
  return sigaction(number, &now, &before) == 0 ? before.sa_handler : SIG_ERR;
}

namespace {

template <typename Function>
int change_mask(Function* function, int how, const sigset_t* set, sigset_t* before) {
  if (set == nullptr || how == SIG_UNBLOCK || sigismember(set, SIGSEGV) == 0)
    return function(how, set, before);
  sigset_t open = *set;
  sigdelset(&open, SIGSEGV);
  return function(how, &open, before);
}

} // namespace

ZBUF_EXPORT int sigprocmask(int how, const sigset_t* set, sigset_t* before) {
  return change_mask(REAL(sigprocmask), how, set, before);
}

ZBUF_EXPORT int pthread_sigmask(int how, const sigset_t* set, sigset_t* before) {
  return change_mask(REAL(pthread_sigmask), how, set, before);
}

/// Memory that is no longer there is not guarded.
ZBUF_EXPORT int munmap(void* at, std::size_t length) {
  if (__builtin_expect(watched_count != 0, 0)) {
    const auto from = reinterpret_cast<std::uintptr_t>(at);
    for (const auto& w : watched)
      for (const std::uintptr_t begin : w.begin)
        if (w.armed != 0 && begin < from + length && from < begin + w.length)
          end_watch(w.inode);
  }
  return REAL(munmap)(at, length);
}

// ---- What FreeBSD does, and this system does not ----

ZBUF_REAL(mmap, void*(void*, std::size_t, int, int, int, off_t));

/// Anonymous memory is private there unless it is said to be shared; here one of them must be said. libpcap
/// says none.
ZBUF_EXPORT void* mmap(void* at, std::size_t length, int protection, int flags, int file, off_t offset) {
  const bool unsaid = (flags & MAP_ANONYMOUS) != 0 && (flags & (MAP_SHARED | MAP_PRIVATE)) == 0;
  return REAL(mmap)(at, length, protection, unsaid ? flags | MAP_PRIVATE : flags, file, offset);
}

ZBUF_EXPORT void* mmap64(void* at, std::size_t length, int protection, int flags, int file, off64_t offset) {
  return mmap(at, length, protection, flags, file, offset);
}
