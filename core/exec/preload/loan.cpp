// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/preload/loan.h"

#include "core/exec/preload/descriptors.h"
#include "core/exec/preload/real.h"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace zbuf::exec {

namespace {

/// One line of /proc/self/maps.
struct Mapping {
  std::uint64_t from, to, offset, inode;
  bool usable; ///< can be read and written
};

/// The mappings of this process, one after the other. No memory is allocated: one may be in the way.
class Mappings {
 public:
  Mappings()
      : file_(static_cast<int>(::syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC))) {}
  ~Mappings() { ::syscall(SYS_close, file_); }
  Mappings(const Mappings&) = delete;
  Mappings& operator=(const Mappings&) = delete;

  bool next(Mapping& mapping) {
    char line[128]; // "from-to perms offset device inode": paths are cut off
    std::size_t length = 0;
    for (char c = 0; take(c) && c != '\n';)
      if (length + 1 < sizeof(line))
        line[length++] = c;
    if (length == 0)
      return false;
    line[length] = '\0';
    char* at = line;
    mapping.from = std::strtoull(at, &at, 16);
    mapping.to = std::strtoull(at + 1, &at, 16);
    mapping.usable = at[1] == 'r' && at[2] == 'w';
    mapping.offset = std::strtoull(at + 5, &at, 16);
    std::strtoull(at, &at, 16); // the device: major ...
    std::strtoull(at + 1, &at, 16);
    mapping.inode = std::strtoull(at, &at, 10);
    return true;
  }

 private:
  bool take(char& c) {
    if (at_ == end_) {
      const long n = ::syscall(SYS_read, file_, room_, sizeof(room_));
      at_ = 0;
      end_ = n > 0 ? static_cast<std::size_t>(n) : 0;
      if (n <= 0)
        return false;
    }
    c = room_[at_++];
    return true;
  }

  int file_;
  char room_[4096];
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

struct File {
  int descriptor = -1;
  std::uint64_t inode = 0;
  LoanNotes* notes = nullptr;
};
File memory;
pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/// What was shared before, so that its pages can be given up once the program has unmapped it.
struct Range {
  std::uint64_t from = 0, to = 0;
};
constexpr unsigned most_ranges = 64;
Range ranges[most_ranges];

/// The child of a fork lends memory of its own; what the parent has lent stays the parent's.
void in_child_of_fork() {
  if (memory.descriptor >= 0) {
    unhide(memory.descriptor);
    ::syscall(SYS_close, memory.descriptor);
  }
  memory = {};
  for (Range& range : ranges)
    range = {};
  pthread_mutex_init(&lock, nullptr);
}

bool make_file() {
  if (memory.descriptor >= 0)
    return true;
  const int made = ::memfd_create("zbuf-loan", MFD_CLOEXEC);
  struct stat status;
  if (made < 0 || ::ftruncate(made, static_cast<off_t>(memory_file_bytes)) != 0 ||
      ::fstat(made, &status) != 0) {
    if (made >= 0)
      ::syscall(SYS_close, made);
    return false;
  }
  void* const notes = ::mmap(nullptr, notes_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, made, 0);
  memory = {move_away(made), status.st_ino, notes == MAP_FAILED ? nullptr : static_cast<LoanNotes*>(notes)};
  static bool prepared = false;
  if (!prepared)
    pthread_atfork(nullptr, nullptr, in_child_of_fork);
  prepared = true;
  return true;
}

/// Pages of what is mapped no longer go back to the system.
void forget_unmapped() {
  bool mapped[most_ranges]{};
  Mappings mappings;
  for (Mapping m; mappings.next(m);)
    for (unsigned i = 0; m.inode == memory.inode && i < most_ranges; ++i)
      mapped[i] = mapped[i] || (m.from < ranges[i].to && ranges[i].from < m.to);
  for (unsigned i = 0; i < most_ranges; ++i) {
    if (mapped[i] || ranges[i].to == 0)
      continue;
    ::fallocate(memory.descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                static_cast<off_t>(ranges[i].from), static_cast<off_t>(ranges[i].to - ranges[i].from));
    ranges[i] = {};
  }
}

void remember(std::uint64_t from, std::uint64_t to) {
  for (Range& range : ranges)
    if (range.to == 0) {
      range = {from, to};
      return;
    }
}

/// Puts the file under a stretch of the program's memory. The contents go with it.
bool replace(std::uint64_t from, std::uint64_t to) {
  const std::size_t length = to - from;
  for (std::size_t done = 0; done < length;) {
    const ssize_t n = ::pwrite(memory.descriptor, reinterpret_cast<const void*>(from + done), length - done,
                               static_cast<off_t>(from + done));
    if (n <= 0)
      return false;
    done += static_cast<std::size_t>(n);
  }
  return ::mmap(reinterpret_cast<void*>(from), length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                memory.descriptor, static_cast<off_t>(from)) != MAP_FAILED;
}

bool share_range(std::uint64_t from, std::uint64_t length) {
  constexpr unsigned most_pieces = 64;
  struct Piece {
    std::uint64_t from, to;
    bool ours;
  } pieces[most_pieces];
  unsigned count = 0;
  std::uint64_t covered = from;
  {
    Mappings mappings;
    for (Mapping m; covered < from + length && mappings.next(m);) {
      if (m.to <= covered)
        continue;
      if (m.from > covered || !m.usable || count == most_pieces)
        return false;
      const std::uint64_t to = m.to < from + length ? m.to : from + length;
      pieces[count++] = {covered, to, m.inode == memory.inode && m.offset == m.from};
      covered = to;
    }
  }
  if (covered < from + length)
    return false;
  for (unsigned i = 0; i < count; ++i) {
    if (!pieces[i].ours && !replace(pieces[i].from, pieces[i].to))
      return false;
    if (!pieces[i].ours)
      remember(pieces[i].from, pieces[i].to);
  }
  return true;
}

bool can_be_lent(std::uint64_t address, std::uint64_t length) {
  return address != 0 && address % ZB_PAGE_SIZE == 0 && length != 0 && length % ZB_PAGE_SIZE == 0 &&
         length <= ZB_ZMAX && address + length <= memory_file_bytes;
}

/// Whether a variable of this thread lies there: from the frame of this function to the end of its stack.
bool is_on_stack(std::uint64_t address) {
  const auto here = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  pthread_attr_t attributes;
  if (address < here || ::pthread_getattr_np(::pthread_self(), &attributes) != 0)
    return false;
  void* low = nullptr;
  std::size_t size = 0;
  ::pthread_attr_getstack(&attributes, &low, &size);
  ::pthread_attr_destroy(&attributes);
  return address < reinterpret_cast<std::uint64_t>(low) + size;
}

} // namespace

Loan share(const zb_bpf_zbuf& buffers) {
  Loan loan;
  pthread_mutex_lock(&lock);
  if (make_file()) {
    forget_unmapped();
    loan.file = memory.descriptor;
    if (can_be_lent(buffers.bufa, buffers.buflen) && share_range(buffers.bufa, buffers.buflen))
      loan.flags |= loan_a_there;
    if (can_be_lent(buffers.bufb, buffers.buflen) && share_range(buffers.bufb, buffers.buflen))
      loan.flags |= loan_b_there;
    if (is_on_stack(buffers.bufa))
      loan.flags |= loan_a_stack;
    if (is_on_stack(buffers.bufb))
      loan.flags |= loan_b_stack;
  }
  pthread_mutex_unlock(&lock);
  return loan;
}

LoanNotes* notes_of(unsigned slot) {
  return memory.notes == nullptr || slot >= loan_slots ? nullptr : memory.notes + slot;
}

} // namespace zbuf::exec
