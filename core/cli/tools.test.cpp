// SPDX-License-Identifier: BSD-2-Clause
// zbuf stat, doctor and convert, as a shell runs them.
#include "core/cli/test_process.h"
#include "core/trace/recording.h"
#include "core/traffic/capture.h"
#include "core/traffic/capture_bytes.h"

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

namespace zbuf {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string download = ZBUF_SOURCE_DIR "/scenarios/captures/http-download.pcap";

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::vector<std::byte>> packets_of(const std::string& path) {
  std::vector<std::vector<std::byte>> all;
  const auto source = open_capture(path, {});
  EXPECT_TRUE(source) << source.error().text();
  while (source) {
    const auto next = (*source)->next();
    EXPECT_TRUE(next) << next.error().text();
    if (!next || !*next)
      break;
    all.emplace_back((*next)->bytes.begin(), (*next)->bytes.end());
  }
  return all;
}

class Tools : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("zbuf-tools-" + std::to_string(getpid()));
    fs::create_directories(folder_);
    fs::permissions(folder_, fs::perms::all);
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  [[nodiscard]] ChildProcess started(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), ZBUF_PROGRAM);
    // Others may run zbuf exec at the same time; their sockets are elsewhere.
    return ChildProcess(std::move(arguments), {"LC_ALL=C.UTF-8", "XDG_RUNTIME_DIR=" + folder_.string()});
  }
  [[nodiscard]] Finished zbuf(std::vector<std::string> arguments) const {
    return started(std::move(arguments)).wait();
  }
  /// A run of 100 packets, recorded.
  [[nodiscard]] std::string recording() const {
    std::ofstream(path("s.toml"))
        << "title = \"T\"\nlinger = \"1 ms\"\n[[traffic]]\nkind = \"pattern\"\nlimit = 100\nrate = 100000\n"
           "[[reader]]\nbuffer = 4096\n[[check]]\nexpr = \"drops == 0\"\n";
    EXPECT_EQ(zbuf({"run", path("s.toml"), "--trace", path("run.zbt"), "-q"}).status, 0);
    return path("run.zbt");
  }

  fs::path folder_;
};

// ---- stat ----

TEST_F(Tools, StatSaysThatNothingIsOpen) {
  if (fs::exists("/dev/bpf"))
    GTEST_SKIP() << "this machine has descriptors of its own";
  const Finished text = zbuf({"stat"});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out,
              HasSubstr("No descriptor is open: no program runs under zbuf exec, and this kernel has"));
  EXPECT_EQ(json::parse(zbuf({"stat", "--json"}).out)["descriptors"], json::array());
}

#if defined(__linux__)

/// The descriptors of a program that runs under zbuf exec, while it runs.
TEST_F(Tools, StatShowsWhatARunningProgramHasOpen) {
  auto program = started({"exec", "--traffic", "rate=1kpps", "--", "/bin/sh", "-c",
                          "exec 3<>/dev/bpf; sleep 300 & trap 'kill $!' TERM; wait"});
  json found = json::array();
  const auto patience = std::chrono::steady_clock::now() + 60s;
  while (found.empty() && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(20ms);
    const Finished asked = zbuf({"stat", "--json"});
    ASSERT_EQ(asked.status, 0) << asked.err;
    const json all = json::parse(asked.out);
    for (const json& one : all["descriptors"])
      if (one["kernel"].get<std::string>().rfind("exec ", 0) == 0)
        found.push_back(one);
  }
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["command"], "sh");
  EXPECT_EQ(found[0]["interface"], "-");
  EXPECT_EQ(found[0]["mode"], "read(2)");
  EXPECT_FALSE(found[0].contains("user_owns")) << "nothing is lent";
  const Finished table = zbuf({"stat"});
  EXPECT_THAT(table.out, HasSubstr("Netif"));
  EXPECT_THAT(table.out, HasSubstr(found[0]["kernel"].get<std::string>()));
  EXPECT_THAT(table.out, Not(HasSubstr("No descriptor")));
  program.signal(SIGTERM);
  (void)program.wait();
}

#endif

