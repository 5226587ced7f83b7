// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/preload/watch.h"

#include "core/exec/preload/channel.h"
#include "core/exec/preload/loan.h"
#include "core/exec/preload/real.h"
#include "core/exec/preload/walk.h"

extern "C" {
#include "kernel/engine/shared_header.h"
}

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

using namespace zbuf::exec;

ZBUF_REAL(sigaction, int(int, const struct sigaction*, struct sigaction*));
ZBUF_REAL(sigprocmask, int(int, const sigset_t*, sigset_t*));
ZBUF_REAL(pthread_sigmask, int(int, const sigset_t*, sigset_t*));
ZBUF_REAL(munmap, int(void*, std::size_t));
ZBUF_REAL(mremap, void*(void*, std::size_t, std::size_t, int, ...));
ZBUF_REAL(free, void(void*));
ZBUF_REAL(realloc, void*(void*, std::size_t));

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
  bool returned[2];      ///< given back, or never lent yet: its first page may be closed
  bool header_closed[2]; ///< and is
  // For the first fills each instruction that touches the first page is seen (x86-64): how are records
  // walked?
  unsigned examinations[2]; ///< how many more
  bool examined[2];         ///< one is going on
  unsigned seen[2];
  Places places[2];
};
constexpr unsigned most_examinations = 4;
constexpr unsigned most_seen = 600;

/// The instruction of this thread that runs alone, with a page open.
struct Step {
  Watched* watched;
  unsigned which;
};
thread_local Step step __attribute__((tls_model("initial-exec")));
bool can_step = false;
Watched watched[loan_slots];
unsigned next_slot = 0;

/// What is lent by this process, guarded or not.
struct Lent {
  std::uintptr_t begin[2];
  std::size_t length;
  std::uint64_t inode; ///< 0: nothing
  pid_t pid;
};
Lent lent[loan_slots];
int lent_count = 0;

/// What the program wants done at SIGSEGV.
struct sigaction theirs;
struct sigaction theirs_at_trap;
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

std::uint64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

void note(Touch& touch, std::uint64_t offset) {
  if (__atomic_fetch_add(&touch.count, 1, __ATOMIC_RELAXED) != 0)
    return;
  touch.first_ns = monotonic_ns();
  touch.offset = offset;
}

#ifdef __x86_64__
/// The instruction before the store of that register has added a constant to it.
bool was_just_added_to(const unsigned char* store, unsigned reg) {
  const unsigned low = reg & 7;
  const bool by_add = store[-3] == 0x83 && store[-2] == (0xc0 | low);
  const bool by_inc = store[-2] == 0xff && store[-1] == (0xc0 | low);
  const bool by_lea = store[-3] == 0x8d && (store[-2] & 0xf8) == (0x40 | low << 3);
  return by_add || by_inc || by_lea;
}
#endif

/// Does the instruction that faulted store a sum: of what is there and a constant?
bool is_addition([[maybe_unused]] const void* context) {
#ifdef __x86_64__
  const auto* const first = reinterpret_cast<const unsigned char*>(
      static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
  const unsigned char* at = first;
  while (*at == 0x66 || *at == 0xf0 || *at == 0xf2 || *at == 0xf3 || *at == 0x2e || *at == 0x3e)
    ++at;
  unsigned extension = 0;
  if ((*at & 0xf0) == 0x40) // REX
    extension = (*at++ & 4u) << 1;
  const unsigned field = at[1] >> 3 & 7;
  switch (at[0]) {
  case 0x00: // add, adc to memory
  case 0x01:
  case 0x10:
  case 0x11:
    return true;
  case 0x80:
  case 0x81:
  case 0x83:
    return field == 0 || field == 2 || field == 5; // add, adc, sub
  case 0x89:
    return was_just_added_to(first, field | extension);
  case 0xfe:
  case 0xff:
    return field == 0; // inc
  case 0x0f:
    return at[1] == 0xc0 || at[1] == 0xc1; // xadd
  default:
    return false;
  }
#else
  return false;
#endif
}

bool is_write([[maybe_unused]] const void* context) {
#ifdef __x86_64__
  return (static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_ERR] & 2) != 0;
#else
  return false;
#endif
}

