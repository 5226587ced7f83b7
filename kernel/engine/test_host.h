// SPDX-License-Identifier: BSD-2-Clause
// The smallest host that the engine can live in: no operating system, no clock, and interfaces that are
// rows of a list. It checks the contract of host.h at every call: what is "locked" is called with the lock
// held and the rest without, and whatever was taken is given back.
#pragma once

extern "C" {
#include "kernel/engine/descriptor.h"
}

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace zbuf::testing {

using Bytes = std::vector<std::uint8_t>;

/// Memory of a user, page by page: the kernel reaches it through its frames, which lie anywhere.
struct UserMemory {
  std::uint64_t address = 0;
  std::size_t size = 0;
  bool missing = false; ///< wiring it fails
  std::vector<std::unique_ptr<std::array<std::uint8_t, ZB_PAGE_SIZE>>> frames{};
  std::vector<std::uint8_t*> pages{}; ///< in order of address
  std::uint8_t* whole = nullptr;      ///< or all of it in one piece

  UserMemory(std::uint64_t at, std::size_t bytes, bool in_one_piece) : address(at), size(bytes) {
    const std::size_t count = (bytes + ZB_PAGE_SIZE - 1) / ZB_PAGE_SIZE;
    if (in_one_piece) {
      whole = static_cast<std::uint8_t*>(std::aligned_alloc(ZB_PAGE_SIZE, count * ZB_PAGE_SIZE));
      std::memset(whole, 0, count * ZB_PAGE_SIZE);
      return;
    }
    for (std::size_t i = 0; i < count; ++i) {
      frames.push_back(std::make_unique<std::array<std::uint8_t, ZB_PAGE_SIZE>>());
      frames.back()->fill(0);
    }
    for (std::size_t i = 0; i < count; ++i)
      pages.push_back(frames[count - 1 - i]->data());
  }
  ~UserMemory() { std::free(whole); }
  UserMemory(const UserMemory&) = delete;
  UserMemory& operator=(const UserMemory&) = delete;

  /// As the user sees it.
  [[nodiscard]] Bytes bytes() const {
    if (whole != nullptr)
      return {whole, whole + size};
    Bytes all;
    for (const std::uint8_t* page : pages)
      all.insert(all.end(), page, page + ZB_PAGE_SIZE);
    return all;
  }
  [[nodiscard]] zb_shared_header* header() const {
    return reinterpret_cast<zb_shared_header*>(whole != nullptr ? whole : pages[0]);
  }
};

/// One kernel with one descriptor, open. Single-threaded: the lock is a flag.
class TestHost {
 public:
  struct Options {
    zb_revision_number revision = ZB_FREEBSD;
    std::uint32_t hz = 1000;
    bool write_only = false;
    bool nonblocking = false;
    bool optimize_writers = false;
    bool in_one_piece = true; ///< loaned memory; else page by page
    std::uint32_t maxbufsize = 524288;
  };

  TestHost() : TestHost(Options{}) {}
  explicit TestHost(zb_revision_number revision) : TestHost(Options{.revision = revision}) {}
  explicit TestHost(const Options& options) : options_(options), table_(make_table()) {
    tunables = {4096, options.maxbufsize, 512, options.hz, true, options.optimize_writers ? 1u : 0u};
    trace_memory_.resize(1 << 16);
    trace_.next = trace_memory_.data();
    trace_.end = trace_memory_.data() + trace_memory_.size();
    trace_.packet = ZB_NO_PACKET;
    trace_.full = [](zb_trace*) { std::abort(); };
    zb_open_args open{};
    open.host = &table_;
    open.host_context = this;
    open.tunables = &tunables;
    open.revision = &zb_revisions[options.revision];
    open.trace = &trace_;
    open.nonblocking = options.nonblocking;
    open.write_only = options.write_only;
    zb_open(&d, &open);
  }
  ~TestHost() {
    if (!closed_)
      close();
    EXPECT_TRUE(allocations_.empty()) << "memory was not freed";
    EXPECT_EQ(wired, 0) << "loaned memory was not given back";
    EXPECT_EQ(filters, 0) << "a filter was not freed";
    EXPECT_EQ(frames, 0) << "a frame was neither sent nor dropped";
    EXPECT_FALSE(locked) << "the lock is still held";
    for (const auto& [number, count] : promiscuity)
      EXPECT_EQ(count, 0) << "interface " << number << " stays promiscuous";
  }
  TestHost(const TestHost&) = delete;
  TestHost& operator=(const TestHost&) = delete;

  void close() {
    zb_close(&d);
    closed_ = true;
    EXPECT_FALSE(timer);
    EXPECT_TRUE(attached.empty());
  }

  // ---- System calls ----

  /// The generic layer: the argument is copied in, and out where the call succeeded.
  int ioctl(std::uint32_t request, void* argument = nullptr) {
    alignas(8) std::array<std::uint8_t, ZB_ARGUMENT_BYTES> copy{};
    const std::size_t length = ZB_IOC_LENGTH(request);
    if ((request & ZB_IOC_IN) != 0)
      std::memcpy(copy.data(), argument, length);
    const int error = zb_ioctl(&d, request, copy.data());
    EXPECT_FALSE(locked) << "ioctl left the lock held";
    if (error == 0 && (request & ZB_IOC_OUT) != 0)
      std::memcpy(argument, copy.data(), length);
    return error;
  }
  int set(std::uint32_t request, std::uint32_t value) { return ioctl(request, &value); }
  std::uint32_t get(std::uint32_t request) {
    std::uint32_t value = 0xdeadbeef;
    EXPECT_EQ(ioctl(request, &value), 0);
    return value;
  }
  int set_interface(const std::string& name) {
    zb_ifreq ifr{};
    std::memcpy(ifr.name, name.data(), name.size());
    return ioctl(ZB_BIOCSETIF, &ifr);
  }
  int set_filter(std::uint32_t request, std::vector<zb_bpf_insn> program) {
    user_[program_address] = reinterpret_cast<std::uint8_t*>(program.data());
    zb_bpf_program p{static_cast<std::uint32_t>(program.size()), 0, program.empty() ? 0 : program_address};
    return ioctl(request, &p);
  }
  /// A filter that keeps so many bytes of everything; this host understands no other.
  static std::vector<zb_bpf_insn> keep(std::uint32_t snap) { return {{0x06, 0, 0, snap}}; }
  int set_timeout(std::int64_t sec, std::int64_t usec) {
    zb_timeval tv{sec, usec};
    return ioctl(ZB_BIOCSRTIMEOUT, &tv);
  }
  std::pair<int, std::size_t> read(std::size_t length) {
    read_into.assign(length, 0);
    user_[read_address] = read_into.data();
    std::size_t done = 0;
    const int error = zb_read(&d, read_address, length, &done);
    EXPECT_FALSE(locked) << "read left the lock held";
    return {error, done};
  }
  std::pair<int, std::size_t> write(const Bytes& frame) {
    user_[write_address] = const_cast<std::uint8_t*>(frame.data());
    std::size_t done = 0;
    const int error = zb_write(&d, write_address, frame.size(), &done);
    EXPECT_FALSE(locked) << "write left the lock held";
    return {error, done};
  }
  int poll(int events = ZB_POLLIN) { return zb_poll(&d, events); }
  /// The timer that is armed runs out.
  void run_timer() {
    EXPECT_TRUE(timer);
    timer.reset();
    zb_timer(&d);
  }

  // ---- Shortcuts ----

  /// Two fresh buffers; SETBUFMODE, SETZBUF.
  int lend(std::uint64_t length) {
    EXPECT_EQ(set(ZB_BIOCSETBUFMODE, ZB_BUFMODE_ZBUF), 0);
    return lend_again(length);
  }
  int lend_again(std::uint64_t length) {
    const UserMemory& a = add_memory(length);
    const UserMemory& b = add_memory(length);
    zb_bpf_zbuf z{a.address, b.address, length};
    const int error = ioctl(ZB_BIOCSETZBUF, &z);
    if (error == 0)
      loan = {memory.size() - 2, memory.size() - 1};
    return error;
  }
  UserMemory& add_memory(std::uint64_t length) {
    memory.push_back(
        std::make_unique<UserMemory>(next_address_, static_cast<std::size_t>(length), options_.in_one_piece));
    next_address_ += (length / ZB_PAGE_SIZE + 2) * ZB_PAGE_SIZE;
    return *memory.back();
  }
  [[nodiscard]] UserMemory& lent(zb_which which) { return *memory[loan[which]]; }
  [[nodiscard]] Bytes bytes(zb_which which) { return lent(which).bytes(); }
  [[nodiscard]] zb_shared_header* header(zb_which which) { return lent(which).header(); }
  void acknowledge(zb_which which) { zb_user_acknowledge(header(which), zb_user_kernel_gen(header(which))); }

  /// A packet whose byte k is first + k.
  static Bytes payload(std::size_t length, std::uint8_t first = 0) {
    Bytes bytes(length);
    for (std::size_t k = 0; k < length; ++k)
      bytes[k] = static_cast<std::uint8_t>(first + k);
    return bytes;
  }
  std::uint32_t packet(std::size_t length, std::uint8_t first = 0) { return tap(payload(length, first)); }
  void packets(int count, std::size_t length) {
    for (int i = 0; i < count; ++i)
      packet(length);
  }
  std::uint32_t tap(const Bytes& bytes, std::uint32_t wire_length = 0, bool outgoing = false) {
    zb_packet p{};
    p.bytes = bytes.data();
    p.length = static_cast<std::uint32_t>(bytes.size());
    p.wire_length = wire_length == 0 ? p.length : wire_length;
    p.time_ns = time_ns;
    p.outgoing = outgoing;
    return zb_tap(&d, &p);
  }
  using Chain = std::vector<Bytes>;
  std::uint32_t tap_chain(const Chain& chain) {
    zb_packet p{};
    p.chain = &chain;
    for (const Bytes& part : chain)
      p.length += static_cast<std::uint32_t>(part.size());
    p.wire_length = p.length;
    return zb_tap(&d, &p);
  }

  [[nodiscard]] zb_xbpf_d stats() {
    zb_xbpf_d x{};
    zb_stats(&d, &x);
    return x;
  }
  /// Kinds of the events since the last call.
  std::vector<zb_event> events() {
    std::vector<zb_event> seen(trace_memory_.data(), trace_.next);
    trace_.next = trace_memory_.data();
    return seen;
  }
  bool happened(zb_event_kind kind) {
    const auto seen = events();
    return std::any_of(seen.begin(), seen.end(), [&](const zb_event& e) { return e.kind == kind; });
  }

  // ---- What the host is, and what was asked of it ----

  zb_descriptor d{};
  zb_tunables tunables{};
  std::uint64_t time_ns = 0; ///< stamps of packets
  std::vector<zb_link> links{
      {"em0", 0, 1, 14}, {"lo0", 1, 0, 4}, {"tun0", 2, 12, 0}, {"any", 3, 113, 16}, {"any2", 4, 276, 20}};
  std::vector<std::uint32_t> more_types{}; ///< beside its own, every interface can do these
  std::uint32_t mtu = 1500;                ///< 0: down
  bool locked = false;
  bool out_of_memory = false;
  int wakes = 0;                        ///< of either channel
  int news = 0;                         ///< for those who poll
  std::vector<std::uint32_t> signals{}; ///< that came with the news; 0: none
  std::int32_t owner = 0;
  int owner_error = 0;
  zb_channel slept_for = ZB_FOR_DATA; ///< the last time
  bool slept_interruptibly = false;   ///< likewise
  std::optional<std::uint32_t> timer{};
  std::vector<std::uint32_t> sleeps{}; ///< ticks of each
  /// What happens while the process sleeps; its result is the sleep's.
  std::function<int()> asleep = [] { return ZB_EWOULDBLOCK; };
  /// What happens while read(2) copies.
  std::function<void()> copying = [] {};
  int copy_error = 0;
  Bytes read_into{};
  std::vector<Bytes> sent{};
  zb_sending sent_how{};
  int send_error = 0;
  std::vector<std::uint32_t> attached{};
  int attach_error = 0;
  std::map<std::uint32_t, int> promiscuity{};
  int wired = 0;
  int filters = 0;
  int frames = 0;
  std::vector<std::unique_ptr<UserMemory>> memory{};
  std::array<std::size_t, 2> loan{};
  /// For BIOCGDLTLIST: where the process has its list, and what was copied there.
  static constexpr std::uint64_t type_list_address = 0x40000;
  std::vector<std::uint32_t> type_list{};
  /// What another thread does, once, while this one is in alloc, wire, find or frame_in.
  std::function<void()> meanwhile{};

 private:
  static constexpr std::uint64_t program_address = 0x10000;
  static constexpr std::uint64_t read_address = 0x20000;
  static constexpr std::uint64_t write_address = 0x30000;

  static TestHost& self(void* context) { return *static_cast<TestHost*>(context); }
  static TestHost& with_lock(void* context, const char* what) {
    EXPECT_TRUE(self(context).locked) << what << " is called without the lock";
    return self(context);
  }
  static TestHost& without_lock(void* context, const char* what) {
    EXPECT_FALSE(self(context).locked) << what << " is called with the lock held";
    return self(context);
  }
  void interleave() {
    if (const auto other = std::exchange(meanwhile, nullptr))
      other();
  }
  const zb_link* find_link(const std::function<bool(const zb_link&)>& wanted) const {
    const auto found = std::find_if(links.begin(), links.end(), wanted);
    return found == links.end() ? nullptr : &*found;
  }
  UserMemory* find_memory(std::uint64_t address) {
    for (const auto& m : memory)
      if (m->address == address)
        return m.get();
    return nullptr;
  }

  zb_host make_table() {
    zb_host t{};
    t.lock = [](void* c) { without_lock(c, "lock").locked = true; };
    t.unlock = [](void* c) { with_lock(c, "unlock").locked = false; };
    t.sleep = [](void* c, zb_channel channel, std::uint32_t ticks, bool interruptible) {
      TestHost& h = with_lock(c, "sleep");
      h.sleeps.push_back(ticks);
      h.slept_for = channel;
      h.slept_interruptibly = interruptible;
      h.locked = false;
      const int result = h.asleep();
      h.locked = true;
      return result;
    };
    t.wake = [](void* c, zb_channel) { ++with_lock(c, "wake").wakes; };
    t.notify = [](void* c, std::uint32_t signal) {
      ++with_lock(c, "notify").news;
      self(c).signals.push_back(signal);
    };
    t.set_owner = [](void* c, std::int32_t who) {
      TestHost& h = without_lock(c, "set_owner");
      h.owner = h.owner_error == 0 ? who : 0;
      return h.owner_error;
    };
    t.get_owner = [](void* c) { return without_lock(c, "get_owner").owner; };
    t.timer_arm = [](void* c, std::uint32_t ticks) { with_lock(c, "timer_arm").timer = ticks; };
    t.timer_cancel = [](void* c) { with_lock(c, "timer_cancel").timer.reset(); };
    t.alloc = [](void* c, std::size_t size) -> void* {
      TestHost& h = without_lock(c, "alloc");
      h.interleave();
      if (h.out_of_memory)
        return nullptr;
      void* const m = std::calloc(1, size);
      h.allocations_[m] = size;
      return m;
    };
    t.free = [](void* c, void* m, std::size_t size) {
      TestHost& h = without_lock(c, "free");
      EXPECT_EQ(h.allocations_.count(m), 1u) << "free of what was not allocated";
      EXPECT_EQ(h.allocations_[m], size) << "free with another size";
      h.allocations_.erase(m);
      std::free(m);
    };
    t.copy_in = [](void* c, std::uint64_t user, void* to, std::size_t n) {
      TestHost& h = without_lock(c, "copy_in");
      if (h.user_.count(user) == 0)
        return ZB_EFAULT;
      std::memcpy(to, h.user_[user], n);
      return 0;
    };
    t.copy_out = [](void* c, const void* from, std::uint64_t user, std::size_t n) {
      TestHost& h = without_lock(c, "copy_out");
      h.copying();
      if (h.copy_error != 0)
        return h.copy_error;
      if (user == type_list_address)
        h.type_list.assign(static_cast<const std::uint32_t*>(from),
                           static_cast<const std::uint32_t*>(from) + n / 4);
      else
        std::memcpy(h.user_.at(user), from, n);
      return 0;
    };
    t.wire = [](void* c, std::uint64_t user, std::size_t size, zb_memory* m) {
      TestHost& h = without_lock(c, "wire");
      h.interleave();
      const UserMemory* const found = h.find_memory(user);
      if (found == nullptr || found->missing || found->size < size)
        return ZB_EFAULT;
      *m = {};
      m->contiguous = found->whole;
      m->pages = found->pages.data();
      ++h.wired;
      return 0;
    };
    t.unwire = [](void* c, zb_memory*, std::size_t size) {
      EXPECT_EQ(size % ZB_PAGE_SIZE, 0u);
      --without_lock(c, "unwire").wired;
    };
    t.copy = [](void* to, const void* from, std::size_t n) { std::memcpy(to, from, n); };
    t.copy_packet = [](const zb_packet* p, std::uint32_t offset, void* to, std::size_t n) {
      auto* out = static_cast<std::uint8_t*>(to);
      for (const Bytes& part : *static_cast<const Chain*>(p->chain)) {
        for (std::size_t k = offset; k < part.size() && n > 0; ++k, --n)
          *out++ = part[k];
        offset -= std::min(offset, static_cast<std::uint32_t>(part.size()));
      }
      EXPECT_EQ(n, 0u) << "more asked for than the packet has";
    };
    t.filter_new = [](void* c, const zb_bpf_insn* insns, std::uint32_t n, bool) -> void* {
      TestHost& h = without_lock(c, "filter_new");
      if (insns[n - 1].code != 0x06)
        return nullptr;
      ++h.filters;
      return new std::uint32_t(insns[n - 1].k);
    };
    t.filter_free = [](void* c, void* filter) {
      --without_lock(c, "filter_free").filters;
      delete static_cast<std::uint32_t*>(filter);
    };
    t.filter_run = [](const void* filter, const zb_packet*) {
      return *static_cast<const std::uint32_t*>(filter);
    };
    t.find = [](void* c, const char* name, zb_link* link) {
      TestHost& h = without_lock(c, "find");
      h.interleave();
      const zb_link* const found =
          h.find_link([&](const zb_link& l) { return std::strncmp(l.name, name, ZB_IFNAMSIZ) == 0; });
      if (found == nullptr)
        return ZB_ENXIO;
      *link = *found;
      return 0;
    };
    t.find_type = [](void* c, std::uint32_t interface, std::uint32_t type, zb_link* link) {
      TestHost& h = without_lock(c, "find_type");
      if (std::find(h.more_types.begin(), h.more_types.end(), type) == h.more_types.end())
        return ZB_EINVAL;
      *link = *h.find_link([&](const zb_link& l) { return l.number == interface; });
      link->type = type;
      return 0;
    };
    t.types = [](void* c, std::uint32_t interface, std::uint32_t* list, std::uint32_t room) {
      TestHost& h = with_lock(c, "types");
      std::uint32_t n = 0;
      list[n++] = h.find_link([&](const zb_link& l) { return l.number == interface; })->type;
      for (const std::uint32_t type : h.more_types)
        if (n < room)
          list[n++] = type;
      return n;
    };
    t.attach = [](void* c, const zb_link* link) {
      TestHost& h = with_lock(c, "attach");
      if (h.attach_error != 0)
        return h.attach_error;
      if (h.d.attached) {
        EXPECT_EQ(std::erase(h.attached, h.d.link.number), 1u);
      }
      h.attached.push_back(link->number);
      return 0;
    };
    t.detach = [](void* c, std::uint32_t interface) {
      TestHost& h = with_lock(c, "detach");
      EXPECT_EQ(std::erase(h.attached, interface), 1u) << "detached from where it was not attached";
    };
    t.promiscuous = [](void* c, std::uint32_t interface, bool on) {
      TestHost& h = with_lock(c, "promiscuous");
      h.promiscuity[interface] += on ? 1 : -1;
      EXPECT_GE(h.promiscuity[interface], 0) << "promiscuous mode was switched off twice";
      return 0;
    };
    t.mtu = [](void* c, std::uint32_t) { return with_lock(c, "mtu").mtu; };
    t.frame_in = [](void* c, std::uint64_t user, std::uint32_t length, zb_packet* p) {
      TestHost& h = without_lock(c, "frame_in");
      h.interleave();
      if (h.copy_error != 0)
        return h.copy_error;
      *p = {};
      p->bytes = h.user_.at(user);
      p->length = p->wire_length = length;
      ++h.frames;
      return 0;
    };
    t.frame_drop = [](void* c, zb_packet*) { --without_lock(c, "frame_drop").frames; };
    t.frame_send = [](void* c, std::uint32_t, zb_packet* p, const zb_sending* how) {
      TestHost& h = without_lock(c, "frame_send");
      --h.frames;
      h.sent_how = *how;
      if (h.send_error == 0)
        h.sent.emplace_back(p->bytes, p->bytes + p->length);
      return h.send_error;
    };
    return t;
  }

  const Options options_;
  const zb_host table_;
  zb_trace trace_{};
  std::vector<zb_event> trace_memory_{};
  std::map<std::uint64_t, std::uint8_t*> user_{};
  std::map<void*, std::size_t> allocations_{};
  std::uint64_t next_address_ = 0x1000000;
  bool closed_ = false;
};

/// The record header at that offset of a buffer's bytes.
inline zb_bpf_hdr record_at(const Bytes& buffer, std::size_t offset) {
  zb_bpf_hdr header{};
  std::memcpy(&header, buffer.data() + offset, sizeof(header));
  return header;
}

/// Tests that run on every revision, each named after it.
class OnEachRevision : public ::testing::TestWithParam<zb_revision_number> {
 public:
  static std::string name(const ::testing::TestParamInfo<zb_revision_number>& info) {
    std::string name = zb_revisions[info.param].name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
  }

 protected:
  [[nodiscard]] static const zb_revision& revision() { return zb_revisions[GetParam()]; }
};

inline constexpr auto all_revisions = [] {
  std::array<zb_revision_number, ZB_REVISIONS> all{};
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = static_cast<zb_revision_number>(i);
  return all;
}();

} // namespace zbuf::testing
