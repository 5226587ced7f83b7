// SPDX-License-Identifier: BSD-2-Clause
// Decisions say what libpcap's interpreter says: as they are, and as machine code.
#include "core/filter/decision.h"

#include "core/base/random.h"
#include "core/filter/code.h"
#include "core/filter/filter.h"
#include "core/filter/packets.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace zbuf {
namespace {

using Program = std::vector<zb_bpf_insn>;
using Packet = std::vector<std::uint8_t>;

std::string listing(const Program& program) {
  return fmt::format("{}\n", fmt::join(list_filter(program), "\n"));
}

std::uint32_t loaded(const zb_bpf_insn& load, const Packet& packet) {
  const int size = BPF_SIZE(load.code);
  std::uint32_t value = 0;
  for (std::uint32_t i = 0; i < (size == BPF_W ? 4u : size == BPF_H ? 2u : 1u); ++i)
    value = value << 8 | packet.at(load.k + i);
  return value;
}

bool holds(const FilterDecision::Comparison& comparison, const Packet& packet) {
  const std::uint32_t value = loaded(comparison.load, packet) & comparison.mask;
  switch (comparison.operation) {
  case FilterDecision::Operator::equal:
    return value == comparison.k;
  case FilterDecision::Operator::above:
    return value > comparison.k;
  case FilterDecision::Operator::at_least:
    return value >= comparison.k;
  default:
    return (value & comparison.k) != 0;
  }
}

std::uint32_t decide(const FilterDecision& decision, const Packet& packet) {
  std::array<std::uint32_t, FilterDecision::most_results> results{};
  const auto outcome = [&](std::uint32_t number) {
    return number == FilterDecision::reject   ? 0
           : number == FilterDecision::accept ? decision.accepted
                                              : results.at(number);
  };
  for (const auto& comparison : decision.comparisons)
    results.at(comparison.result) = outcome(holds(comparison, packet) ? comparison.yes : comparison.no);
  return results.at(decision.comparisons.back().result);
}

std::optional<FilterDecision> decision_of_expression(const std::string& expression) {
  return decision_of(*compile_filter(expression, DLT_EN10MB, 262144));
}

/// Programs of loads at fixed places, masks, and comparisons with few different numbers: most are decisions.
class Decisions {
 public:
  explicit Decisions(std::uint64_t seed) : random_(seed) {}

  Program next() {
    Program program;
    for (std::uint64_t left = random_.between(1, 14); left > 0; --left) {
      if (program.empty() || random_.below(12) != 0)
        program.push_back(load());
      const std::uint32_t most = random_.below(30) == 0 ? 0xffffffff : most_;
      if (random_.below(6) == 0)
        program.push_back({BPF_ALU | BPF_AND | BPF_K, 0, 0, number()});
      program.push_back(random_.below(20) == 0 ? zb_bpf_insn{BPF_JMP | BPF_JA, 0, 0, 0} : comparison(most));
    }
    const std::uint32_t accepted = random_.below(2) == 0 ? 0xffffffff : 96;
    program.push_back({BPF_RET | BPF_K, 0, 0, random_.below(2) == 0 ? 0 : accepted});
    program.push_back({BPF_RET | BPF_K, 0, 0, accepted});
    program.push_back({BPF_RET | BPF_K, 0, 0, random_.below(50) == 0 ? 7u : 0});
    for (std::size_t i = 0; i < program.size(); ++i)
      aim(program, i);
    return program;
  }

  /// Of bytes that the comparisons ask for.
  Packet packet(std::size_t length_bytes) {
    Packet bytes(length_bytes);
    for (std::uint8_t& byte : bytes)
      byte = static_cast<std::uint8_t>(random_.below(4) == 0 ? random_.next() : random_.below(3));
    return bytes;
  }

 private:
  std::uint32_t number() {
    switch (random_.below(8)) {
    case 0:
      return static_cast<std::uint32_t>(random_.next());
    case 1:
      return static_cast<std::uint32_t>(random_.next() & 0xffff);
    case 2:
      return 0xff;
    case 3:
      return static_cast<std::uint32_t>(random_.below(3) << 8 | random_.below(3));
    case 4:
      return static_cast<std::uint32_t>(random_.below(3) << 24 | random_.below(3) << 16 | random_.below(3));
    default:
      return static_cast<std::uint32_t>(random_.below(3));
    }
  }

  zb_bpf_insn load() {
    static constexpr std::array<std::uint16_t, 3> codes = {BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_ABS,
                                                           BPF_LD | BPF_B | BPF_ABS};
    const zb_bpf_insn instruction = {codes.at(random_.below(3)), 0, 0,
                                     static_cast<std::uint32_t>(random_.below(39))};
    most_ = most_loaded(instruction);
    return instruction;
  }

  zb_bpf_insn comparison(std::uint32_t most) {
    static constexpr std::array<std::uint16_t, 6> codes = {
        BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JEQ | BPF_K,
        BPF_JMP | BPF_JGT | BPF_K, BPF_JMP | BPF_JGE | BPF_K, BPF_JMP | BPF_JSET | BPF_K};
    return {codes.at(random_.below(6)), 0, 0, number() & most};
  }

  void aim(Program& program, std::size_t i) {
    zb_bpf_insn& instruction = program[i];
    if (instruction.code == (BPF_JMP | BPF_JA)) {
      instruction.k = distance(program, i);
    } else if (BPF_CLASS(instruction.code) == BPF_JMP) {
      instruction.jt = static_cast<std::uint8_t>(distance(program, i));
      instruction.jf = static_cast<std::uint8_t>(distance(program, i));
    }
  }