void judge(Watched& w, unsigned which) {
  const WalkVerdict verdict =
      judge_walk(w.places[which], reinterpret_cast<const unsigned char*>(w.begin[which]));
  if (verdict.fault != WalkFault::none)
    note(w.notes->walked[static_cast<unsigned>(verdict.fault)][which], verdict.offset);
  w.examined[which] = false;
  w.places[which].clear();
  w.seen[which] = 0;
}

/// The first page is open: for this instruction only, if that can be.
bool open_for_one([[maybe_unused]] Watched& w, [[maybe_unused]] unsigned which,
                  [[maybe_unused]] void* context) {
#ifdef __x86_64__
  constexpr greg_t trap_flag = 0x100;
  auto* const at = static_cast<ucontext_t*>(context);
  if (!can_step || step.watched != nullptr || sigismember(&at->uc_sigmask, SIGTRAP) != 0)
    return false;
  step = {&w, which};
  at->uc_mcontext.gregs[REG_EFL] |= trap_flag;
  return true;
#else
  return false;
#endif
}

void handle_trap(int number, siginfo_t* info, void* context) {
  const int error = errno;
  const Step done = step;
  if (done.watched != nullptr) {
    step = {};
#ifdef __x86_64__
    static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &= ~greg_t{0x100};
#endif
    const std::uintptr_t begin = done.watched->begin[done.which];
    if (done.watched->examined[done.which] && done.watched->armed != 0)
      protect(begin, begin + page, PROT_NONE);
  } else if ((theirs_at_trap.sa_flags & SA_SIGINFO) != 0) {
    theirs_at_trap.sa_sigaction(number, info, context);
  } else if (theirs_at_trap.sa_handler != SIG_DFL && theirs_at_trap.sa_handler != SIG_IGN) {
    theirs_at_trap.sa_handler(number);
  } else if (theirs_at_trap.sa_handler == SIG_DFL) {
    REAL(sigaction)(SIGTRAP, &theirs_at_trap, nullptr);
    ::raise(SIGTRAP);
  }
  errno = error;
}

/// The first page was touched during an examination. False: it is over, and the page is open.
bool examine(Watched& w, unsigned which, std::uintptr_t offset, bool is_lent, void* context) {
  if (is_lent) {
    w.places[which].add(offset);
    ++w.seen[which];
  }
  if (w.seen[which] < most_seen && open_for_one(w, which, context))
    return true;
  if (w.seen[which] >= most_seen)
    judge(w, which);
  w.examined[which] = false;
  w.examinations[which] = 0;
  return false;
}

