// SPDX-License-Identifier: BSD-2-Clause
#include "core/filter/code.h"

#include "core/filter/filter.h"
#include "core/filter/plan.h"

#include <bit>
#include <fmt/format.h>
#include <pcap/pcap.h>

#if ZBUF_FILTER_COMPILES
#include "core/filter/assembler.h"

#include <atomic>
#include <cstring>
#include <sys/mman.h>
#endif

namespace zbuf {

namespace {

Result<FilterPlan> check(std::span<const zb_bpf_insn> program) {
  if (filter_is_valid(program))
    return plan_filter(program);
  return fail(
      Error::Code::bad_input,
      fmt::format("filter of {} instructions: not a valid program; expected instructions that bpf(4) has, "
                  "jumps forward that stay inside, scratch words 0 to 15, no division by a constant 0, and a "
                  "return at the end",
                  program.size()));
}

} // namespace

std::uint32_t FilterCode::run_interpreter(const std::uint8_t* bytes, std::uint64_t length,
                                          std::uint32_t wire_length, const zb_bpf_insn* program) {
  return bpf_filter(reinterpret_cast<const bpf_insn*>(program), bytes, wire_length,
                    static_cast<u_int>(length));
}

Result<FilterCode> FilterCode::interpret(std::span<const zb_bpf_insn> program) {
  const auto plan = check(program);
  if (!plan)
    return fail(plan.error());
  FilterCode filter;
  filter.run_ = run_interpreter;
  // A is 0 at the start: that is what these stores put into the words that the program would read unwritten.
  for (std::uint32_t left = plan->zeroes() & filter_word::scratch; left != 0; left &= left - 1)
    filter.program_.push_back({BPF_ST, 0, 0, static_cast<std::uint32_t>(std::countr_zero(left))});
  filter.program_.insert(filter.program_.end(), program.begin(), program.end());
  return filter;
}

#if ZBUF_FILTER_COMPILES

namespace {

/// Pages to write to; MAP_FAILED if there are none. A few MB below this program, where there is room: a call
/// over a short distance is predicted sooner (measured on Zen 5: a loop over short filters takes a seventh
/// less).
void* map_pages(std::size_t size_bytes) {
  constexpr std::uintptr_t page = 4096;
  constexpr std::uintptr_t mb = 1 << 20;
  static std::atomic<std::uintptr_t> count{0};
  const std::uintptr_t here = reinterpret_cast<std::uintptr_t>(&map_pages);
  const std::uintptr_t wish = here / mb * mb - 3 * mb + ++count * page % mb;
  return mmap(reinterpret_cast<void*>(wish), size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1,
              0);
}

} // namespace

Result<FilterCode> FilterCode::compile(std::span<const zb_bpf_insn> program) {
  const auto plan = check(program);
  if (!plan)
    return fail(plan.error());
  asmjit::CodeHolder holder;
  if (holder.init(asmjit::Environment::host()) != asmjit::kErrorOk ||
      !assemble_filter(program, *plan, holder))
    return interpret(program);
  const asmjit::CodeBuffer& text = holder.textSection()->buffer();
  void* const pages = map_pages(text.size());
  if (pages == MAP_FAILED)
    return interpret(program);
  FilterCode filter;
  filter.code_ = {pages, Unmap{text.size()}};
  std::memcpy(pages, text.data(), text.size());
  if (mprotect(pages, text.size(), PROT_READ | PROT_EXEC) != 0)
    return interpret(program);
  char* const begin = static_cast<char*>(pages);
  __builtin___clear_cache(begin, begin + text.size());
  filter.run_ = reinterpret_cast<Run>(pages);
  return filter;
}

void FilterCode::Unmap::operator()(void* pages) const {
  munmap(pages, size_bytes);
}

#else

Result<FilterCode> FilterCode::compile(std::span<const zb_bpf_insn> program) {
  return interpret(program);
}

void FilterCode::Unmap::operator()(void*) const {}

#endif

} // namespace zbuf