TEST_F(Tools, StatWatchesUntilItIsStopped) {
  const auto lines_until_now = [&] {
    const std::string all = contents(path("lines"));
    return std::count(all.begin(), all.end(), '\n');
  };
  const auto begin = std::chrono::steady_clock::now();
  ChildProcess watching(
      {"/bin/sh", "-c", "exec " ZBUF_PROGRAM " stat --json --watch 0.1 > '" + path("lines") + "'"},
      {"LC_ALL=C.UTF-8", "XDG_RUNTIME_DIR=" + folder_.string()});
  while (lines_until_now() < 5 && std::chrono::steady_clock::now() - begin < 60s)
    std::this_thread::sleep_for(10ms);
  const auto count = lines_until_now();
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(count, 5) << "in a minute";
  EXPECT_GE(took, (count - 1) * 100ms) << "it looks as often as it was told, and no more often";
  watching.signal(SIGINT);
  EXPECT_EQ(watching.wait().status, 130);
  std::istringstream lines(contents(path("lines")));
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(json::accept(line)) << line;
  EXPECT_EQ(zbuf({"stat", "--watch", "0"}).status, 2);
}

// ---- doctor ----

json findings(const Finished& doctor) {
  const json all = json::parse(doctor.out);
  json by_name;
  for (const json& one : all["findings"])
    by_name[one["name"].get<std::string>()] = one;
  return by_name;
}

TEST_F(Tools, DoctorLooksAtEverythingThatAttachNeeds) {
  const Finished doctor = zbuf({"doctor", "--json"});
  const json found = findings(doctor);
  for (const char* const name : {"permission", "libpcap", "/dev/bpf", "interfaces"})
    EXPECT_TRUE(found.contains(name)) << name;
  bool missing = false;
  for (const auto& [name, one] : found.items()) {
    EXPECT_THAT((std::set<std::string>{"good", "missing", "neutral"}), ::testing::Contains(one["health"]))
        << name;
    EXPECT_FALSE(one["text"].get<std::string>().empty()) << name;
    if (one["health"] == "missing") {
      missing = true;
      EXPECT_FALSE(one["mend"].get<std::string>().empty()) << name << ": what to do?";
    }
  }
  EXPECT_EQ(doctor.status, missing ? 1 : 0);
  EXPECT_NE(found["libpcap"]["health"], "missing") << "zbuf has a client of its own";
  EXPECT_THAT(found["libpcap"]["text"].get<std::string>(), HasSubstr("libpcap version"));
  EXPECT_THAT(found["interfaces"]["text"].get<std::string>(), HasSubstr("lo"));
  if (!fs::exists("/dev/bpf")) {
    EXPECT_THAT(found["/dev/bpf"]["mend"].get<std::string>(), HasSubstr("./lab --module"));
  }
  const Finished text = zbuf({"doctor"});
  EXPECT_EQ(text.status, doctor.status);
  for (const auto& [name, one] : found.items())
    EXPECT_THAT(text.out, HasSubstr(name));
}

#if defined(__linux__)

TEST_F(Tools, DoctorTellsWhoMayNotCapture) {
  if (::geteuid() != 0 || std::system("command -v setpriv > /dev/null") != 0)
    GTEST_SKIP() << "needs root, to give it up, and setpriv (util-linux)";
  // Where nobody but root may look, there is a copy.
  fs::copy_file(ZBUF_PROGRAM, path("zbuf"));
  fs::permissions(path("zbuf"), fs::perms::owner_all | fs::perms::others_exec | fs::perms::others_read);
  const Finished doctor = ChildProcess({"/bin/sh", "-c",
                                        "exec setpriv --reuid 65534 --clear-groups --inh-caps=-all -- " +
                                            path("zbuf") + " doctor --json"})
                              .wait();
  EXPECT_EQ(doctor.status, 1) << doctor.err;
  const json permission = findings(doctor)["permission"];
  EXPECT_EQ(permission["health"], "missing");
  EXPECT_THAT(permission["mend"].get<std::string>(), HasSubstr("setcap cap_net_raw+ep " + path("zbuf")));
}

#endif

// ---- convert ----