/// A page of the buffer that the guard had closed, or write-protected, was touched.
void touched(Watched& w, unsigned which, std::uintptr_t address, void* context) {
  const std::uintptr_t begin = w.begin[which];
  const std::uintptr_t end = begin + w.length;
  const std::uintptr_t offset = address - begin;
  const bool writes = is_write(context);
  LoanNotes& notes = *w.notes;
  if (__atomic_load_n(&notes.closed, __ATOMIC_ACQUIRE) != 0) {
    open_all(w);
    return;
  }
  const zb_shared_header* const header = header_of(begin);
  constexpr std::uintptr_t kernel_len = offsetof(zb_shared_header, kernel_len);
  constexpr std::uintptr_t user_gen = offsetof(zb_shared_header, user_gen);
  if (w.header_closed[which]) {
    protect(begin, begin + page, PROT_READ | PROT_WRITE);
    w.header_closed[which] = false;
    w.returned[which] = writes;
    const bool looks = offset < ZB_HEADER_SIZE && (offset < kernel_len || offset >= user_gen);
    if (looks && !writes)
      __atomic_fetch_add(&notes.looked[which], 1, __ATOMIC_RELAXED);
    else if (!writes)
      note(notes.unlooked[which], offset);
    if (!writes && can_step && w.examinations[which] != 0) {
      --w.examinations[which];
      w.examined[which] = true;
      w.places[which].clear();
      w.seen[which] = 0;
    }
    if (offset < page && !w.examined[which])
      return;
  }
  if (w.examined[which])
    protect(begin, begin + page, PROT_READ | PROT_WRITE);
  const std::uint32_t kernel_gen = zb_user_kernel_gen(header);
  const bool is_lent = kernel_gen != zb_user_user_gen(header);
  if (w.examined[which] && offset < page) {
    if (!writes || offset >= ZB_HEADER_SIZE) {
      (void)examine(w, which, offset, is_lent, context);
      return;
    }
    if (is_lent)
      judge(w, which);
    w.examined[which] = false;
  }
  if (offset < page) {
    // A write to the first page; to the header, it is an acknowledgement on its way.
    protect(begin, begin + page, PROT_READ | PROT_WRITE);
    if (offset >= ZB_HEADER_SIZE)
      return;
    if (is_lent && offset == user_gen && is_addition(context))
      note(notes.counted[which], offset);
    if (is_lent)
      notes.given_back[which] = 1;
    w.returned[which] = true;
    protect(begin + page, end, PROT_NONE);
    return;
  }
  std::uintptr_t open_to = end;
  if (!is_lent) {
    if (kernel_gen != 0)
      notes.given_back[which] = 1;
    note(writes ? notes.wrote_not_owned[which] : notes.read_not_owned[which], offset);
  } else {
    const std::uintptr_t records_end = begin + ZB_HEADER_SIZE + zb_user_kernel_len(header);
    const std::uintptr_t last = (records_end + page - 1) / page * page;
    notes.opened_ns[which] = monotonic_ns();
    if (address >= last)
      note(notes.past_length[which], offset | (records_end - begin) << 32);
    else
      open_to = last < end ? last : end;
  }
  protect(begin + page, open_to, PROT_READ | PROT_WRITE);
  protect(begin, begin + page, w.examined[which] ? PROT_NONE : PROT_READ);
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
    touched(*w, which, reinterpret_cast<std::uintptr_t>(info->si_addr), context);
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

/// A debugger takes each SIGTRAP for its own.
bool is_traced() {
  char text[2048];
  const int file =
      static_cast<int>(::syscall(SYS_openat, AT_FDCWD, "/proc/self/status", O_RDONLY | O_CLOEXEC));
  const long length = ::syscall(SYS_read, file, text, sizeof(text) - 1);
  ::syscall(SYS_close, file);
  text[length > 0 ? length : 0] = '\0';
  const char* const line = std::strstr(text, "TracerPid:\t");
  return line != nullptr && line[std::strlen("TracerPid:\t")] != '0';
}

void install() {
  if (installed)
    return;
  struct sigaction ours {};
  ours.sa_sigaction = handle;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&ours.sa_mask);
  installed = REAL(sigaction)(SIGSEGV, &ours, &theirs) == 0;
#ifdef __x86_64__
  ours.sa_sigaction = handle_trap;
  can_step = installed && !is_traced() && REAL(sigaction)(SIGTRAP, &ours, &theirs_at_trap) == 0;
#endif
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

void begin_watch(unsigned slot, std::uint64_t inode, const zb_bpf_zbuf& buffers, std::uint64_t loan_flags) {
  if (lent[slot].inode == 0)
    __atomic_fetch_add(&lent_count, 1, __ATOMIC_RELEASE);
  lent[slot] = {{buffers.bufa, buffers.bufb}, buffers.buflen, inode, ::getpid()};
  const char* const wish = std::getenv(watch_variable);
  LoanNotes* const notes = notes_of(slot);
  const bool overlap =
      buffers.bufa < buffers.bufb + buffers.buflen && buffers.bufb < buffers.bufa + buffers.buflen;
  if ((wish != nullptr && std::strcmp(wish, "0") == 0) || notes == nullptr || watched[slot].armed != 0 ||
      overlap || buffers.buflen <= page || (loan_flags & (loan_a_stack | loan_b_stack)) != 0)
    return;
  watched[slot] = {{buffers.bufa, buffers.bufb},
                   buffers.buflen,
                   inode,
                   notes,
                   0,
                   {true, true},
                   {false, false},
                   {most_examinations, most_examinations},
                   {},
                   {},
                   {}};
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
  for (Lent& one : lent)
    if (one.inode == inode) {
      one.inode = 0;
      __atomic_fetch_sub(&lent_count, 1, __ATOMIC_RELEASE);
    }
}

void close_headers() {
  for (Watched& w : watched) {
    if (__atomic_load_n(&w.armed, __ATOMIC_ACQUIRE) == 0)
      continue;
    for (unsigned which = 0; which < 2; ++which)
      if (w.returned[which] && !w.header_closed[which] && !w.examined[which]) {
        w.header_closed[which] = true;
        protect(w.begin[which], w.begin[which] + page, PROT_NONE);
      }
  }
}

void note_lost(MistakeKind kind, const void* at, std::size_t length) {
  const auto from = reinterpret_cast<std::uintptr_t>(at);
  for (const Lent& one : lent)
    for (unsigned which = 0; which < 2; ++which) {
      const std::uintptr_t begin = one.begin[which];
      if (one.inode == 0 || begin >= from + length || from >= begin + one.length || one.pid != ::getpid())
        continue;
      Request request;
      request.call = Call::mistake;
      request.descriptor = one.inode;
      request.value = static_cast<std::uint64_t>(kind);
      request.request = which;
      request.extra = from > begin ? from - begin : 0;
      Reply reply;
      const int error = errno;
      call(request, {}, reply);
      errno = error;
    }
}

void touch_watched(const void* at, std::size_t length) {
  const auto from = reinterpret_cast<std::uintptr_t>(at);
  for (std::uintptr_t address = from; address < from + length; address = (address / page + 1) * page) {
    Watched* w = nullptr;
    unsigned which = 0;
    if (!find(address, w, which))
      continue;
    if (w->examined[which]) { // the call reads it all, and would find it closed again
      w->examined[which] = false;
      w->examinations[which] = 0;
      protect(w->begin[which], w->begin[which] + page, PROT_READ | PROT_WRITE);
    }
    w->examinations[which] = 0;
    (void)*reinterpret_cast<const volatile char*>(address);
  }
}

} // namespace zbuf::exec

