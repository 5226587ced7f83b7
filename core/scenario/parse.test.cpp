// SPDX-License-Identifier: BSD-2-Clause
// Scenario files: what is read from them, and what is said about those that cannot be used.
#include "core/scenario/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbuf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A scenario that is good, to which a test adds.
std::string good(const std::string& more = "") {
  return "title = \"T\"\n"                                            // line 1
         "[[traffic]]\nkind = \"pattern\"\nrate = 1000\nlimit = 10\n" // 2 to 5
         "[[reader]]\nbuffer = \"4 KiB\"\n" +                         // 6, 7
         more;                                                        // from 8
}

/// "r177548, 2008-04, ..."
std::string revisions() {
  std::string names;
  for (const zb_revision& revision : zb_revisions)
    names += (names.empty() ? "" : ", ") + std::string(revision.name);
  return names;
}

std::vector<std::string> errors_of(const std::string& toml, const Overrides& overrides = {}) {
  const auto scenario = parse_scenario(toml, "s.toml", "", overrides);
  std::vector<std::string> texts;
  if (!scenario)
    for (const Error& error : scenario.error())
      texts.push_back(error.text());
  return texts;
}

Scenario parsed(const std::string& toml, const Overrides& overrides = {}) {
  auto scenario = parse_scenario(toml, "s.toml", "folder", overrides);
  if (!scenario)
    ADD_FAILURE() << scenario.error().front().text();
  return scenario ? *scenario : Scenario{{}, {}, 0, {}, {}, PictureAxis::time, {{}}};
}

TEST(Parse, AMinimalScenarioHasDefaults) {
  const Scenario scenario = parsed(good());
  ASSERT_EQ(scenario.runs.size(), 1u);
  const PlannedRun& run = scenario.runs[0];
  EXPECT_EQ(run.name, "zbuf");
  EXPECT_TRUE(run.config.kernel.tunables.zerocopy_enable);
  EXPECT_STREQ(run.config.kernel.revision->name, "freebsd");
  EXPECT_EQ(run.interfaces.size(), 1u);
  EXPECT_EQ(run.traffic[0].interface, "em0");
  EXPECT_EQ(run.readers[0].reader.interface, "em0");
  EXPECT_EQ(run.readers[0].reader.options.buffer_bytes, 4096u);
}

TEST(Parse, EveryMistakeIsToldAtOnceWithItsPlace) {
  EXPECT_THAT(
      errors_of("titel = \"T\"\n"
                "seed = -1\n"
                "[kernel]\n"
                "revision = \"freebds\"\n"
                "[[reader]]\n"
                "mode = 2\n"
                "bufer = \"4 KiB\"\n"
                "timeout = \"5 parsecs\"\n"),
      ElementsAre("s.toml:1:1: the scenario has no \"title\"; expected a string",
                  "s.toml:1:1: the scenario has no key \"titel\"; did you mean \"title\"?",
                  "s.toml:2:8: \"seed\" is -1; expected an integer, 0 to 9223372036854775807",
                  "s.toml:4:12: \"revision\" is \"freebds\"; expected one of " + revisions() +
                      "; did you mean \"freebsd\"?",
                  "s.toml:6:8: \"mode\" is 2; expected a string",
                  "s.toml:7:1: [[reader]] has no key \"bufer\"; did you mean \"buffer\"?",
                  "s.toml:8:11: \"timeout\" is \"5 parsecs\"; expected a duration such as \"5 ms\", or a "
                  "number of nanoseconds, 0 ns to 3600 s"));
}

TEST(Parse, WhatIsNotTomlIsToldWithItsPlace) {
  const auto errors = errors_of("title = \"T\"\nseed = = 3\n");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_THAT(errors[0], HasSubstr("s.toml:2:8: not TOML: "));
}

TEST(Parse, MistakesInExpressionsAreToldByCharacter) {
  EXPECT_THAT(errors_of(good("[[check]]\nexpr = \"drops == 0 && sycalls < 3\"\n"
                             "[[chapter]]\nwhen = 'publishd'\ntext = \"x\"\n"
                             "[[check]]\nexpr = \"drops = 0\"\n"
                             "[[check]]\nexpr = \"\"\"drops\n+ nothing\"\"\"\n")),
              ElementsAre("s.toml:9:23: \"sycalls\" is not known; did you mean \"syscalls\"?",
                          "s.toml:11:9: \"publishd\" is not known; did you mean \"published\"?",
                          "s.toml:14:15: \"=\" does not compare; did you mean \"==\"?",
                          "s.toml:16:8: \"nothing\" is not known; scenarios/README.md lists the names"));
}