TEST_F(Tools, ConvertsARecordingToWhatOtherToolsRead) {
  const std::string from = recording();
  const auto recorded = Recording::open(from);
  ASSERT_TRUE(recorded);
  const std::uint64_t delivered = recorded->event_count(ZB_EV_HANDLED);
  ASSERT_GT(delivered, 50u);

  const Finished pcap = zbuf({"convert", from, path("out.pcap")});
  EXPECT_EQ(pcap.status, 0) << pcap.err;
  EXPECT_THAT(pcap.err, HasSubstr("as descriptor 0 was delivered them"));
  EXPECT_EQ(packets_of(path("out.pcap")).size(), delivered);

  EXPECT_EQ(zbuf({"convert", from, path("out.csv")}).status, 0);
  const std::string csv = contents(path("out.csv"));
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(csv.begin(), csv.end(), '\n')),
            recorded->event_count() + 1);
  EXPECT_EQ(zbuf({"convert", from, path("out.jsonl")}).status, 0);
  std::istringstream lines(contents(path("out.jsonl")));
  std::uint64_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    ASSERT_TRUE(json::accept(line)) << line;
  EXPECT_EQ(count, recorded->event_count());
  EXPECT_EQ(zbuf({"convert", from, path("out.json")}).status, 0);
  EXPECT_FALSE(json::parse(contents(path("out.json")))["traceEvents"].empty());

  const Finished nobody = zbuf({"convert", from, path("none.pcap"), "--descriptor", "7"});
  EXPECT_EQ(nobody.status, 2);
  EXPECT_THAT(nobody.err, HasSubstr("descriptor 7"));
}

TEST_F(Tools, ConvertsACaptureToARecordingAndBack) {
  const auto sent = packets_of(download);
  for (const char* const mode : {"zbuf", "read"}) {
    const std::string to = path(std::string(mode) + ".zbt");
    ASSERT_EQ(zbuf({"convert", download, to, "--mode", mode, "--buffer", "64 KiB"}).status, 0);
    const auto recording = Recording::open(to);
    ASSERT_TRUE(recording) << recording.error().text();
    const State end = recording->state_after(recording->event_count());
    EXPECT_EQ(end.arrived(), sent.size());
    EXPECT_EQ(end.total().delivered, sent.size());
    EXPECT_EQ(recording->event_count(ZB_EV_COPIED_OUT) != 0, mode == std::string("read"));
    EXPECT_EQ(end.descriptors.at(0).mode, mode == std::string("read") ? 1 : 2);
    const std::string back = path(std::string(mode) + ".pcap");
    ASSERT_EQ(zbuf({"convert", to, back}).status, 0);
    EXPECT_EQ(packets_of(back), sent) << "whole packets, in their order";
  }
}

/// What stands for the link type in the header of a pcap file.
std::uint32_t link_type_in(const std::string& path) {
  const std::string bytes = contents(path);
  std::uint32_t number = 0;
  if (bytes.size() >= 24)
    std::memcpy(&number, bytes.data() + 20, sizeof(number));
  return number;
}

TEST_F(Tools, EveryLinkTypeKeepsItsNumberInFiles) {
  // Raw IP, whose number kernels do not share; Ethernet with an FCS of 4 bytes; 802.11; a number of nobody's.
  for (const std::uint32_t link : {101u, 0x24000001u, 105u, 999u}) {
    testing::CaptureBytes capture;
    capture.pcap(false, link).record(1, 0, 60, 60, 0x45).record(1, 5, 80, 80, 0x45);
    const std::string from = path("link.pcap"), trace = path("link.zbt");
    std::ofstream(from, std::ios::binary)
        .write(reinterpret_cast<const char*>(capture.bytes().data()),
               static_cast<std::streamsize>(capture.size()));
    std::ofstream(path("plain.toml"))
        << "title = \"t\"\nlinger = \"200 ms\"\n[[traffic]]\nlimit = 1\n[[reader]]\n";
    ASSERT_EQ(zbuf({"convert", from, path("a.pcap")}).status, 0);
    ASSERT_EQ(zbuf({"convert", from, trace}).status, 0);
    ASSERT_EQ(zbuf({"convert", trace, path("b.pcap")}).status, 0);
    ASSERT_EQ(zbuf({"trace", trace, "--pcap", path("c.pcap")}).status, 0);
    const Finished run = zbuf({"run", path("plain.toml"), "--pcap", from, "--write", path("d.pcap"), "-q"});
    ASSERT_EQ(run.status, 0) << run.err;
    for (const char* const name : {"a.pcap", "b.pcap", "c.pcap", "d.pcap"}) {
      EXPECT_EQ(link_type_in(path(name)), link) << name;
      EXPECT_EQ(packets_of(path(name)), packets_of(from)) << name << " of link type " << link;
    }
  }
}