// ---- What would get in the way ----

ZBUF_EXPORT int sigaction(int number, const struct sigaction* now, struct sigaction* before) {
  if (number == SIGTRAP && now != nullptr)
    can_step = false; // it is the program's
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

namespace {

/// Memory that is no longer there is not guarded.
void lose(MistakeKind kind, const void* at, std::size_t length) {
  if (__builtin_expect(__atomic_load_n(&lent_count, __ATOMIC_RELAXED) == 0, 1))
    return;
  note_lost(kind, at, length);
  const auto from = reinterpret_cast<std::uintptr_t>(at);
  for (auto& w : watched)
    for (const std::uintptr_t begin : w.begin)
      if (w.armed != 0 && begin < from + length && from < begin + w.length)
        disarm(w);
}

} // namespace

ZBUF_EXPORT int munmap(void* at, std::size_t length) {
  lose(MistakeKind::unmapped_loan, at, length);
  return REAL(munmap)(at, length);
}

ZBUF_EXPORT void* mremap(void* at, std::size_t length, std::size_t new_length, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  void* const to = (flags & MREMAP_FIXED) != 0 ? va_arg(rest, void*) : nullptr;
  va_end(rest);
  lose(MistakeKind::remapped_loan, at, length);
  return REAL(mremap)(at, length, new_length, flags, to);
}

/// Lent memory is not the allocator's any more.
ZBUF_EXPORT void free(void* at) {
  if (__builtin_expect(lent_count != 0, 0) && at != nullptr)
    lose(MistakeKind::freed_loan, at, ::malloc_usable_size(at));
  REAL(free)(at);
}

ZBUF_EXPORT void* realloc(void* at, std::size_t length) {
  if (__builtin_expect(lent_count != 0, 0) && at != nullptr)
    lose(MistakeKind::freed_loan, at, ::malloc_usable_size(at));
  return REAL(realloc)(at, length);
}

// ---- What FreeBSD does, and this system does not ----

ZBUF_REAL(mmap, void*(void*, std::size_t, int, int, int, off_t));

/// Anonymous memory is private there unless it is said to be shared; here one of them must be said. libpcap
/// says none.
ZBUF_EXPORT void* mmap(void* at, std::size_t length, int protection, int flags, int file, off_t offset) {
  const bool unsaid = (flags & MAP_ANONYMOUS) != 0 && (flags & (MAP_SHARED | MAP_PRIVATE)) == 0;
  if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) == MAP_FIXED)
    lose(MistakeKind::remapped_loan, at, length);
  return REAL(mmap)(at, length, protection, unsaid ? flags | MAP_PRIVATE : flags, file, offset);
}

ZBUF_EXPORT void* mmap64(void* at, std::size_t length, int protection, int flags, int file, off64_t offset) {
  return mmap(at, length, protection, flags, file, offset);
}