  /// As a rule to where A is loaded, or to an end.
  std::uint32_t distance(const Program& program, std::size_t i) {
    const std::size_t most = std::min<std::size_t>(program.size() - i - 1, random_.below(4) == 0 ? 40 : 9);
    std::uint32_t to = 0;
    for (int attempt = 0; attempt < 6; ++attempt) {
      to = static_cast<std::uint32_t>(random_.below(most));
      const auto kind = BPF_CLASS(program[i + 1 + to].code);
      if (kind == BPF_LD || kind == BPF_RET)
        break;
    }
    return to;
  }

  std::uint32_t most_ = 0; ///< of the last load
  Random random_;
};

#ifdef NDEBUG
constexpr int rounds = 50'000;
#else
constexpr int rounds = 25'000;
#endif

class RandomDecisions : public ::testing::TestWithParam<std::uint64_t> {};

// Every length up to beyond what a decision looks at: shorter packets are left to the program.
TEST_P(RandomDecisions, GiveWhatTheInterpreterGives) {
  Decisions programs(GetParam());
  int decisions = 0;
  int kept = 0;
  std::size_t most_comparisons = 0;
  std::uint32_t most_results = 0;
  for (int round = 0; round < rounds; ++round) {
    const Program program = programs.next();
    ASSERT_TRUE(filter_is_valid(program)) << listing(program);
    const auto code = FilterCode::compile(program);
    const auto decision = decision_of(program);
    for (std::size_t length = 0; length <= FilterDecision::most_bytes + 3; ++length) {
      const Packet packet = programs.packet(length);
      const std::uint32_t expected = run_filter(program, packet, 1514);
      ASSERT_EQ(code->run(packet, 1514), expected) << length << " bytes\n" << listing(program);
      if (decision && length >= decision->bytes) {
        ASSERT_EQ(decide(*decision, packet), expected) << length << " bytes\n" << listing(program);
      }
      kept += decision && expected != 0;
    }
    if (!decision)
      continue;
    ++decisions;
    most_comparisons = std::max(most_comparisons, decision->comparisons.size());
    for (const auto& comparison : decision->comparisons)
      most_results = std::max(most_results, comparison.result + 1);
  }
  EXPECT_GT(decisions, rounds / 8);
  EXPECT_GT(kept, decisions) << "a comparison of zeroes says little";
  EXPECT_EQ(most_comparisons, FilterDecision::most_comparisons);
  EXPECT_EQ(most_results, FilterDecision::most_results);
}

INSTANTIATE_TEST_SUITE_P(FilterDecision, RandomDecisions, ::testing::Values(1, 2, 3, 4));

TEST(FilterDecision, IsMadeOfExpressionsAboutTheStartOfAPacket) {
  for (const char* expression : {"host 192.0.2.1", "icmp and ip[20] = 8", "net 198.51.100.0/24",
                                 "ether[0] & 1 != 0", "ip[8] > 5 and ip[8] < 65"})
    EXPECT_TRUE(decision_of_expression(expression)) << expression;
}

// A load behind the IPv4 header, one too far on, the length, and nothing to compare.
TEST(FilterDecision, IsNotMadeOfOthers) {
  for (const char* expression : {"tcp port 80", "ip6 host ::1", "greater 100", "", "ip[8] = ip[9]"})
    EXPECT_FALSE(decision_of_expression(expression)) << expression;
}

TEST(FilterDecision, AsksForTheBytesOfItsFurthestLoad) {
  EXPECT_EQ(decision_of_expression("host 192.0.2.1")->bytes, 42u); // in ARP, the target's address
  EXPECT_EQ(decision_of_expression("ip6")->bytes, 14u);
}

// What is compared is A of another load on each way.
TEST(FilterDecision, IsNotMadeWhereAComparisonHasTwoLoads) {
  const Program program = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 0}, {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1},
                           {BPF_LD | BPF_B | BPF_ABS, 0, 0, 1}, {BPF_JMP | BPF_JGT | BPF_K, 0, 1, 0},
                           {BPF_RET | BPF_K, 0, 0, 5},          {BPF_RET | BPF_K, 0, 0, 0}};
  EXPECT_FALSE(decision_of(program));
  const auto code = FilterCode::compile(program);
  for (const Packet& packet : {Packet{1, 0}, Packet{2, 0}, Packet{2, 1}, Packet{1}, Packet{0}})
    EXPECT_EQ(code->run(packet, 60), run_filter(program, packet, 60));
}

// Bytes that a way does not look at need not be there.
TEST(FilterDecision, LeavesShortPacketsToTheProgram) {
  const Program program = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 0},  {BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 1},
                           {BPF_LD | BPF_B | BPF_ABS, 0, 0, 20}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 3},
                           {BPF_RET | BPF_K, 0, 0, 5},           {BPF_RET | BPF_K, 0, 0, 0}};
  ASSERT_TRUE(decision_of(program));
  EXPECT_EQ(decision_of(program)->bytes, 21u);
  const auto code = FilterCode::compile(program);
  EXPECT_EQ(code->run(Packet{1}, 60), 5u);
  EXPECT_EQ(code->run(Packet{2}, 60), 0u);
  Packet whole(21, 3);
  EXPECT_EQ(code->run(whole, 60), 5u);
  whole.pop_back();
  EXPECT_EQ(code->run(whole, 60), 0u);
}

} // namespace
} // namespace zbuf
