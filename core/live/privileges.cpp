// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/privileges.h"

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <grp.h>
#include <optional>
#include <string_view>
#include <sys/types.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#elif defined(__FreeBSD__)
#include <sys/capsicum.h>
#endif

namespace zbuf {

namespace {

tl::unexpected<Error> refused(const char* what) {
  return fail(Error::Code::io,
              fmt::format("privileges cannot be given up: {}: {}", what, std::strerror(errno)));
}

/// A number above 0 from the environment, as sudo leaves it.
std::optional<unsigned> number_of(const char* variable) {
  const char* const value = std::getenv(variable);
  if (value == nullptr)
    return std::nullopt;
  const std::string_view text(value);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0)
    return std::nullopt;
  return number;
}

/// Becomes the user who called sudo. False: nobody did.
Result<bool> leave_root() {
  const auto user = number_of("SUDO_UID");
  const auto group = number_of("SUDO_GID");
  if (::geteuid() != 0 || !user || !group)
    return false;
  const gid_t only = *group;
  if (::setgroups(1, &only) != 0)
    return refused("setgroups");
  if (::setgid(*group) != 0)
    return refused("setgid");
  if (::setuid(*user) != 0)
    return refused("setuid");
  return true;
}

#if defined(__linux__)

/// Of this thread, and of those that it starts.
Result<bool> leave_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (::syscall(SYS_capget, &header, data) != 0)
    return refused("capget");
  bool had_some = false;
  for (__user_cap_data_struct& half : data) {
    had_some |= (half.effective | half.permitted | half.inheritable) != 0;
    half = {};
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return refused("no_new_privs");
  if (::syscall(SYS_capset, &header, data) != 0)
    return refused("capset");
  return had_some;
}

#else

Result<bool> leave_capabilities() {
  return false;
}

#endif

} // namespace

Result<std::string> drop_privileges() {
  const auto root = leave_root();
  if (!root)
    return fail(root.error());
  const auto capabilities = leave_capabilities();
  if (!capabilities)
    return fail(capabilities.error());
  return std::string(*root ? "root" : *capabilities ? "capabilities" : "");
}

Result<void> enter_capability_mode() {
#if defined(__FreeBSD__)
  if (::cap_enter() != 0 && errno != ENOSYS) // ENOSYS: a kernel built without it
    return refused("cap_enter");
#endif
  return {};
}

} // namespace zbuf