TEST(Parse, ConditionsMustBeAbleToChangeAndToBeKnownInTime) {
  EXPECT_THAT(errors_of(good("[[chapter]]\nwhen = \"1 == 1\"\ntext = \"x\"\n"
                             "[[chapter]]\nwhen = \"end_ms > 3\"\ntext = \"x\"\n"
                             "[[check]]\nexpr = \"rotated\"\n")),
              ElementsAre(HasSubstr("s.toml:9:8: \"1 == 1\" never changes"),
                          HasSubstr("s.toml:12:9: \"end_ms\" is known only when the run is over"),
                          HasSubstr("s.toml:15:9: \"rotated\" is an event")));
}

TEST(Parse, StepsOfAScriptAreCheckedOneByOne) {
  EXPECT_THAT(
      errors_of(
          "title = \"T\"\n[[reader]]\nscript = [\n"
          "  \"open\",\n  \"setzbuff 4096\",\n  \"pkt 5\",\n  \"sleep soon\",\n  7,\n]\nmode = \"zbuf\"\n"),
      ElementsAre("s.toml:5:3: \"setzbuff 4096\": no such step; did you mean \"setzbuf\"?",
                  "s.toml:6:3: \"pkt 5\": expected pkt LENGTH [COUNT]",
                  HasSubstr("s.toml:7:3: \"sleep soon\": expected a duration"),
                  "s.toml:8:3: \"script\" is 7; expected strings only",
                  HasSubstr("s.toml:10:8: \"mode\" means nothing here: the script does everything itself")));
}

TEST(Parse, OptionsBesideAScriptAreRefusedEvenIfItCannotBeRead) {
  EXPECT_THAT(errors_of("title = \"T\"\n[[reader]]\nscript = 5\nmode = \"zbuf\"\n"),
              ElementsAre("s.toml:3:10: \"script\" is 5; expected an array of strings",
                          "s.toml:4:8: \"mode\" means nothing here: the script does everything itself"));
}

TEST(Parse, AScriptHasOperationsAndTimes) {
  const Scenario scenario =
      parsed("title = \"T\"\n[[reader]]\nscript = [\"open\", \"sleep 5 ms\", \"at 10ms\", \"pkt 1000 4\"]\n");
  const auto& script = scenario.runs[0].readers[0].reader.script;
  ASSERT_EQ(script.size(), 4u);
  EXPECT_EQ(script[0].operation.name, "open");
  EXPECT_EQ(script[1].kind, SimStep::Kind::sleep);
  EXPECT_EQ(script[1].time_ns, 5'000'000u);
  EXPECT_EQ(script[2].kind, SimStep::Kind::at);
  EXPECT_THAT(script[3].operation.arguments, ElementsAre("1000", "4"));
}

TEST(Parse, NamesThatReferToNothingGetASuggestion) {
  EXPECT_THAT(
      errors_of("title = \"T\"\n"
                "[[interface]]\nname = \"ix0\"\n"
                "[[traffic]]\ninterface = \"ix1\"\nlimit = 1\n"
                "[[reader]]\nname = \"slow\"\n"
                "[[fault]]\nat = 0\ndo = \"stall\"\ntarget = \"slwo\"\n"
                "[[fault]]\nat = 0\ndo = \"interface_down\"\ntarget = \"slow\"\n"
                "[[fault]]\nat = 0\nwhen = \"dropped\"\ndo = \"flsh\"\n"),
      ElementsAre(
          "s.toml:5:13: there is no [[interface]] named \"ix1\"; there is ix0; did you mean \"ix0\"?",
          "s.toml:12:10: there is no [[reader]] named \"slwo\"; there is slow; did you mean \"slow\"?",
          "s.toml:16:10: there is no [[interface]] named \"slow\"; there is ix0",
          HasSubstr("s.toml:17:1: [[fault]] has both \"at\" and \"when\""),
          HasSubstr("did you mean \"flush\"?")));
}

TEST(Parse, NamesMustBeFreeForExpressions) {
  EXPECT_THAT(errors_of(good("name = \"drops\"\n")),
              ElementsAre(HasSubstr("s.toml:8:8: \"name\" is \"drops\"")));
  EXPECT_THAT(errors_of(good("name = \"2nd\"\n")), ElementsAre(HasSubstr("s.toml:8:8: \"name\" is \"2nd\"")));
  EXPECT_THAT(errors_of(good("[[reader]]\n")),
              ElementsAre(HasSubstr("s.toml:8:1: two [[reader]] are named")));
  EXPECT_THAT(errors_of(good("[[compare]]\nname = \"zbuf\"\nset = { seed = 2 }\n")),
              ElementsAre(HasSubstr("s.toml:8:1: a run is named \"zbuf\", and so is another run")));
}

