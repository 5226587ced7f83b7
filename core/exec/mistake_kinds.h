// SPDX-License-Identifier: BSD-2-Clause
// The table of mistakes: what a program can do wrong with bpf(4) so that it shows. Reports, JSON, JUnit and
// the metadata of recordings take their words from here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace zbuf::exec {

/// X(name, id, rules, lesson, advice)
///
/// id      for programs that read reports: it never changes, and none is used again
/// rules   of kernel/bpf-behaviour.md
/// lesson  a file of scenarios/, without its ending: what it comes to
/// advice  what to do instead: whole sentences
#define ZBUF_MISTAKES(X)                                                                                     \
  X(acknowledged_not_lent, "acknowledged-not-lent", "3.2, 3.4", "11-a-hostile-process",                      \
    "A buffer is acknowledged once, by setting user_gen to the kernel_gen that was read, and only while "    \
    "the "                                                                                                   \
    "two differ")                                                                                            \
  X(acknowledged_by_counting, "acknowledged-by-counting", "3.2, 3.3", "03-acknowledge-and-reuse",            \
    "Store the kernel_gen that was read into user_gen: who counts for himself and misses a generation once " \
    "never agrees with the kernel again")                                                                    \
  X(wrote_kernel_word, "wrote-kernel-word", "3.1", "11-a-hostile-process",                                   \
    "A program writes user_gen and nothing else of the header")                                              \
  X(cleared_header, "cleared-header", "3.1, 3.4", "11-a-hostile-process",                                    \
    "The header is there for as long as the descriptor: a program writes user_gen and nothing else of it")   \
  X(younger_first, "younger-first", "2.9, 3.6", "06-the-order-matters",                                      \
    "The kernel waits for the older one, and drops packets meanwhile")                                       \
  X(kept_one, "kept-one", "2.9, 3.6", "06-the-order-matters",                                                \
    "The buffers are lent in turn and are to be read and returned in turn")                                  \
  X(never_acknowledged, "never-acknowledged", "2.6, 3.2", "04-the-slow-reader",                              \
    "Look at the generations with an acquire load each time around, and set user_gen to kernel_gen when "    \
    "the "                                                                                                   \
    "records have been read")                                                                                \
  X(stopped_acknowledging, "stopped-acknowledging", "2.6, 3.2", "04-the-slow-reader",                        \
    "Each fill is to be given back, again and again: set user_gen to kernel_gen when its records have been " \
    "read")                                                                                                  \
  X(believed_rotzbuf, "believed-rotzbuf", "2.16, 3.2", "07-the-stuck-tail",                                  \
    "BIOCROTZBUF names a buffer only when it rotates one itself. What was published otherwise only the "     \
    "generations show: look at them before each BIOCROTZBUF and after it")                                   \
  X(waited_for_both, "waited-for-both", "2.9, 3.6", "05-both-buffers-at-once",                               \
    "Read and give back each buffer as soon as its generations differ: who keeps the first until the "       \
    "second "                                                                                                \
    "is full, too, leaves the kernel none to write to")                                                      \
  X(ignored_generations, "ignored-generations", "3.2, 3.8", "03-acknowledge-and-reuse",                      \
    "That poll(2) is ready, or that kernel_len is not 0, does not say which buffer is the program's: its "   \
    "generations do, while they differ. Look at kernel_gen first, with an acquire load")                     \
  X(read_unlent, "read-unlent", "3.2", "09-overwritten-while-reading",                                       \
    "Look at the generations first: they differ while the buffer is the program's")                          \
  X(wrote_unlent, "wrote-unlent", "3.2", "09-overwritten-while-reading",                                     \
    "Look at the generations first: they differ while the buffer is the program's")                          \
  X(read_after_return, "read-after-return", "3.2", "09-overwritten-while-reading",                           \
    "Acknowledge after the last record has been read, and take a buffer only while its generations differ")  \
  X(wrote_after_return, "wrote-after-return", "3.2, 3.5", "09-overwritten-while-reading",                    \
    "What is written there may be written over a packet. There is no need to clear a buffer")                \
  X(read_past_length, "read-past-length", "1.5, 3.2", "02-a-fill-and-a-handoff", "What lies behind is old")  \
  X(walked_unaligned, "walked-unaligned", "1.5", "02-a-fill-and-a-handoff",                                  \
    "The next record begins at BPF_WORDALIGN(bh_hdrlen + bh_caplen) from this one")                          \
  X(walked_by_sizeof, "walked-by-sizeof", "1.5, 1.6", "02-a-fill-and-a-handoff",                             \
    "bh_hdrlen says where the packet begins: it is less than sizeof(struct bpf_hdr), so that the packet's "  \
    "own header is aligned")                                                                                 \
  X(walked_by_datalen, "walked-by-datalen", "1.5, 1.7", "02-a-fill-and-a-handoff",                           \
    "bh_caplen says how much of the packet is there; bh_datalen, how long it was on the wire")               \
  X(forgot_header, "forgot-header", "1.8", "02-a-fill-and-a-handoff",                                        \
    "The first record is at byte 32, behind the header, and bzh_kernel_len does not count that header")      \
  X(wiped_loan, "wiped-loan", "4.5b", "10-the-loan-that-was-wiped",                                          \
    "Buffers are lent once for each descriptor, before BIOCSETIF; for others open another descriptor")       \
  X(aliased_buffers, "aliased-buffers", "4.5", "01-the-loan",                                                \
    "The kernel does not look, and writes one fill over the other. Lend two buffers that are apart")         \
  X(lent_stack, "lent-stack", "2.19, 2.20", "01-the-loan",                                                   \
    "The kernel writes there until the last close(2), whatever function has returned by then. Lend memory "  \
    "from mmap(2)")                                                                                          \
  X(unmapped_loan, "unmapped-loan", "2.19, 2.20", "01-the-loan",                                             \
    "There is no call that takes a loan back: close the descriptor first")                                   \
  X(remapped_loan, "remapped-loan", "2.19, 2.20", "01-the-loan",                                             \
    "The kernel goes on writing to the pages that were there. Close the descriptor first")                   \
  X(freed_loan, "freed-loan", "2.19, 2.20", "01-the-loan",                                                   \
    "The allocator will give that memory to others while the kernel writes there. Close the descriptor "     \
    "first")                                                                                                 \
  X(refused_call, "refused-call", "4", "01-the-loan",                                                        \
    "Look at what ioctl(2) returns: without this call nothing that follows can work")

enum class MistakeKind : std::uint32_t {
#define ZBUF_MISTAKE(name, ...) name,
  ZBUF_MISTAKES(ZBUF_MISTAKE)
#undef ZBUF_MISTAKE
};

struct MistakeInfo {
  const char* id;
  const char* rules;
  const char* lesson;
  const char* advice;
};

inline constexpr MistakeInfo mistake_table[] = {
#define ZBUF_MISTAKE(name, id, rules, lesson, advice) {id, rules, lesson, advice},
    ZBUF_MISTAKES(ZBUF_MISTAKE)
#undef ZBUF_MISTAKE
};
inline constexpr std::size_t mistake_kinds = sizeof(mistake_table) / sizeof(mistake_table[0]);

constexpr const MistakeInfo& mistake_info(MistakeKind kind) {
  return mistake_table[static_cast<std::size_t>(kind)];
}

} // namespace zbuf::exec
