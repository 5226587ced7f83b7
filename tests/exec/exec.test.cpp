// SPDX-License-Identifier: BSD-2-Clause
// `zbuf exec` from end to end: real programs, and what is said of them.
#include "core/cli/test_process.h"
#include "core/trace/recording.h"

extern "C" {
#include "kernel/engine/revision.h"
}

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <regex>
#include <sys/stat.h>
#include <thread>

namespace zbuf {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const std::string readers = ZBUF_READERS;

/// A folder that goes with the test.
class Scratch {
 public:
  Scratch() {
    std::string pattern = ::testing::TempDir() + "zbuf-exec-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~Scratch() { fs::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

ChildProcess started(const std::vector<std::string>& options, const std::vector<std::string>& program) {
  std::vector<std::string> command{ZBUF_PROGRAM, "exec"};
  command.insert(command.end(), options.begin(), options.end());
  command.emplace_back("--");
  command.insert(command.end(), program.begin(), program.end());
  return ChildProcess(command);
}

Finished exec(const std::vector<std::string>& options, const std::vector<std::string>& program) {
  return started(options, program).wait();
}

/// Until a run that is under way has recorded what is wanted: how long that takes is the machine's affair.
/// Events come to the file some thousands at a time.
void await(const std::string& trace, const std::function<bool(const Recording&)>& wanted) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  auto recording = Recording::open(trace, Recording::Damage::salvage);
  for (; std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(20ms)) {
    if (!recording)
      recording = Recording::open(trace, Recording::Damage::salvage);
    else
      ASSERT_TRUE(recording->refresh());
    if (recording && wanted(*recording))
      return;
  }
  ADD_FAILURE() << trace << " has not got in a minute what the test waits for";
}

Counters total_of(const Recording& recording) {
  return recording.state_after(recording.event_count()).total();
}

/// The program is `reader SECONDS more...`. Again, with more seconds, until the run is as it should be; what
/// comes back is to be judged all the same.
Finished exec_for(const std::vector<std::string>& seconds, const std::vector<std::string>& options,
                  const std::string& reader, const std::function<bool(const Finished&)>& good,
                  const std::vector<std::string>& more = {}) {
  Finished run;
  for (const std::string& enough : seconds) {
    std::vector<std::string> program{readers + "/" + reader, "em0", enough};
    program.insert(program.end(), more.begin(), more.end());
    run = exec(options, program);
    if (good(run))
      break;
  }
  return run;
}

/// So many packets came to the reader; a regular expression.
std::function<bool(const Finished&)> got(const std::string& packets) {
  return
      [=](const Finished& run) { return std::regex_search(run.out, std::regex("^" + packets + " packets")); };
}

/// As one line: the report is wrapped.
std::string joined(const std::string& text) {
  return std::regex_replace(text, std::regex("\\s+"), " ");
}

std::uint64_t number_before(const std::string& text, const std::string& what) {
  std::smatch found;
  EXPECT_TRUE(std::regex_search(text, found, std::regex("(\\d+) " + what))) << what << " in " << text;
  return found.empty() ? 0 : std::stoull(found[1]);
}

// ---- Readers ----

/// A run with so many packets, for all of which there is room, recorded. What was stored was taken, but for
/// what was in the buffers when the program ended. Again, with more seconds, until it did not end too early
/// for any.
Finished exec_for_all(std::uint64_t packets, const std::vector<std::string>& seconds,
                      std::vector<std::string> options, const std::string& reader,
                      const std::vector<std::string>& more = {}) {
  const Scratch scratch;
  const std::string trace = scratch / "run.zbt";
  options.insert(options.end(), {"--trace", trace});
  return exec_for(
      seconds, options, reader,
      [&](const Finished& run) {
        const auto recording = Recording::open(trace);
        EXPECT_TRUE(recording) << run.err;
        if (!recording)
          return true;
        const State end = recording->state_after(recording->event_count());
        const Counters total = end.total();
        const std::uint64_t taken = number_before(run.out, "packets");
        EXPECT_FALSE(end.any_broken()) << run.err;
        EXPECT_EQ(total.stored, total.received) << run.err;
        EXPECT_EQ(total.unread + total.abandoned, total.stored) << "given back, and left behind; " << run.err;
        EXPECT_GE(taken, total.unread) << run.err;
        EXPECT_LE(taken, total.stored) << run.err;
        return taken == packets || (total.received == packets && total.abandoned == 0);
      },
      more);
}

TEST(Exec, ACorrectReaderGetsEveryPacketAndNoReproach) {
  for (const zb_revision& known : zb_revisions) {
    const std::string revision = known.name;
    const Finished run = exec_for_all(
        2000, {"1.5", "6", "20"}, {"--traffic", "rate=5kpps,sizes=imix,limit=2000", "--revision", revision},
        "reader", {"1048576"}); // one buffer has room for all of them
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(number_before(run.out, "packets"), 2000u) << revision << run.err;
    EXPECT_NE(joined(run.err).find("no mistake was seen"), std::string::npos) << run.err;
    EXPECT_NE(run.err.find("2000 received, 2000 matched, 0 dropped"), std::string::npos) << run.err;
  }
}

TEST(Exec, AReaderWithReadGetsEveryPacket) {
  // The two buffers have room for all of them, and one has not.
  const Finished run =
      exec_for_all(1200, {"3", "10", "30"}, {"--traffic", "rate=5kpps,sizes=60,limit=1200"}, "read_reader");
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(number_before(run.out, "packets"), 1200u) << run.err;
}

struct Wrong {
  const char* program;
  const char* verdict;
};
void PrintTo(const Wrong& wrong, std::ostream* out) {
  *out << wrong.program;
}
class WrongReader : public ::testing::TestWithParam<Wrong> {};
INSTANTIATE_TEST_SUITE_P(
    Exec, WrongReader,
    ::testing::Values(Wrong{"wrong_never_acknowledges", "it never acknowledged"},
                      Wrong{"wrong_acknowledges_first", "it read on after acknowledging"},
                      Wrong{"wrong_acknowledges_unlent", "it acknowledged what it was not lent"},
                      Wrong{"wrong_one_buffer", "it keeps only one buffer going"},
                      Wrong{"wrong_order", "it acknowledged the buffers in the wrong order"},
                      Wrong{"wrong_length", "it read past the end"}),
    [](const auto& info) { return std::string(info.param.program); });

TEST_P(WrongReader, IsNamedWithTheInstant) {
  const std::regex verdict(std::string("- at \\d+\\.\\d{6} s ") + GetParam().verdict);
  const auto has_verdict = [&](const Finished& run) { return std::regex_search(joined(run.err), verdict); };
  const Finished run =
      exec_for({"0.6", "2", "4", "8"}, {"--traffic", "rate=100kpps"}, GetParam().program, has_verdict);
  EXPECT_EQ(run.status, 1);
  EXPECT_TRUE(has_verdict(run)) << run.err;
  const std::string report = joined(run.err);
  EXPECT_EQ(report.find("no mistake was seen"), std::string::npos) << run.err;
  // The other verdicts are not given.
  for (const char* other :
       {"never acknowledged", "read on after acknowledging", "was not lent:", "keeps only one buffer",
        "in the wrong order", "read past the end", "the kernel's:"}) {
    const bool is_the_verdict =
        std::string(GetParam().verdict + std::string(":")).find(other) != std::string::npos;
    EXPECT_TRUE(is_the_verdict || report.find(other) == std::string::npos) << other << run.err;
  }
}

// ---- System calls ----

class Surface : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Exec, Surface,
                         ::testing::Values("open", "status", "dup", "failed_dup", "close_ends_waiting",
                                           "close_range", "read", "write", "filter", "poll", "select",
                                           "epoll", "signals", "fork", "exec", "passed", "threads",
                                           "interfaces", "loan", "close_detaches", "many_loans", "own_segv"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Surface, DoesWhatItShould) {
  const std::string rate = std::string(GetParam()) == "close_detaches" ? "rate=500kpps" : "rate=20kpps";
  const Finished run = exec({"--traffic", rate, "--keep-status"}, {ZBUF_SURFACE_PROGRAM, GetParam()});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_EQ(run.out, "ok\n");
}

TEST(Exec, BeforeCloningEachDeviceIsThereOnce) {
  const Finished run = exec({"--revision", "r177548"},
                            {"/bin/bash", "-c", "exec 3</dev/bpf0; exec 4</dev/bpf1; exec 5</dev/bpf0"});
  EXPECT_NE(run.err.find("/dev/bpf0: Device or resource busy"), std::string::npos) << run.err;
  EXPECT_EQ(run.err.find("/dev/bpf1:"), std::string::npos) << run.err;
}

// ---- The program's end ----

TEST(Exec, PassesOnTheStatusOfTheProgram) {
  EXPECT_EQ(exec({}, {"/bin/sh", "-c", "exit 7"}).status, 7);
  EXPECT_EQ(exec({}, {"/bin/sh", "-c", "kill -9 $$"}).status, 128 + 9);
  const Finished run = exec({}, {"/bin/echo", "hello"});
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(run.out, "hello\n");
  EXPECT_NE(run.err.find("It did not open /dev/bpf"), std::string::npos);
}

TEST(Exec, TheTraceOfAKilledReaderIsComplete) {
  const Scratch scratch;
  const std::string trace = scratch / "run.zbt";
  const std::string enough = scratch / "enough";
  ChildProcess child = started({"--traffic", "rate=50kpps", "--trace", trace},
                               {"/bin/bash", "-c",
                                readers + "/reader em0 & until [ -e " + enough +
                                    " ]; do sleep 0.05; done; kill -9 $!; wait $! 2>/dev/null; exit 3"});
  await(trace, [](const Recording& recording) {
    const Counters total = total_of(recording);
    return total.received > 5000 && total.publications > 5 && total.polls > 0;
  });
  std::ofstream(enough) << "yes\n";
  const Finished run = child.wait();
  EXPECT_EQ(run.status, 3) << run.err;
  EXPECT_NE(run.err.find("no mistake was seen"), std::string::npos) << run.err;
  const auto recording = Recording::open(trace);
  ASSERT_TRUE(recording) << recording.error().text();
  EXPECT_FALSE(recording->partial());
  const State state = recording->state_after(recording->event_count());
  ASSERT_EQ(state.descriptors.size(), 1u);
  EXPECT_FALSE(state.descriptors[0].open);
  EXPECT_FALSE(state.any_broken());
  const Counters total = state.total();
  EXPECT_GT(total.received, 5000u);
  EXPECT_GT(total.publications, 5u);
  EXPECT_GE(total.publications, total.acknowledgements);
  EXPECT_GE(total.acknowledgements + 2, total.publications);
  EXPECT_GT(total.polls, 0u);
  EXPECT_EQ(state.arrived(), recording->event_count(ZB_EV_ARRIVED));
  EXPECT_TRUE(recording->packet(0));
}

TEST(Exec, MistakesAreInTheTrace) {
  const Scratch scratch;
  const std::string trace = scratch / "run.zbt";
  exec_for({"0.3", "2", "8"}, {"--traffic", "rate=50kpps", "--trace", trace}, "wrong_acknowledges_unlent",
           [](const Finished& run) { return run.err.find("no mistake") == std::string::npos; });
  const auto recording = Recording::open(trace);
  ASSERT_TRUE(recording) << recording.error().text();
  EXPECT_NE(recording->metadata().find("acknowledged what it was not lent"), std::string::npos);
  EXPECT_GT(recording->event_count(ZB_EV_SCRIBBLED), 0u);
}

TEST(Exec, ASignalGoesOnToTheProgram) {
  const Scratch scratch;
  const std::string trace = scratch / "run.zbt";
  ChildProcess child = started({"--trace", trace}, {readers + "/reader", "em0"});
  await(trace, [](const Recording& recording) { // it polls: it has its handler
    return recording.event_count(ZB_EV_STORED) > 0 && total_of(recording).polls > 0;
  });
  child.signal(SIGINT);
  const Finished run = child.wait();
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.out.find(" packets"), std::string::npos);
}

// ---- What is played ----

/// The window outlives the program, whose recording it shows; whoever wants an end to it gets one.
TEST(Exec, ASignalClosesTheWindowThatIsStillOpen) {
  const Scratch scratch;
  const fs::path folder = fs::path(ZBUF_PROGRAM).parent_path();
  for (const char* const place : {"cli", "exec"})
    fs::create_directory(scratch / place);
  fs::copy_file(ZBUF_PROGRAM, scratch / "cli/zbuf");
  fs::copy_file(folder / "../exec/libzbuf-exec.so", scratch / "exec/libzbuf-exec.so");
  std::ofstream(scratch / "cli/zbuflab") << "#!/bin/sh\necho $$ > '" << scratch / "pid"
                                         << "'\nexec sleep 600\n";
  ASSERT_EQ(::chmod((scratch / "cli/zbuflab").c_str(), 0755), 0);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    ChildProcess zbuf({"/bin/sh", "-c",
                       "exec '" + scratch / "cli/zbuf" + "' exec --gui -- /bin/sh -c 'exit 3' 2> '" +
                           scratch / "errors" + "'"});
    const auto said = [&] {
      std::ifstream in(scratch / "errors");
      return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (said().find("the window is still open") == std::string::npos &&
           std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(10ms);
    EXPECT_NE(said().find("Ctrl-C closes it"), std::string::npos) << said();
    pid_t window = 0;
    for (; window == 0 && std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(10ms))
      std::ifstream(scratch / "pid") >> window;
    ASSERT_GT(window, 0);
    zbuf.signal(number);
    EXPECT_EQ(zbuf.wait().status, 3) << "the program's";
    EXPECT_NE(::kill(window, 0), 0) << "the window is still there";
    fs::remove(scratch / "pid");
    fs::remove(scratch / "errors");
  }
}

TEST(Exec, PlaysACapture) {
  const Finished run = exec_for({"0.6", "3", "10"},
                                {"--pcap", ZBUF_SOURCE_DIR "/scenarios/captures/dns-and-ping.pcapng",
                                 "--traffic", "timing=rate,rate=10kpps"},
                                "reader", [](const Finished& so_far) {
                                  return so_far.err.find("all there were") != std::string::npos &&
                                         got("([1-9][0-9]+|[6-9])")(so_far);
                                });
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_GT(number_before(run.out, "packets"), 5u) << run.err;
  EXPECT_NE(run.err.find("all there were"), std::string::npos) << run.err;
}

TEST(Exec, TakesKernelAndTrafficOfAScenario) {
  const Finished run = exec_for({"0.5", "3", "10"}, {"--scenario", "4"}, "reader", got("[1-9][0-9]*"));
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_GT(number_before(run.out, "packets"), 0u) << run.err;
}

TEST(Exec, SysctlsAreSet) {
  const Finished run = exec({"--sysctl", "net.bpf.zerocopy_enable=0"}, {readers + "/reader", "em0", "0.5"});
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.err.find("BIOCSETBUFMODE"), std::string::npos) << run.err;
}

// ---- What is refused ----

TEST(Exec, RefusesAStaticProgramWithTheReason) {
  const Finished run = exec({}, {ZBUF_STATIC_PROGRAM});
  EXPECT_EQ(run.status, 126);
  EXPECT_NE(run.err.find("statically linked"), std::string::npos) << run.err;
}

TEST(Exec, RefusesASetuidProgramWithTheReason) {
  const Scratch scratch;
  const std::string program = scratch / "reader";
  fs::copy_file(readers + "/reader", program);
  ASSERT_EQ(::chmod(program.c_str(), 04755), 0);
  const Finished run = exec({}, {program, "em0"});
  EXPECT_EQ(run.status, 126);
  EXPECT_NE(run.err.find("it is setuid"), std::string::npos) << run.err;
  const std::string script = scratch / "script";
  std::ofstream(script) << "#! " << program << "\n";
  ASSERT_EQ(::chmod(script.c_str(), 0755), 0);
  EXPECT_NE(exec({}, {script}).err.find("it is setuid"), std::string::npos);
}

TEST(Exec, SaysWhatIsWrongWithItsArguments) {
  const Scratch scratch;
  EXPECT_EQ(exec({}, {"no-such-program"}).status, 127);
  EXPECT_EQ(exec({}, {"/etc/passwd"}).status, 126);
  std::ofstream(scratch / "text") << "not a program\n";
  ::chmod((scratch / "text").c_str(), 0755);
  EXPECT_NE(exec({}, {scratch / "text"}).err.find("neither an ELF program nor a script"), std::string::npos);
  EXPECT_EQ(exec({"--traffic", "rate"}, {"/bin/true"}).status, 2);
  EXPECT_EQ(exec({"--traffic", "speed=1"}, {"/bin/true"}).status, 2);
  EXPECT_EQ(exec({"--pcap", scratch / "none.pcap"}, {"/bin/true"}).status, 2);
  EXPECT_EQ(exec({"--pcap", "a", "--iface", "lo"}, {"/bin/true"}).status, 2);
  EXPECT_EQ(exec({"--sysctl", "net.bpf.bufsize"}, {"/bin/true"}).status, 2);
  EXPECT_EQ(exec({"--sysctl", "net.bpf.nosuch=1"}, {"/bin/true"}).status, 2);
  EXPECT_EQ(exec({"--trace", "/dev/null/run.zbt"}, {"/bin/true"}).status, 2);
}

} // namespace
} // namespace zbuf