TEST(Parse, TrafficThatNeverEndsIsRefused) {
  const std::string endless = "title = \"T\"\n[[traffic]]\nrate = 1\n[[reader]]\n";
  EXPECT_THAT(errors_of(endless), ElementsAre(HasSubstr("s.toml:2:1: this traffic never ends")));
  EXPECT_THAT(errors_of("duration = \"1 s\"\n" + endless), ElementsAre());
  EXPECT_THAT(errors_of("stop_when = \"arrived == 5\"\n" + endless), ElementsAre());
}

TEST(Parse, TrafficHasItsKindsOfSizes) {
  const auto sizes = [](const std::string& value) {
    const Scenario scenario =
        parsed("title = \"T\"\n[[traffic]]\nlimit = 1\nsizes = " + value + "\n[[reader]]\n");
    return std::get<SyntheticConfig>(scenario.runs[0].traffic[0].packets);
  };
  EXPECT_EQ(sizes("64").size_bytes, 64u);
  EXPECT_EQ(sizes("\"imix\"").sizes, SizeModel::imix);
  EXPECT_EQ(sizes("{ min = 64, max = \"1 kB\" }").max_size_bytes, 1000u);
  EXPECT_EQ(sizes("[60, 1514]").sizes, SizeModel::repeated);
  EXPECT_EQ(sizes("[{ bytes = 60, weight = 7 }, { bytes = 1514 }]").listed_sizes[0].weight, 7u);
  const std::string bad = "title = \"T\"\n[[traffic]]\nlimit = 1\nsizes = ";
  EXPECT_THAT(errors_of(bad + "13\n[[reader]]\n"), ElementsAre(HasSubstr("s.toml:4:9: \"sizes\" is 13")));
  EXPECT_THAT(errors_of(bad + "{ min = 90, max = 80 }\n[[reader]]\n"),
              ElementsAre(HasSubstr("expected min <= max")));
  EXPECT_THAT(errors_of(bad + "[]\n[[reader]]\n"), ElementsAre(HasSubstr("0 of them; expected 1 to 4096")));
}

TEST(Parse, KeysThatMeanNothingForTheKindAreRefused) {
  EXPECT_THAT(
      errors_of("title = \"T\"\n[[traffic]]\nkind = \"capture\"\nfile = \"x.pcap\"\nsizes = 60\nrate = 9\n"
                "[[reader]]\n"),
      ElementsAre("s.toml:5:9: \"sizes\" means nothing here: kind is \"capture\"",
                  "s.toml:6:8: \"rate\" means nothing here: timing is not \"rate\""));
}

TEST(Parse, CapturesAreLookedForBesideTheScenario) {
  const auto path = [](const std::string& file) {
    const Scenario scenario =
        parsed("title = \"T\"\n[[traffic]]\nkind = \"capture\"\nfile = \"" + file + "\"\n[[reader]]\n");
    return std::get<PlannedCapture>(scenario.runs[0].traffic[0].packets).path;
  };
  EXPECT_EQ(path("captures/a.pcap"), "folder/captures/a.pcap");
  EXPECT_EQ(path("/a.pcap"), "/a.pcap");
}

TEST(Parse, SysctlsAreTheKernels) {
  const Scenario scenario =
      parsed(good("[kernel]\nhz = 100\n[kernel.sysctl]\n\"net.bpf.zerocopy_enable\" = 0\n"
                  "\"net.bpf.maxbufsize\" = 65536\n"));
  EXPECT_FALSE(scenario.runs[0].config.kernel.tunables.zerocopy_enable);
  EXPECT_EQ(scenario.runs[0].config.kernel.tunables.maxbufsize, 65536u);
  EXPECT_EQ(scenario.runs[0].config.kernel.tunables.hz, 100u);
  EXPECT_THAT(
      errors_of(good("[kernel.sysctl]\n\"net.bpf.zerocopy_enabel\" = 1\n\"kern.hz\" = 3\n")),
      ElementsAre(HasSubstr("did you mean \"net.bpf.zerocopy_enable\"?"), HasSubstr("s.toml:10:13: ")));
}

// ---- Comparisons ----

