// SPDX-License-Identifier: BSD-2-Clause
// For tests that capture: two network namespaces, and a veth pair from the one to the other.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <unistd.h>

namespace zbuf {

/// va (10.9.0.1) in near() and vb (10.9.0.2) in far(), both up. They go with it.
class TestNamespaces {
 public:
  static constexpr const char* needs =
      "needs root, ip(8) (iproute2) and namespaces: it captures on a veth pair between two";

  /// Null where there cannot be any. The names have the process's number in them.
  static std::unique_ptr<TestNamespaces> make() {
    std::unique_ptr<TestNamespaces> made(new TestNamespaces);
    const std::string& near = made->near_;
    const std::string& far = made->far_;
    const bool good = ::geteuid() == 0 && shell("ip netns add " + near) == 0 &&
                      shell("ip netns exec " + near + " true") == 0 && shell("ip netns add " + far) == 0 &&
                      shell("ip -n " + near + " link add va type veth peer name vb netns " + far) == 0 &&
                      shell("ip -n " + near + " addr add 10.9.0.1/24 dev va") == 0 &&
                      shell("ip -n " + far + " addr add 10.9.0.2/24 dev vb") == 0 &&
                      shell("ip -n " + near + " link set va up") == 0 &&
                      shell("ip -n " + far + " link set vb up") == 0;
    if (!good)
      made.reset();
    return made;
  }
  ~TestNamespaces() {
    shell("ip netns del " + near_);
    shell("ip netns del " + far_);
  }
  TestNamespaces(const TestNamespaces&) = delete;
  TestNamespaces& operator=(const TestNamespaces&) = delete;

  [[nodiscard]] const std::string& near() const { return near_; } ///< where zbuf captures
  [[nodiscard]] const std::string& far() const { return far_; }   ///< where the packets come from

  /// Its exit status. What it writes goes nowhere.
  static int shell(const std::string& command) {
    return std::system(("{ " + command + "; } > /dev/null 2>&1").c_str());
  }

 private:
  TestNamespaces() = default;

  std::string near_ = "zbufa" + std::to_string(::getpid());
  std::string far_ = "zbufb" + std::to_string(::getpid());
};

} // namespace zbuf