TEST_F(Tools, ATimeThatAPcapCannotHoldIsRefused) {
  const auto write = [&](const char* name, const testing::CaptureBytes& capture) {
    std::ofstream(path(name), std::ios::binary)
        .write(reinterpret_cast<const char*>(capture.bytes().data()),
               static_cast<std::streamsize>(capture.size()));
    return path(name);
  };
  testing::CaptureBytes year_2042;
  year_2042.pcap(false).record(0x88000000, 0, 60, 60).record(0xffffffff, 999'999, 60, 60);
  const std::string late = write("late.pcap", year_2042);
  ASSERT_EQ(zbuf({"convert", late, path("same.pcap")}).status, 0);
  const std::string bytes = contents(path("same.pcap"));
  std::uint32_t seconds[2]{};
  std::memcpy(&seconds[0], &bytes.at(24), 4);
  std::memcpy(&seconds[1], &bytes.at(24 + 16 + 60), 4);
  EXPECT_EQ(seconds[0], 0x88000000);
  EXPECT_EQ(seconds[1], 0xffffffff);

  testing::CaptureBytes year_2200;
  year_2200.pcapng().interface(1, 6).enhanced(5, 60, 60).enhanced(7'258'118'400'000'000, 60, 60);
  const Finished refused = zbuf({"convert", write("later.pcapng", year_2200), path("none.pcap")});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("packet 2 has a time that no pcap file can hold: 7258118400 s"));
  EXPECT_FALSE(std::filesystem::exists(path("none.pcap")));
}

TEST_F(Tools, ConvertsACaptureToOneWithNanoseconds) {
  ASSERT_EQ(zbuf({"convert", download, path("n.pcap")}).status, 0);
  EXPECT_EQ(packets_of(path("n.pcap")), packets_of(download));
  std::uint32_t magic = 0;
  const std::string bytes = contents(path("n.pcap"));
  std::memcpy(&magic, bytes.data(), sizeof(magic));
  EXPECT_EQ(magic, 0xa1b23c4du);
}

/// Writes a capture.
void write_capture(const std::string& path, const testing::CaptureBytes& capture) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(capture.bytes().data()),
             static_cast<std::streamsize>(capture.size()));
}

TEST_F(Tools, ManyPacketsAtOneInstantAndLargeOnesAreKeptWhole) {
  testing::CaptureBytes many;
  many.pcap();
  for (unsigned i = 0; i < 5000; ++i)
    many.record(1, 0, 60, 60, i);
  write_capture(path("many.pcap"), many);
  write_capture(path("large.pcap"), testing::CaptureBytes().pcap().record(1, 0, 80000, 80000, 7));
  for (const char* const name : {"many", "large"}) {
    const std::string from = path(std::string(name) + ".pcap");
    const Finished there = zbuf({"convert", from, path("t.zbt"), "--buffer", "2 MiB"});
    ASSERT_EQ(there.status, 0) << there.err;
    ASSERT_EQ(zbuf({"convert", path("t.zbt"), path("back.pcap")}).status, 0);
    EXPECT_EQ(packets_of(path("back.pcap")), packets_of(from)) << name << there.err;
  }
  const Finished small = zbuf({"convert", path("many.pcap"), path("t.zbt"), "--buffer", "4096"});
  ASSERT_EQ(zbuf({"convert", path("t.zbt"), path("back.pcap")}).status, 0);
  const std::size_t lost = 5000 - packets_of(path("back.pcap")).size();
  if (lost != 0) {
    std::string number = std::to_string(lost);
    EXPECT_TRUE(small.err.find(number) != std::string::npos ||
                small.err.find(number.insert(number.size() - 3, ",")) != std::string::npos)
        << lost << " are not there; it said: " << small.err;
  }
}

TEST_F(Tools, ACaptureIsKnownByItsFirstBytes) {
  const std::string shell = "set -e; cd " + folder_.string() + "; z=" ZBUF_PROGRAM "; cp " + download +
                            " dump; cp dump ring.pcap0; gzip -c dump > packed; cat packed packed > two.gz; "
                            "$z convert dump a.pcap; $z convert ring.pcap0 b.pcap; $z convert packed c.pcap; "
                            "$z convert - d.pcap < dump; cat dump | $z convert - - > e.pcap; "
                            "head -c 500 packed > cut; ! $z convert cut f.pcap";
  ASSERT_EQ(std::system(("(" + shell + ") 2>/dev/null").c_str()), 0);
  for (const char* const name : {"a.pcap", "b.pcap", "c.pcap", "d.pcap", "e.pcap"})
    EXPECT_EQ(packets_of(path(name)), packets_of(download)) << name;
  if (std::system("command -v zstd >/dev/null 2>&1") == 0) {
    ASSERT_EQ(std::system(("zstd -q -c " + download + " > " + path("x")).c_str()), 0);
    EXPECT_EQ(packets_of(path("x")), packets_of(download)) << "zstd";
  }
}

