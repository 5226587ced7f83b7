// SPDX-License-Identifier: BSD-2-Clause
// Run under `zbuf exec`: every system call that the preloaded library stands in front of, on emulated
// descriptors and beside them on others. One argument: which part. Says what went wrong, and ends with status
// 1; or says "ok".
#include <net/bpf.h>

#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

#define EXPECT(what)                                                                                         \
  do {                                                                                                       \
    if (!(what)) {                                                                                           \
      std::printf("line %d: %s (errno %d, %s)\n", __LINE__, #what, errno, std::strerror(errno));             \
      std::exit(1);                                                                                          \
    }                                                                                                        \
  } while (false)

constexpr unsigned buffer_bytes = 32768;

/// An address where nothing is; the compiler is not to know.
void* nowhere() {
  static void* volatile address = reinterpret_cast<void*>(16);
  return address;
}

int open_reader(bool immediate = true) {
  const int fd = ::open("/dev/bpf", O_RDWR);
  EXPECT(fd >= 0);
  unsigned length = buffer_bytes;
  EXPECT(::ioctl(fd, BIOCSBLEN, &length) == 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "em0");
  EXPECT(::ioctl(fd, BIOCSETIF, &request) == 0);
  unsigned on = immediate ? 1 : 0;
  EXPECT(::ioctl(fd, BIOCIMMEDIATE, &on) == 0);
  return fd;
}

bool has_a_record(const char* at, ssize_t length) {
  const auto* const h = reinterpret_cast<const bpf_hdr*>(at);
  return length > 0 && h->bh_caplen == 60 && h->bh_datalen == 60 && h->bh_hdrlen == 26;
}

// ---- Opening and closing ----

void test_open() {
  const int lowest = ::dup(0);
  ::close(lowest);
  const int fd = ::open("/dev/bpf", O_RDWR | O_CLOEXEC);
  EXPECT(fd == lowest);
  EXPECT(::fcntl(fd, F_GETFD) == FD_CLOEXEC);
  for (const int other :
       {::open("/dev/bpf0", O_RDONLY), ::open64("/dev/bpf7", O_RDWR), ::openat(AT_FDCWD, "/dev/bpf", O_RDWR),
        ::openat64(AT_FDCWD, "/dev/bpf", O_WRONLY)}) {
    EXPECT(other > fd);
    bpf_version version{};
    EXPECT(::ioctl(other, BIOCVERSION, &version) == 0 && version.bv_major == 1);
    EXPECT(::close(other) == 0);
    EXPECT(::ioctl(other, BIOCVERSION, &version) == -1 && errno == EBADF);
  }
  EXPECT(::open("/dev/bpfx", O_RDWR) == -1 && errno == ENOENT);
  EXPECT(::close(fd) == 0 && ::close(fd) == -1 && errno == EBADF);
  for (int n = 0; n < 200; ++n) {
    const int again = ::open("/dev/bpf", O_RDWR);
    EXPECT(again == lowest && ::close(again) == 0);
  }
}

void test_status() {
  const int fd = ::open("/dev/bpf", O_RDONLY | O_NONBLOCK);
  struct stat status {};
  EXPECT(::fstat(fd, &status) == 0 && S_ISCHR(status.st_mode));
  EXPECT(::stat("/dev/bpf", &status) == 0 && S_ISCHR(status.st_mode));
  EXPECT(::lstat("/dev/bpf3", &status) == 0 && S_ISCHR(status.st_mode));
  EXPECT(::fstatat(AT_FDCWD, "/dev/bpf", &status, 0) == 0 && S_ISCHR(status.st_mode));
  EXPECT(::stat("/dev/null", &status) == 0 && status.st_rdev != 0);
  EXPECT(::access("/dev/bpf", R_OK | W_OK) == 0 && ::access("/dev/bpfx", R_OK) == -1);
  const int flags = ::fcntl(fd, F_GETFL);
  EXPECT((flags & O_ACCMODE) == O_RDONLY && (flags & O_NONBLOCK) != 0);
  EXPECT(::fcntl(fd, F_SETFL, 0) == 0 && (::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
  int on = 1;
  EXPECT(::ioctl(fd, FIONBIO, &on) == 0 && (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  char c = 0;
  EXPECT(::write(fd, &c, 1) == -1 && errno == EBADF); // opened for reading
}

void test_dup() {
  const int fd = open_reader();
  const int copy = ::dup(fd);
  EXPECT(::dup2(fd, 100) == 100 && ::dup3(fd, 101, O_CLOEXEC) == 101);
  const int high = ::fcntl(fd, F_DUPFD, 200);
  EXPECT(copy > fd && high >= 200);
  EXPECT(::close(fd) == 0);
  unsigned length = 0;
  for (const int one : {copy, 100, 101, high}) {
    EXPECT(::ioctl(one, BIOCGBLEN, &length) == 0 && length == buffer_bytes);
    EXPECT(::close(one) == 0);
  }
  EXPECT(::ioctl(copy, BIOCGBLEN, &length) == -1 && errno == EBADF);
  // Another file under the number of one of ours is another file.
  const int ours = ::open("/dev/bpf", O_RDWR);
  int ends[2];
  EXPECT(::pipe(ends) == 0 && ::dup2(ends[0], ours) == ours);
  EXPECT(::write(ends[1], "x", 1) == 1);
  char c = 0;
  EXPECT(::read(ours, &c, 1) == 1 && c == 'x');
}

/// dup2(2) that fails closes nothing.
void test_failed_dup() {
  const int fd = open_reader();
  unsigned length = 0;
  EXPECT(::dup2(-1, fd) == -1 && errno == EBADF);
  EXPECT(::dup3(999, fd, 0) == -1 && errno == EBADF);
  EXPECT(::dup3(0, fd, O_APPEND) == -1 && errno == EINVAL);
  EXPECT(::ioctl(fd, BIOCGBLEN, &length) == 0 && length == buffer_bytes);
}

/// close(2) ends the poll(2), select(2) or epoll_wait(2) of another thread at once.
void test_close_ends_waiting() {
  for (const int kind : {0, 1, 2, 3}) {
    const int fd = open_reader();
    bpf_insn reject{BPF_RET, 0, 0, 0};
    bpf_program none{1, &reject};
    EXPECT(::ioctl(fd, BIOCSETF, &none) == 0);
    const int epoll = ::epoll_create1(0);
    epoll_event event{EPOLLIN, {.fd = fd}};
    EXPECT(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
    const int other = open_reader();
    EXPECT(::ioctl(other, BIOCSETF, &none) == 0);
    int ready = -1;
    int error = 0;
    short what = 0;
    std::thread waiting([&] {
      pollfd polled[2] = {{fd, POLLIN, 0}, {other, POLLIN, 0}};
      fd_set set;
      FD_ZERO(&set);
      FD_SET(fd, &set);
      ready = kind == 0   ? ::poll(polled, 1, -1)
              : kind == 1 ? ::poll(polled, 2, -1)
              : kind == 2 ? ::select(fd + 1, &set, nullptr, nullptr, nullptr)
                          : ::epoll_wait(epoll, &event, 1, 60'000);
      error = errno;
      what = polled[0].revents;
    });
    ::usleep(20'000); // whichever is first, the end is the same
    EXPECT(::close(fd) == 0);
    waiting.join();
    EXPECT(kind == 2 ? ready == -1 && error == EBADF : ready == 1);
    EXPECT(kind > 1 || what == POLLNVAL);
    ::close(other);
    ::close(epoll);
  }
}

void test_close_range() {
  const int fd = open_reader();
  unsigned length = 0;
  EXPECT(::ioctl(fd, BIOCGBLEN, &length) == 0);
  EXPECT(::close_range(3, ~0u, 0) == 0);
  EXPECT(::ioctl(fd, BIOCGBLEN, &length) == -1 && errno == EBADF);
  const int again = open_reader(); // the way into the kernel was not the program's to close
  EXPECT(again == 3);
  ::closefrom(3);
  EXPECT(open_reader() == 3);
}

// ---- Reading and writing ----

void test_read() {
  const int fd = open_reader();
  std::vector<char> buffer(buffer_bytes);
  ssize_t n = ::read(fd, buffer.data(), buffer.size());
  EXPECT(has_a_record(buffer.data(), n));
  EXPECT(::read(fd, buffer.data(), 100) == -1 && errno == EINVAL);
  EXPECT(::read(fd, nowhere(), buffer.size()) == -1 && errno == EFAULT);
  iovec pieces[2] = {{buffer.data(), 1000}, {buffer.data() + 1000, buffer.size() - 1000}};
  n = ::readv(fd, pieces, 2);
  EXPECT(has_a_record(buffer.data(), n));
  EXPECT(::ioctl(fd, BIOCSETIF, nowhere()) == -1 && errno == EFAULT);
  EXPECT(::ioctl(fd, 0x4004ff01, buffer.data()) == -1 && errno == EINVAL);
  EXPECT(::lseek(fd, 0, SEEK_SET) == -1);
}

void test_write() {
  const int fd = open_reader();
  unsigned direction = BPF_D_OUT;
  EXPECT(::ioctl(fd, BIOCSDIRECTION, &direction) == 0);
  char frame[60] = {};
  iovec pieces[2] = {{frame, 14}, {frame + 14, 46}};
  EXPECT(::write(fd, frame, sizeof(frame)) == 60 && ::writev(fd, pieces, 2) == 60);
  EXPECT(::write(fd, nowhere(), 60) == -1 && errno == EFAULT);
  std::vector<char> huge(70000);
  EXPECT(::write(fd, huge.data(), huge.size()) == -1 && errno == EMSGSIZE);
  std::vector<char> buffer(buffer_bytes);
  EXPECT(has_a_record(buffer.data(), ::read(fd, buffer.data(), buffer.size())));
}

void test_filter() {
  const int fd = open_reader();
  bpf_insn reject[] = {BPF_STMT(BPF_RET + BPF_K, 0)};
  bpf_program program{1, reject};
  EXPECT(::ioctl(fd, BIOCSETF, &program) == 0);
  pollfd one{fd, POLLIN, 0};
  bpf_stat stat{};
  for (int i = 0; i < 600 && stat.bs_recv == 0; ++i) { // the packets begin when this waits
    EXPECT(::poll(&one, 1, 50) == 0);
    EXPECT(::ioctl(fd, BIOCGSTATS, &stat) == 0);
  }
  EXPECT(stat.bs_recv > 0);
  program.bf_insns = static_cast<bpf_insn*>(nowhere());
  EXPECT(::ioctl(fd, BIOCSETF, &program) == -1 && errno == EINVAL);
  program = {100000, reject};
  EXPECT(::ioctl(fd, BIOCSETF, &program) == -1 && errno == EINVAL);
  unsigned types[4] = {99, 99, 99, 99};
  bpf_dltlist list{4, types};
  EXPECT(::ioctl(fd, BIOCGDLTLIST, &list) == 0 && list.bfl_len == 1 && types[0] == DLT_EN10MB &&
         types[1] == 99);
  list = {0, nullptr};
  EXPECT(::ioctl(fd, BIOCGDLTLIST, &list) == 0 && list.bfl_len == 1 && list.bfl_list == nullptr);
}

// ---- Waiting ----

void test_poll() {
  const int fd = open_reader();
  int ends[2];
  EXPECT(::pipe(ends) == 0);
  pollfd two[2] = {{fd, POLLIN, 0}, {ends[0], POLLIN, 0}};
  EXPECT(::poll(two, 2, 5000) >= 1 && two[0].revents == POLLIN && two[1].revents == 0);
  two[0].fd = -1;
  EXPECT(::poll(two, 2, 20) == 0);
  const int idle = ::open("/dev/bpf", O_RDWR); // not attached: ready at once for all that is asked
  unsigned length = buffer_bytes;
  EXPECT(::ioctl(idle, BIOCSBLEN, &length) == 0);
  pollfd detached{idle, POLLIN | POLLOUT, 0};
  EXPECT(::poll(&detached, 1, 1000) == 1 && detached.revents == (POLLIN | POLLOUT));
  // The other file wakes a poll in which the emulated one has nothing.
  const int quiet = open_reader();
  bpf_insn reject[] = {BPF_STMT(BPF_RET + BPF_K, 0)};
  bpf_program program{1, reject};
  EXPECT(::ioctl(quiet, BIOCSETF, &program) == 0);
  std::thread writer([&] {
    ::usleep(20000);
    EXPECT(::write(ends[1], "x", 1) == 1);
  });
  pollfd mixed[3] = {{quiet, POLLIN, 0}, {ends[0], POLLIN, 0}, {12345, POLLIN, 0}};
  EXPECT(::poll(mixed, 2, 5000) == 1 && mixed[0].revents == 0 && mixed[1].revents == POLLIN);
  writer.join();
  EXPECT(::poll(mixed, 3, 0) == 2 && mixed[2].revents == POLLNVAL);
  pollfd both[2] = {{quiet, POLLIN, 0}, {fd, POLLIN, 0}};
  EXPECT(::poll(both, 2, 5000) == 1 && both[0].revents == 0 && both[1].revents == POLLIN);
  const timespec limit{0, 20'000'000};
  EXPECT(::ppoll(both, 1, &limit, nullptr) == 0);
  EXPECT(::poll(both, 1, 0) == 0);
}

void test_select() {
  const int fd = open_reader();
  int ends[2];
  EXPECT(::pipe(ends) == 0);
  fd_set in;
  FD_ZERO(&in);
  FD_SET(fd, &in);
  FD_SET(ends[0], &in);
  timeval limit{5, 0};
  EXPECT(::select(ends[1] + 1, &in, nullptr, nullptr, &limit) == 1);
  EXPECT(FD_ISSET(fd, &in) && !FD_ISSET(ends[0], &in) && limit.tv_sec < 5);
  EXPECT(::write(ends[1], "x", 1) == 1);
  FD_SET(ends[0], &in);
  fd_set out;
  FD_ZERO(&out);
  FD_SET(fd, &out);
  const timespec short_limit{0, 20'000'000};
  EXPECT(::pselect(ends[1] + 1, &in, &out, nullptr, &short_limit, nullptr) >= 2);
  EXPECT(FD_ISSET(fd, &out) && FD_ISSET(ends[0], &in));
  FD_ZERO(&in);
  FD_SET(fd, &in);
  FD_SET(ends[1] + 1, &in);
  EXPECT(::select(ends[1] + 2, &in, nullptr, nullptr, &limit) == -1 && errno == EBADF);
}

void test_epoll() {
  const int fd = open_reader();
  int ends[2];
  EXPECT(::pipe(ends) == 0);
  const int set = ::epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = 77;
  EXPECT(::epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0);
  EXPECT(::epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == -1 && errno == EEXIST);
  event.data.u64 = 88;
  EXPECT(::epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event) == 0);
  epoll_event got[4];
  EXPECT(::epoll_wait(set, got, 4, 5000) == 1 && got[0].data.u64 == 77 && got[0].events == EPOLLIN);
  EXPECT(::write(ends[1], "x", 1) == 1);
  EXPECT(::epoll_wait(set, got, 4, 5000) == 2);
  event.events = EPOLLIN | EPOLLONESHOT;
  EXPECT(::epoll_ctl(set, EPOLL_CTL_MOD, fd, &event) == 0);
  EXPECT(::epoll_wait(set, got, 4, 5000) == 2 && ::epoll_wait(set, got, 4, 20) == 1);
  EXPECT(::epoll_ctl(set, EPOLL_CTL_DEL, fd, nullptr) == 0);
  EXPECT(::epoll_ctl(set, EPOLL_CTL_DEL, fd, nullptr) == -1 && errno == ENOENT);
  EXPECT(::epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0 && ::close(fd) == 0);
  EXPECT(::epoll_wait(set, got, 4, 20) == 1);
}

volatile std::sig_atomic_t signals = 0;

void test_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { signals = signals + 1; };
  ::sigaction(SIGALRM, &action, nullptr);
  const int fd = open_reader();
  bpf_insn reject[] = {BPF_STMT(BPF_RET + BPF_K, 0)};
  bpf_program program{1, reject};
  EXPECT(::ioctl(fd, BIOCSETF, &program) == 0);
  std::vector<char> buffer(buffer_bytes);
  const itimerval soon{{0, 0}, {0, 30000}}, never{};
  const itimerval again{{0, 30000}, {0, 30000}}; // the first may come before the call does
  ::setitimer(ITIMER_REAL, &again, nullptr);
  EXPECT(::read(fd, buffer.data(), buffer.size()) == -1 && errno == EINTR && signals >= 1);
  pollfd one{fd, POLLIN, 0};
  EXPECT(::poll(&one, 1, 60'000) == -1 && errno == EINTR && signals >= 2);
  // A handler that makes calls of its own while one is under way.
  static int handled_fd;
  handled_fd = fd;
  action.sa_handler = [](int) {
    bpf_stat stat{};
    EXPECT(::ioctl(handled_fd, BIOCGSTATS, &stat) == 0 && stat.bs_recv > 0);
    signals = signals + 1;
  };
  ::sigaction(SIGALRM, &action, nullptr);
  EXPECT(::poll(&one, 1, 60'000) == -1 && errno == EINTR && signals >= 3);
  ::setitimer(ITIMER_REAL, &never, nullptr);
  const int before = signals;
  // With SA_RESTART a read goes on, and ends by its own time-out.
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGALRM, &action, nullptr);
  timeval patience{0, 100'000};
  EXPECT(::ioctl(fd, BIOCSRTIMEOUT, &patience) == 0);
  ::setitimer(ITIMER_REAL, &soon, nullptr);
  EXPECT(::read(fd, buffer.data(), buffer.size()) == 0 && signals == before + 1);
}

// ---- Processes and threads ----

void test_fork() {
  const int fd = open_reader();
  std::vector<char> buffer(buffer_bytes);
  const pid_t child = ::fork();
  if (child == 0) { // it has the same descriptor, and may open its own
    EXPECT(has_a_record(buffer.data(), ::read(fd, buffer.data(), buffer.size())));
    const int own = open_reader();
    EXPECT(has_a_record(buffer.data(), ::read(own, buffer.data(), buffer.size())));
    ::_exit(42);
  }
  int status = 0;
  EXPECT(::waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 42);
  EXPECT(has_a_record(buffer.data(), ::read(fd, buffer.data(), buffer.size())));
  const pid_t vforked = ::vfork();
  if (vforked == 0) {
    ::close(fd);
    ::_exit(0);
  }
  EXPECT(::waitpid(vforked, &status, 0) == vforked);
  EXPECT(has_a_record(buffer.data(), ::read(fd, buffer.data(), buffer.size())));
}

/// The descriptor is inherited by a program that is executed: this one again, as part "inherited".
void test_exec() {
  const int fd = open_reader();
  EXPECT(::dup2(fd, 50) == 50);
  ::execl("/proc/self/exe", "surface", "inherited", nullptr);
  EXPECT(false);
}

void test_inherited() {
  std::vector<char> buffer(buffer_bytes);
  pollfd one{50, POLLIN, 0};
  EXPECT(::poll(&one, 1, 5000) == 1);
  EXPECT(has_a_record(buffer.data(), ::read(50, buffer.data(), buffer.size())));
}

/// It goes to another process through a socket.
void test_passed() {
  int pair[2];
  EXPECT(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  const pid_t child = ::fork();
  char byte = 'x';
  iovec piece{&byte, 1};
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof(room);
  if (child == 0) {
    const int fd = open_reader();
    cmsghdr* const extra = CMSG_FIRSTHDR(&message);
    extra->cmsg_level = SOL_SOCKET;
    extra->cmsg_type = SCM_RIGHTS;
    extra->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(extra), &fd, sizeof(fd));
    EXPECT(::sendmsg(pair[0], &message, 0) == 1);
    ::_exit(0);
  }
  EXPECT(::recvmsg(pair[1], &message, 0) == 1);
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
  unsigned length = 0;
  EXPECT(::ioctl(fd, BIOCGBLEN, &length) == 0 && length == buffer_bytes);
  std::vector<char> buffer(length);
  EXPECT(has_a_record(buffer.data(), ::read(fd, buffer.data(), buffer.size())));
}

void test_threads() {
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int n = 0; n < 8; ++n)
    threads.emplace_back([&good] {
      const int fd = open_reader();
      std::vector<char> buffer(buffer_bytes);
      for (int i = 0; i < 20; ++i)
        EXPECT(has_a_record(buffer.data(), ::read(fd, buffer.data(), buffer.size())));
      EXPECT(::close(fd) == 0);
      ++good;
    });
  for (std::thread& thread : threads)
    thread.join();
  EXPECT(good == 8);
}

// ---- Interfaces ----

void test_interfaces() {
  const int any = ::socket(AF_INET, SOCK_DGRAM, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "em0");
  EXPECT(::ioctl(any, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0);
  EXPECT(::ioctl(any, SIOCGIFMTU, &request) == 0 && request.ifr_mtu == 1500);
  EXPECT(::ioctl(any, SIOCGIFHWADDR, &request) == 0 && request.ifr_hwaddr.sa_family == 1);
  EXPECT(::ioctl(any, SIOCGIFADDR, &request) == 0 && request.ifr_addr.sa_family == AF_INET);
  const unsigned index = ::if_nametoindex("em0");
  char name[IFNAMSIZ];
  EXPECT(index != 0 && ::if_indextoname(index, name) == name && std::strcmp(name, "em0") == 0);
  std::strcpy(request.ifr_name, "lo");
  EXPECT(::ioctl(any, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_LOOPBACK) != 0);
  std::strcpy(request.ifr_name, "nosuch");
  EXPECT(::ioctl(any, SIOCGIFFLAGS, &request) == -1 && errno == ENODEV);
  std::vector<ifreq> room(64);
  ifconf list{};
  list.ifc_len = static_cast<int>(room.size() * sizeof(ifreq));
  list.ifc_req = room.data();
  EXPECT(::ioctl(any, SIOCGIFCONF, &list) == 0);
  bool found = false;
  for (std::size_t i = 0; i < static_cast<std::size_t>(list.ifc_len) / sizeof(ifreq); ++i)
    found = found || std::strcmp(room[i].ifr_name, "em0") == 0;
  EXPECT(found);
  ifaddrs* all = nullptr;
  EXPECT(::getifaddrs(&all) == 0);
  bool em0 = false, lo = false;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    em0 = em0 || std::strcmp(one->ifa_name, "em0") == 0;
    lo = lo || std::strcmp(one->ifa_name, "lo") == 0;
  }
  EXPECT(em0 && lo);
  ::freeifaddrs(all);
}

// ---- Loans ----

/// Memory of several kinds can be lent, and keeps its contents; what cannot, is refused.
void test_loan() {
  constexpr std::size_t length = 16384;
  alignas(4096) static char first[length];
  void* second = nullptr;
  EXPECT(::posix_memalign(&second, 4096, length) == 0);
  std::memset(first, 'a', length);
  std::memset(second, 'b', length);
  const int fd = ::open("/dev/bpf", O_RDWR);
  unsigned mode = BPF_BUFMODE_ZBUF;
  EXPECT(::ioctl(fd, BIOCSETBUFMODE, &mode) == 0);
  std::size_t most = 0;
  EXPECT(::ioctl(fd, BIOCGETZMAX, &most) == 0 && most == 2097152);
  bpf_zbuf zbuf{first, reinterpret_cast<void*>(4096), length};
  EXPECT(::ioctl(fd, BIOCSETZBUF, &zbuf) == -1 && errno == EFAULT);
  zbuf = {first, static_cast<char*>(second) + 8, length};
  EXPECT(::ioctl(fd, BIOCSETZBUF, &zbuf) == -1 && errno == EINVAL);
  zbuf = {first, second, length};
  EXPECT(::ioctl(fd, BIOCSETZBUF, &zbuf) == 0);
  EXPECT(first[31] == 0 && first[32] == 'a' && first[length - 1] == 'a');
  EXPECT(static_cast<char*>(second)[0] == 0 && static_cast<char*>(second)[100] == 'b');
  ifreq request{};
  std::strcpy(request.ifr_name, "em0");
  EXPECT(::ioctl(fd, BIOCSETIF, &request) == 0);
  pollfd one{fd, POLLIN, 0};
  EXPECT(::poll(&one, 1, 5000) == 1);
  const auto* const header = reinterpret_cast<const bpf_zbuf_header*>(first);
  EXPECT(header->bzh_kernel_gen == 1 && header->bzh_kernel_len > 0);
  EXPECT(has_a_record(first + 32, header->bzh_kernel_len));
  // A fill can go from the loan to a file without a look at it.
  const int sink = ::memfd_create("sink", 0);
  EXPECT(::write(sink, first, length) == static_cast<ssize_t>(length));
  EXPECT(::close(fd) == 0);
  EXPECT(first[length - 1] == 'a' && header->bzh_kernel_gen == 1); // stays as it was
  std::memset(first, 'c', length);
  std::free(second);
}

/// Memory that a descriptor was lent is its owner's again when close(2) returns, however it is closed.
void test_close_detaches() {
  constexpr std::size_t length = 65536;
  auto* const both = static_cast<char*>(
      ::mmap(nullptr, 2 * length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  const int null = ::open("/dev/null", O_RDWR);
  for (int n = 0; n < 400; ++n) {
    const int fd = ::open("/dev/bpf", O_RDWR);
    unsigned mode = BPF_BUFMODE_ZBUF;
    EXPECT(::ioctl(fd, BIOCSETBUFMODE, &mode) == 0);
    bpf_zbuf zbuf{both, both + length, length};
    EXPECT(::ioctl(fd, BIOCSETZBUF, &zbuf) == 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "em0");
    EXPECT(::ioctl(fd, BIOCSETIF, &request) == 0);
    const int copy = n % 4 == 3 ? ::dup(fd) : -1;
    for (const int one : {fd, copy}) {
      if (one < 0)
        continue;
      if (n % 4 == 0)
        EXPECT(::dup2(null, one) == one && ::close(one) == 0);
      else if (n % 4 == 1)
        EXPECT(::close_range(static_cast<unsigned>(one), static_cast<unsigned>(one), 0) == 0);
      else
        EXPECT(::close(one) == 0);
    }
    std::memset(both, 0xee, 2 * length);
    for (int looks = 0; looks < 20; ++looks)
      for (const std::size_t at : {std::size_t{0}, std::size_t{32}, length, length + 32})
        for (std::size_t i = 0; i < 32; ++i)
          EXPECT(static_cast<unsigned char>(static_cast<volatile char*>(both)[at + i]) == 0xee);
  }
}

void test_many_loans() {
  for (int n = 0; n < 100; ++n) {
    constexpr std::size_t length = 65536;
    void* const both =
        ::mmap(nullptr, 2 * length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int fd = ::open("/dev/bpf", O_RDWR);
    unsigned mode = BPF_BUFMODE_ZBUF;
    EXPECT(::ioctl(fd, BIOCSETBUFMODE, &mode) == 0);
    bpf_zbuf zbuf{both, static_cast<char*>(both) + length, length};
    EXPECT(::ioctl(fd, BIOCSETZBUF, &zbuf) == 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "em0");
    EXPECT(::ioctl(fd, BIOCSETIF, &request) == 0);
    EXPECT(::close(fd) == 0 && ::munmap(both, 2 * length) == 0);
  }
}

/// The program's own handler of SIGSEGV is still called, for its own faults.
void test_own_segv() {
  static void* volatile trap = ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct sigaction action {};
  action.sa_handler = [](int) {
    ::mprotect(trap, 4096, PROT_READ | PROT_WRITE);
    signals = signals + 1;
  };
  ::sigaction(SIGSEGV, &action, nullptr);
  test_loan();
  ::sigaction(SIGSEGV, &action, nullptr);
  *static_cast<volatile char*>(trap) = 1;
  EXPECT(signals == 1);
}

struct Part {
  std::string_view name;
  void (*run)();
};
constexpr Part parts[] = {
    {"open", test_open},
    {"status", test_status},
    {"dup", test_dup},
    {"failed_dup", test_failed_dup},
    {"close_ends_waiting", test_close_ends_waiting},
    {"close_range", test_close_range},
    {"read", test_read},
    {"write", test_write},
    {"filter", test_filter},
    {"poll", test_poll},
    {"select", test_select},
    {"epoll", test_epoll},
    {"signals", test_signals},
    {"fork", test_fork},
    {"exec", test_exec},
    {"inherited", test_inherited},
    {"passed", test_passed},
    {"threads", test_threads},
    {"interfaces", test_interfaces},
    {"loan", test_loan},
    {"close_detaches", test_close_detaches},
    {"many_loans", test_many_loans},
    {"own_segv", test_own_segv},
};

} // namespace

int main(int argc, char** argv) {
  for (const Part& part : parts)
    if (argc == 2 && part.name == argv[1]) {
      part.run();
      std::puts("ok");
      return 0;
    }
  return 2;
}
