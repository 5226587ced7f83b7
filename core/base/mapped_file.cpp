// SPDX-License-Identifier: BSD-2-Clause
#include "core/base/mapped_file.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <mutex>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace zbuf {

namespace {

// ---- What the signal's handler looks at: a list that only grows, of entries that are used again ----

struct Watched {
  std::atomic<std::uintptr_t> begin = 0, end = 0; ///< 0: unused
  std::atomic<std::atomic<bool>*> lost = nullptr;
  Watched* next = nullptr;
};

std::atomic<Watched*> all_watched = nullptr;
std::mutex watching; ///< over changes of the list
struct sigaction handler_before {};

Watched* watched_at(std::uintptr_t address) {
  for (Watched* one = all_watched.load(std::memory_order_acquire); one != nullptr; one = one->next)
    if (address >= one->begin.load(std::memory_order_acquire) &&
        address < one->end.load(std::memory_order_acquire))
      return one;
  return nullptr;
}

void on_bus_error(int number, siginfo_t* info, void* context) {
  const int error = errno;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  if (Watched* const one = watched_at(address)) {
    const auto page = static_cast<std::uintptr_t>(::getpagesize());
    const std::uintptr_t from = address & ~(page - 1);
    // From there on, and not that page alone: of a file that was cut each page would be a signal.
    if (::mmap(reinterpret_cast<void*>(from), one->end.load() - from, PROT_READ,
               MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0) != MAP_FAILED) {
      one->lost.load()->store(true, std::memory_order_relaxed);
      errno = error;
      return;
    }
  }
  if ((handler_before.sa_flags & SA_SIGINFO) != 0 && handler_before.sa_sigaction != nullptr)
    handler_before.sa_sigaction(number, info, context);
  else if (handler_before.sa_handler != SIG_DFL && handler_before.sa_handler != SIG_IGN)
    handler_before.sa_handler(number);
  else
    ::sigaction(SIGBUS, &handler_before, nullptr); // and the process ends by what it returns to
}

void watch(std::span<std::byte> memory, std::atomic<bool>& lost) {
  const std::lock_guard lock(watching);
  static const bool handled = [] {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    return ::sigaction(SIGBUS, &action, &handler_before) == 0;
  }();
  (void)handled;
  Watched* one = all_watched.load();
  while (one != nullptr && one->begin != 0)
    one = one->next;
  const bool added = one == nullptr;
  if (added)
    one = new Watched;
  one->lost = &lost;
  one->end = reinterpret_cast<std::uintptr_t>(memory.data()) + memory.size();
  one->begin = reinterpret_cast<std::uintptr_t>(memory.data());
  if (added) {
    one->next = all_watched.load();
    all_watched.store(one, std::memory_order_release);
  }
}

void forget(std::span<std::byte> memory) {
  const std::lock_guard lock(watching);
  if (Watched* const one = watched_at(reinterpret_cast<std::uintptr_t>(memory.data()))) {
    one->end = 0;
    one->begin = 0;
  }
}

std::string words(int error_number) {
  return std::generic_category().message(error_number);
}

timespec written_at(const struct stat& status) {
  return status.st_mtim;
}

} // namespace

MappedFile::~MappedFile() {
  for (const std::span<std::byte> part : mapped_) {
    forget(part);
    ::munmap(part.data(), part.size());
  }
  if (file_ >= 0)
    ::close(file_);
}

Result<void> MappedFile::open(const std::string& path, const std::string& what) {
  path_ = path;
  what_ = what;
  file_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  struct stat status {};
  if (file_ < 0 || ::fstat(file_, &status) != 0)
    return fail(Error{errno == ENOENT ? Error::Code::not_found : Error::Code::io,
                      fmt::format("{} cannot be opened: {}", what, words(errno)), path});
  if (!S_ISREG(status.st_mode))
    return fail(Error{Error::Code::bad_input,
                      fmt::format("{} is to be a regular file, and this is none", what), path});
  return map_new_bytes(0);
}

Result<void> MappedFile::map_new_bytes(std::size_t least) {
  struct stat status {};
  if (::fstat(file_, &status) != 0)
    return fail(Error{Error::Code::io, fmt::format("{} cannot be read on: {}", what_, words(errno)), path_});
  const auto length = static_cast<std::size_t>(status.st_size);
  if (length < least || lost()) {
    Error error{Error::Code::bad_input,
                fmt::format("{} was cut while it was open: it had {} bytes, and has {}. Open it again", what_,
                            std::max(least, bytes_.size()), length),
                path_};
    error.offset = length;
    error.has_offset = true;
    return fail(std::move(error));
  }
  if (const int error = map(length); error != 0)
    return fail(Error{Error::Code::io, fmt::format("{} cannot be mapped: {}", what_, words(error)), path_});
  written_s_ = written_at(status).tv_sec;
  written_ns_ = written_at(status).tv_nsec;
  return {};
}

int MappedFile::map(std::size_t length) {
  if (length != 0 && (mapped_.empty() || mapped_.back().size() < length)) {
    // What lies behind the end of the file becomes readable as the file grows.
    const std::size_t reserved = mapped_.empty() ? length : 2 * length;
    void* const memory = ::mmap(nullptr, reserved, PROT_READ, MAP_SHARED, file_, 0);
    if (memory == MAP_FAILED)
      return errno;
    mapped_.emplace_back(static_cast<std::byte*>(memory), reserved);
    watch(mapped_.back(), lost_);
  }
  bytes_ =
      length == 0 ? std::span<const std::byte>() : std::span<const std::byte>(mapped_.back()).first(length);
  return 0;
}

void MappedFile::forget_pages() const {
  if (!mapped_.empty() && !lost())
    (void)::madvise(mapped_.back().data(), bytes_.size(), MADV_DONTNEED);
}

std::optional<Error> MappedFile::fate(bool whole) const {
  struct stat opened {};
  if (file_ < 0 || ::fstat(file_, &opened) != 0)
    return std::nullopt;
  const auto length = static_cast<std::size_t>(opened.st_size);
  if (length < bytes_.size() || lost())
    return Error{
        Error::Code::bad_input,
        fmt::format("{} was cut while it was open: it had {} bytes, and has {}. What is shown of it is "
                    "not to be believed. Open it again",
                    what_, bytes_.size(), length),
        path_};
  const timespec written = written_at(opened);
  if (whole && (length != bytes_.size() || written.tv_sec != written_s_ || written.tv_nsec != written_ns_))
    return Error{
        Error::Code::bad_input,
        fmt::format(
            "{} was written to after its end, while it was open. What is shown of it is not to be believed. "
            "Open it again",
            what_),
        path_};
  struct stat named {};
  if (::stat(path_.c_str(), &named) != 0)
    return Error{Error::Code::not_found,
                 fmt::format("{} is no longer there. What is shown is what was opened", what_), path_};
  if (named.st_dev != opened.st_dev || named.st_ino != opened.st_ino)
    return Error{
        Error::Code::not_found,
        fmt::format("{} was replaced by another file. What is shown is what was opened. Open it again "
                    "to see the new one",
                    what_),
        path_};
  return std::nullopt;
}

} // namespace zbuf
