// SPDX-License-Identifier: BSD-2-Clause
#include "core/exec/program.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

extern char** environ;

namespace zbuf::exec {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> refuse(const std::string& path, std::string_view reason) {
  return fail(Error::Code::unsupported, fmt::format("{}: {}", path, reason));
}

bool is_executable_file(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

} // namespace

Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (is_executable_file(name))
      return name;
    std::error_code error;
    if (fs::exists(name, error))
      return fail(Error::Code::bad_input, fmt::format("{}: not a file that can be executed", name));
    return fail(Error::Code::not_found, fmt::format("{}: no such program", name));
  }
  const char* const path = std::getenv("PATH");
  std::string_view left = path != nullptr ? path : "/usr/bin:/bin";
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(':'), left.size());
    const std::string folder(left.substr(0, end));
    const std::string candidate = fmt::format("{}/{}", folder.empty() ? "." : folder, name);
    if (is_executable_file(candidate))
      return candidate;
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return fail(Error::Code::not_found, fmt::format("{}: no such program in $PATH", name));
}

// ---- What it is ----

namespace {

constexpr std::string_view privileged =
    "runs with privileges that its caller may not have, so ld.so preloads nothing into it";

Result<void> check_privileges(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0)
    return fail(Error::Code::io, fmt::format("{}: {}", path, std::strerror(errno)));
  if ((status.st_mode & (S_ISUID | S_ISGID)) != 0)
    return refuse(path, fmt::format("it is {} and {}. Copy it, without that bit, and run the copy",
                                    (status.st_mode & S_ISUID) != 0 ? "setuid" : "setgid", privileged));
  if (::getxattr(path.c_str(), "security.capability", nullptr, 0) > 0)
    return refuse(
        path,
        fmt::format("it has file capabilities and {}. Copy it, without them, and run the copy", privileged));
  return {};
}

/// The first bytes of a file, and pieces of it.
class Image {
 public:
  explicit Image(const std::string& path) : file_(path, std::ios::binary) {}
  bool read(std::uint64_t offset, void* into, std::size_t length) {
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(static_cast<char*>(into), static_cast<std::streamsize>(length));
    return file_.gcount() == static_cast<std::streamsize>(length);
  }
  std::string line() {
    std::string text;
    file_.clear();
    file_.seekg(0);
    std::getline(file_, text);
    return text;
  }

 private:
  std::ifstream file_;
};

std::uint16_t own_machine() {
#if defined(__x86_64__)
  return EM_X86_64;
#elif defined(__aarch64__)
  return EM_AARCH64;
#else
  return EM_NONE;
#endif
}

/// The path in PT_INTERP; empty: there is none.
Result<std::string> interpreter_of(const std::string& path, Image& image, const Elf64_Ehdr& header) {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!image.read(header.e_phoff + std::uint64_t{i} * sizeof(segment), &segment, sizeof(segment)))
      return refuse(path, "it is cut off: no whole table of segments");
    if (segment.p_type != PT_INTERP)
      continue;
    std::string name(std::min<std::uint64_t>(segment.p_filesz, 4096), '\0');
    if (!image.read(segment.p_offset, name.data(), name.size()))
      return refuse(path, "it is cut off: no name of an interpreter");
    return name.substr(0, name.find('\0'));
  }
  return std::string();
}

Result<void> check_elf(const std::string& path, Image& image) {
  Elf64_Ehdr header;
  if (!image.read(0, &header, sizeof(header)) || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_machine != own_machine())
    return refuse(path, "it is built for another kind of machine (32 bits, or another processor)");
  const auto interpreter = interpreter_of(path, image, header);
  if (!interpreter)
    return fail(interpreter.error());
  if (interpreter->empty())
    return refuse(
        path, "it is statically linked, so there is no ld.so to preload a library. Link it without -static");
  if (interpreter->find("musl") != std::string::npos)
    return refuse(path,
                  fmt::format("it is linked to another C library ({}) than the one that is preloaded into it "
                              "is for",
                              *interpreter));
  return {};
}