TEST_F(Tools, DamagedRecordsAreSaidAndTheRestIsPlayed) {
  testing::CaptureBytes capture;
  capture.pcap().record(1, 0, 60, 60).record(1, 1, 0, 0).record(1, 2, 60, 60).filler(20, 0);
  write_capture(path("odd.pcap"), capture);
  std::ofstream(path("plain.toml"))
      << "title = \"t\"\nlinger = \"1 ms\"\n[[traffic]]\nlimit = 1\n[[reader]]\n";
  const std::vector<std::string> run{"run",    path("plain.toml"), "--pcap", path("odd.pcap"),
                                     "--json", path("j")};
  ASSERT_EQ(zbuf(run).status, 0);
  const json report = json::parse(contents(path("j")))["scenarios"][0];
  EXPECT_EQ(report["runs"][0]["arrived"], 2);
  EXPECT_EQ(report["runs"][0]["capture"]["skipped"], 3);
  EXPECT_THAT(report["warnings"].dump(), HasSubstr("packet 2, at byte 100"));
  std::vector<std::string> strict = run;
  strict.emplace_back("--strict");
  EXPECT_EQ(zbuf(strict).status, 2);
  const Finished converted = zbuf({"convert", path("odd.pcap"), path("o.pcap")});
  EXPECT_EQ(converted.status, 0);
  EXPECT_THAT(converted.err, HasSubstr("packet 2, at byte 100"));
  EXPECT_EQ(packets_of(path("o.pcap")).size(), 2u);
  EXPECT_EQ(zbuf({"convert", path("odd.pcap"), path("o.pcap"), "--strict"}).status, 2);
  EXPECT_EQ(zbuf({"convert", path("odd.pcap"), path("o.zbt"), "--strict"}).status, 2);
  write_capture(path("none.pcap"), testing::CaptureBytes().pcap().record(1, 0, 0, 0));
  EXPECT_EQ(zbuf({"run", path("plain.toml"), "--pcap", path("none.pcap"), "-q"}).status, 2);
}

TEST_F(Tools, ConvertsWhatPrecedesDamage) {
  fs::copy_file(download, path("cut.pcap"));
  fs::resize_file(path("cut.pcap"), 20'000);
  const Finished cut = zbuf({"convert", path("cut.pcap"), path("rest.pcap")});
  EXPECT_EQ(cut.status, 0);
  EXPECT_THAT(cut.err, HasSubstr("cut.pcap: warning: packet 32"));
  EXPECT_THAT(cut.err, HasSubstr("from here on the capture cannot be read"));
  const auto rest = packets_of(path("rest.pcap"));
  const auto whole = packets_of(download);
  ASSERT_GT(rest.size(), 10u);
  ASSERT_LT(rest.size(), whole.size());
  EXPECT_TRUE(std::equal(rest.begin(), rest.end(), whole.begin()));
}

TEST_F(Tools, ConvertRefusesWhatMakesNoSense) {
  const std::string from = recording();
  const std::string before = contents(from);
  const Finished itself = zbuf({"convert", from, from});
  EXPECT_EQ(itself.status, 2);
  EXPECT_THAT(itself.err, HasSubstr("written over while it is read"));
  EXPECT_EQ(contents(from), before);
  for (const char* const name : {"x.txt", "x.pcapng", "x"}) {
    const Finished unknown = zbuf({"convert", download, path(name)});
    EXPECT_EQ(unknown.status, 2) << name;
    EXPECT_THAT(unknown.err, HasSubstr("expected a recording (.zbt) to .pcap")) << name;
    EXPECT_FALSE(fs::exists(path(name)));
  }
  const Finished missing = zbuf({"convert", path("none.zbt"), path("x.pcap")});
  EXPECT_EQ(missing.status, 2);
  EXPECT_THAT(missing.err, HasSubstr("none.zbt"));
  EXPECT_FALSE(fs::exists(path("x.pcap"))) << "nothing was made of nothing";
  EXPECT_EQ(zbuf({"convert", from, "/dev/null/x.csv"}).status, 2);
  EXPECT_EQ(zbuf({"convert", download, path("x.zbt"), "--buffer", "many"}).status, 2);
  fs::resize_file(from, fs::file_size(from) - 100);
  const Finished damaged = zbuf({"convert", from, path("y.pcap")});
  EXPECT_EQ(damaged.status, 2);
  EXPECT_THAT(damaged.err, HasSubstr("run.zbt"));
}

// ---- bench: as it happens, and from a file ----

std::vector<json> records_of(const std::string& lines) {
  std::vector<json> records;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);)
    records.push_back(json::parse(line));
  return records;
}

