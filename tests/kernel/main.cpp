// SPDX-License-Identifier: BSD-2-Clause
// Runs the tests inside the virtual machine, and ends with the line that run.sh looks for.
#include <cstdio>
#include <gtest/gtest.h>
#include <string>

namespace {

class OneLineEach final : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& test) override {
    std::printf("      %s.%s\n", test.test_suite_name(), test.name());
    std::fflush(stdout);
  }
  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (!part.failed() && !part.skipped())
      return;
    std::string message = part.message();
    for (std::size_t at = 0; (at = message.find('\n', at)) != std::string::npos; at += 7)
      message.replace(at, 1, "\n      ");
    std::printf("      %s:%d: %s\n", part.file_name() != nullptr ? part.file_name() : "?", part.line_number(),
                message.c_str());
  }
  void OnTestEnd(const testing::TestInfo& test) override {
    const auto& result = *test.result();
    std::printf("%s %s.%s (%lld ms)\n",
                result.Passed()    ? "PASS"
                : result.Skipped() ? "SKIP"
                                   : "FAIL",
                test.test_suite_name(), test.name(), static_cast<long long>(result.elapsed_time()));
    std::fflush(stdout);
  }
};

} // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new OneLineEach);
  const int failed = RUN_ALL_TESTS();
  const auto& all = *testing::UnitTest::GetInstance();
  std::printf("KERNEL TESTS: %d passed, %d failed\n", all.successful_test_count(),
              all.failed_test_count() + (failed != 0 && all.failed_test_count() == 0 ? 1 : 0));
  return failed;
}