Result<void> check(const std::string& path, unsigned depth) {
  if (auto done = check_privileges(path); !done)
    return done;
  Image image(path);
  std::array<char, 4> magic{};
  if (!image.read(0, magic.data(), magic.size()))
    return refuse(path, "it cannot be read");
  if (std::memcmp(magic.data(), ELFMAG, SELFMAG) == 0)
    return check_elf(path, image);
  if (magic[0] != '#' || magic[1] != '!' || depth > 4)
    return refuse(path, "it is neither an ELF program nor a script that begins with #!");
  const std::string line = image.line();
  const std::size_t from = line.find_first_not_of(" \t", 2);
  if (from == std::string::npos)
    return refuse(path, "its first line names no interpreter");
  return check(line.substr(from, line.find_first_of(" \t\r", from) - from), depth + 1);
}

} // namespace

Result<void> check_program(const std::string& path) {
  return check(path, 0);
}

Result<std::string> find_preload() {
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const char* const place : {"../exec/libzbuf-exec.so", ZBUF_PRELOAD_FROM_BIN "/libzbuf-exec.so"}) {
    const fs::path candidate = here / place;
    if (!fs::exists(candidate, error))
      continue;
    const std::string path = fs::canonical(candidate, error).string();
    if (path.find_first_of(" :") != std::string::npos)
      return fail(
          Error::Code::unsupported,
          fmt::format("{}: LD_PRELOAD takes no path with blanks or colons. Put the project elsewhere", path));
    return path;
  }
  return fail(Error::Code::not_found,
              fmt::format("libzbuf-exec.so: not found beside {}, nor where it is installed. "
                          "Build the target zbuf_preload",
                          here.string()));
}

// ---- Its life ----

namespace {

std::atomic<pid_t> the_program = 0;
std::atomic<bool> noting = false;
std::atomic<bool> noted = false;

void pass_on(int number, siginfo_t* info, void*) {
  const pid_t pid = the_program;
  if (noting)
    noted = true;
  const bool from_terminal = info->si_code == SI_KERNEL;
  if (pid > 0 && !(from_terminal && (number == SIGINT || number == SIGQUIT)))
    ::kill(pid, number);
}

constexpr std::array passed_on{SIGINT, SIGQUIT, SIGTERM, SIGHUP};

std::string name_of(const std::string& entry) {
  return entry.substr(0, entry.find('='));
}

} // namespace

Result<pid_t> start_program(const std::string& path, const std::vector<std::string>& arguments,
                            const std::vector<std::string>& environment) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry)
    all[name_of(*entry)] = *entry;
  for (const std::string& entry : environment)
    all[name_of(entry)] = entry;
  std::vector<char*> environment_pointers;
  for (auto& [name, entry] : all)
    environment_pointers.push_back(entry.data());
  environment_pointers.push_back(nullptr);
  std::vector<std::string> copies = arguments;
  std::vector<char*> argument_pointers;
  for (std::string& argument : copies)
    argument_pointers.push_back(argument.data());
  argument_pointers.push_back(nullptr);

  struct sigaction action {};
  action.sa_sigaction = pass_on;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigset_t defaults;
  sigemptyset(&defaults);
  for (const int number : passed_on) {
    ::sigaction(number, &action, nullptr);
    sigaddset(&defaults, number);
  }
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, path.c_str(), nullptr, &attributes, argument_pointers.data(),
                                  environment_pointers.data());
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0)
    return fail(Error::Code::io, fmt::format("{}: {}", path, std::strerror(error)));
  the_program = pid;
  return pid;
}

Ending wait_for_program(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  the_program = 0;
  Ending ending;
  if (WIFSIGNALED(status))
    ending.signal = WTERMSIG(status);
  else
    ending.status = WEXITSTATUS(status);
  return ending;
}

Interruption::Interruption() {
  noted = false;
  noting = true;
}

Interruption::~Interruption() {
  noting = false;
}

bool Interruption::came() const {
  return noted;
}

} // namespace zbuf::exec