TEST_F(Tools, BenchTellsEachRoundAsItHappens) {
  const Finished run =
      zbuf({"bench", "-q", "--rounds", "2", "--time", "1ms", "--size", "64", "--json-lines", "-"});
  EXPECT_EQ(run.status, 0) << run.err;
  const std::vector<json> records = records_of(run.out);
  ASSERT_EQ(records.size(), 4u + 2 + 1) << "two cases, two rounds";
  EXPECT_EQ(records[0]["record"], "measured");
  EXPECT_EQ(records[2]["record"], "round");
  EXPECT_EQ(records[5]["result"]["cases"][1]["rounds"].size(), 1u) << "the latest alone";
  EXPECT_EQ(records[6]["record"], "result");
  EXPECT_EQ(records[6]["done"], records[6]["total"]);
  EXPECT_EQ(records[6]["result"]["cases"][1]["rounds"].size(), 2u);
}

TEST_F(Tools, AnInterruptedBenchTellsWhatIsComplete) {
  ChildProcess bench = started(
      {"bench", "-q", "--rounds", "1000", "--time", "2ms", "--size", "64", "--json-lines", path("lines")});
  const auto patience = std::chrono::steady_clock::now() + 60s;
  const auto a_round = [&] { return contents(path("lines")).find("round\"") != std::string::npos; };
  while (!a_round() && std::chrono::steady_clock::now() < patience)
    std::this_thread::sleep_for(5ms);
  EXPECT_TRUE(a_round()) << "no round was told within a minute";
  bench.signal(SIGTERM);
  EXPECT_EQ(bench.wait().status, 130);
  const json last = records_of(contents(path("lines"))).back();
  EXPECT_EQ(last["record"], "result");
  EXPECT_EQ(last["result"]["interrupted"], true);
  EXPECT_GE(last["result"]["cases"][0]["rounds"].size(), 1u);
}

TEST_F(Tools, BenchModelsEachCaseAtGivenCosts) {
  std::ofstream(path("costs.toml")) << "[costs]\npacket_ns = 1000\n";
  const Finished run = zbuf({"bench", "-q", "--rounds", "1", "--time", "1ms", "--size", "64", "--costs",
                             path("costs.toml"), "--json", "-"});
  EXPECT_EQ(run.status, 0) << run.err;
  const json result = json::parse(run.out);
  EXPECT_EQ(result["model"]["costs"]["packet_ns"], 1000);
  EXPECT_LT(result["cases"][0]["modelled"]["packets_per_second"], 1e6);
  EXPECT_EQ(zbuf({"bench", "--costs", path("none.toml")}).status, 2);
}

TEST_F(Tools, BenchShowsWhatWasSaved) {
  const Finished measured = zbuf({"bench", "--rounds", "1", "--time", "1ms", "--json", path("a.json")});
  const Finished shown = zbuf({"bench", "--from", path("a.json"), "--json", path("b.json")});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_EQ(shown.out, measured.out);
  EXPECT_EQ(contents(path("b.json")), contents(path("a.json")));
  std::ofstream(path("bad.json")) << "{\n  oops";
  const Finished bad = zbuf({"bench", "--from", path("bad.json")});
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, HasSubstr("bad.json:2:3: "));
  EXPECT_EQ(zbuf({"bench", "--from", path("a.json"), "--rounds", "2"}).status, 2) << "nothing is measured";
}

TEST_F(Tools, WhatCannotBeDrawnIsRefusedBeforeAnythingRuns) {
  const Finished kind = zbuf({"bench", "--plot", path("a.gif")});
  EXPECT_EQ(kind.status, 2);
  EXPECT_THAT(kind.err, HasSubstr(".png, .svg or .pdf"));
  EXPECT_EQ(zbuf({"bench", "--json", "-", "--json-lines", "-"}).status, 2);
}

} // namespace
} // namespace zbuf