TEST(Compare, BothIsARunInEachMode) {
  const Scenario scenario = parsed("title = \"T\"\n[[reader]]\nmode = \"both\"\n");
  ASSERT_EQ(scenario.runs.size(), 2u);
  EXPECT_EQ(scenario.runs[0].name, "zbuf");
  EXPECT_EQ(scenario.runs[1].name, "read");
  EXPECT_EQ(scenario.runs[1].readers[0].reader.options.mode, BufferMode::buffer);
}

TEST(Compare, PathsReachKeysTablesAndElementsByName) {
  const Scenario scenario = parsed("title = \"T\"\n"
                                   "[[traffic]]\nlimit = 1\n"
                                   "[[reader]]\nname = \"one\"\n[[reader]]\nname = \"two\"\n"
                                   "[base]\nname = \"before\"\n"
                                   "[[compare]]\nname = \"after\"\n[compare.set]\nseed = 9\n"
                                   "kernel.revision = \"zbuf\"\n"
                                   "\"kernel.sysctl.net.bpf.maxinsns\" = 64\n"
                                   "reader.two.buffer = \"8 KiB\"\nreader.immediate = true\n"
                                   "traffic.sizes = { min = 60, max = 70 }\n");
  ASSERT_EQ(scenario.runs.size(), 2u);
  const PlannedRun& base = scenario.runs[0];
  const PlannedRun& run = scenario.runs[1];
  EXPECT_EQ(base.name, "before");
  EXPECT_EQ(run.name, "after");
  EXPECT_EQ(base.config.seed, 1u);
  EXPECT_EQ(run.config.seed, 9u);
  EXPECT_STREQ(run.config.kernel.revision->name, "zbuf");
  EXPECT_EQ(run.config.kernel.tunables.maxinsns, 64u);
  EXPECT_EQ(run.readers[0].reader.options.buffer_bytes, base.readers[0].reader.options.buffer_bytes);
  EXPECT_EQ(run.readers[1].reader.options.buffer_bytes, 8192u);
  EXPECT_TRUE(run.readers[0].reader.options.immediate && run.readers[1].reader.options.immediate);
  EXPECT_FALSE(base.readers[0].reader.options.immediate);
  EXPECT_EQ(std::get<SyntheticConfig>(run.traffic[0].packets).max_size_bytes, 70u);
}

TEST(Compare, MistakesInAPathAreToldWhereThePathIs) {
  EXPECT_THAT(
      errors_of(good("name = \"slow\"\n"                          // 8
                     "[[compare]]\nname = \"c\"\n[compare.set]\n" // 9 to 11
                     "\"reader.slwo.buffer\" = 1\n"               // 12
                     "\"reader.bufer\" = 1\n"                     // 13
                     "\"fault.at\" = 1\n"                         // 14
                     "\"title.x\" = 1\n"                          // 15
                     "\"kernel.revision\" = \"freebds\"\n"        // 16
                     "\"reader.timeout\" = \"x\"\n")),            // 17
      ElementsAre(HasSubstr("s.toml:12:1: \"reader.slwo.buffer\": there is no [[reader]] named \"slwo\"; did "
                            "you mean \"slow\"?"),
                  HasSubstr("s.toml:13:1: [[reader]] has no key \"bufer\"; did you mean \"buffer\"?"),
                  HasSubstr("s.toml:14:1: \"fault.at\": there is no [[fault]]"),
                  HasSubstr("s.toml:15:1: \"title.x\": title is a string"),
                  HasSubstr("s.toml:16:21: \"revision\" is \"freebds\""),
                  HasSubstr("s.toml:17:20: \"timeout\" is \"x\"")));
}

TEST(Compare, EachRunHasTheInvariantsThatItBreaks) {
  const Scenario scenario =
      parsed("breaks = [\"I1\"]\n" +
             good("[[compare]]\nname = \"old\"\nset = { \"kernel.revision\" = \"r177548\" }\n"
                  "breaks = [\"I2\", \"I4\"]\n[[compare]]\nname = \"new\"\nset = { seed = 2 }\n"));
  EXPECT_THAT(scenario.runs[0].breaks, ElementsAre(Invariant::accounted));
  EXPECT_THAT(scenario.runs[1].breaks, ElementsAre(Invariant::untouched, Invariant::alternating));
  EXPECT_THAT(scenario.runs[2].breaks, ElementsAre());
  EXPECT_THAT(errors_of("breaks = [\"I7\"]\n" + good()),
              ElementsAre(HasSubstr("s.toml:1:11: \"breaks\" is \"I7\"")));
}

// ---- The command line ----

TEST(Overrides, ReplaceWhatTheFileSays) {
  Overrides overrides;
  overrides.seed = 77;
  overrides.revision = "zbuf";
  overrides.capture = "mine.pcap";
  overrides.until = "dropped";
  const Scenario scenario =
      parsed(good("[[compare]]\nname = \"old\"\nset = { \"kernel.revision\" = \"r177548\" }\n"), overrides);
  EXPECT_EQ(scenario.runs[0].config.seed, 77u);
  EXPECT_STREQ(scenario.runs[0].config.kernel.revision->name, "zbuf");
  EXPECT_STREQ(scenario.runs[1].config.kernel.revision->name, "r177548");
  EXPECT_EQ(std::get<PlannedCapture>(scenario.runs[1].traffic[0].packets).path, "mine.pcap");
  EXPECT_EQ(scenario.runs[1].until, "dropped");
}

TEST(Overrides, AWrongConditionIsTold) {
  Overrides overrides;
  overrides.until = "droped > 0";
  EXPECT_THAT(errors_of(good(), overrides),
              ElementsAre(HasSubstr("--until \"droped > 0\": \"droped\" is not known; "
                                    "did you mean \"dropped\"?")));
}

TEST(Overrides, CostsOfAMachineReplaceThoseOfTheFile) {
  Overrides overrides;
  overrides.costs = Costs{};
  overrides.costs->copy_out_ps = 123;
  const Scenario scenario = parsed(good("[costs]\ncopy_out_ps = 7\npacket_ns = 9\n"), overrides);
  EXPECT_EQ(scenario.runs[0].config.costs.copy_out_ps, 123u);
  EXPECT_EQ(scenario.runs[0].config.costs.packet_ns, Costs{}.packet_ns);
  EXPECT_EQ(parsed(good("[costs]\ncopy_out_ps = 7\n")).runs[0].config.costs.copy_out_ps, 7u);
}

// ---- What is opened ----

TEST(MakeConfig, TellsFiltersThatDoNotCompileAndCapturesThatAreNotThere) {
  const Scenario scenario = parsed("title = \"T\"\n[[traffic]]\nkind = \"capture\"\nfile = \"none.pcap\"\n"
                                   "[[reader]]\nfilter = \"tcp prot 80\"\n");
  const auto config = make_config(scenario, 0);
  ASSERT_FALSE(config);
  ASSERT_EQ(config.error().size(), 2u);
  EXPECT_THAT(config.error()[0].text(), HasSubstr("folder/none.pcap: "));
  EXPECT_THAT(config.error()[1].text(), HasSubstr("s.toml:6:10: "));
  EXPECT_THAT(config.error()[1].text(), HasSubstr("tcp prot 80"));
}

TEST(MakeConfig, KnowsHowManyInstructionsAFilterMayHave) {
  std::string filter = "tcp port 1";
  for (int port = 8; port < 1000; port += 7)
    filter += " or tcp port " + std::to_string(port);
  const auto with = [&](const std::string& more) {
    return parsed("title = \"T\"\n" + more + "[[traffic]]\nlimit = 1\n[[reader]]\nfilter = \"" + filter +
                  "\"\n");
  };
  const auto refused = make_config(with(""), 0);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error()[0].text(), HasSubstr("net.bpf.maxinsns allows 512"));
  EXPECT_TRUE(make_config(with("[kernel]\nsysctl.\"net.bpf.maxinsns\" = 4096\n"), 0));
}

TEST(MakeConfig, AnInterfaceIsOfTheKindOfItsCapture) {
  const std::string capture = ZBUF_SOURCE_DIR "/scenarios/captures/http-download.pcap";
  const auto with = [&](const std::string& interface) {
    return parsed("title = \"T\"\n" + interface + "[[traffic]]\nkind = \"capture\"\nfile = \"" + capture +
                  "\"\n[[reader]]\n");
  };
  const auto config = make_config(with(""), 0);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->interfaces[0].config.link_type, 1u);
  const auto refused = make_config(with("[[interface]]\nlink = \"raw\"\n"), 0);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error()[0].text(), HasSubstr("cannot arrive at em0, which is of link type 12"));
}

TEST(MakeConfig, SyntheticPacketsAreEthernet) {
  EXPECT_FALSE(make_config(parsed(good("[[interface]]\nlink = \"null\"\n")), 0));
}

} // namespace
} // namespace zbuf
