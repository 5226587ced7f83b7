// SPDX-License-Identifier: BSD-2-Clause
// The report in its forms: JSON against its schema, JUnit, and text.
#include "core/scenario/report_text.h"
#include "core/scenario/runner.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace zbuf {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// As much of JSON Schema as report.schema.json uses.
class SchemaChecker {
 public:
  explicit SchemaChecker(const json& schema) : root_(schema) {}

  std::string check(const json& value) { return check(root_, value, ""); }

 private:
  static bool is_of_type(const json& value, const std::string& type) {
    return type == "object"    ? value.is_object()
           : type == "array"   ? value.is_array()
           : type == "string"  ? value.is_string()
           : type == "boolean" ? value.is_boolean()
           : type == "integer" ? value.is_number_integer()
           : type == "number"  ? value.is_number()
           : type == "null"    ? value.is_null()
                               : false;
  }

  std::string check(const json& schema, const json& value, const std::string& at) {
    if (schema.contains("$ref"))
      return check(root_.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1))), value, at);
    if (schema.contains("const") && value != schema["const"])
      return at + " is not " + schema["const"].dump();
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      return at + " is " + value.dump();
    if (schema.contains("type")) {
      const json types = schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
      if (std::none_of(types.begin(), types.end(), [&](const json& type) { return is_of_type(value, type); }))
        return at + " is of another type: " + value.dump();
    }
    if (schema.contains("minimum") && value.is_number() && value < schema["minimum"])
      return at + " is too small";
    return value.is_object()  ? check_object(schema, value, at)
           : value.is_array() ? check_array(schema, value, at)
                              : "";
  }

  std::string check_object(const json& schema, const json& value, const std::string& at) {
    for (const json& key : schema.value("required", json::array()))
      if (!value.contains(key.get<std::string>()))
        return at + " has no " + key.dump();
    const json properties = schema.value("properties", json::object());
    const json others = schema.value("additionalProperties", json(true));
    for (const auto& [key, member] : value.items()) {
      std::string fault;
      if (properties.contains(key))
        fault = check(properties[key], member, at + "/" + key);
      else if (others.is_object())
        fault = check(others, member, at + "/" + key);
      else if (others == false)
        fault = at + " has " + key + ", which the schema does not";
      if (!fault.empty())
        return fault;
    }
    return "";
  }

  std::string check_array(const json& schema, const json& value, const std::string& at) {
    for (std::size_t i = 0; schema.contains("items") && i < value.size(); ++i)
      if (std::string fault = check(schema["items"], value[i], at + "/" + std::to_string(i)); !fault.empty())
        return fault;
    return "";
  }

  const json& root_;
};

json schema() {
  std::ifstream in(ZBUF_SOURCE_DIR "/core/scenario/report.schema.json");
  return json::parse(in);
}

ScenarioReport report_of(const std::string& toml) {
  const auto scenario = parse_scenario(toml, "s.toml", ZBUF_SOURCE_DIR "/scenarios");
  if (!scenario) {
    ADD_FAILURE() << scenario.error().front().text();
    return {};
  }
  Runner runner(*scenario, {});
  EXPECT_TRUE(runner.prepare().empty());
  return runner.run();
}

/// Passing and failing checks, a broken invariant, a chapter, a value that is no number, and text to escape.
ScenarioReport rich() {
  return report_of(
      "title = \"A <rich> & \\\"full\\\" one\"\nlinger = \"1 ms\"\nlesson = \"One.\\n\\nTwo.\"\n"
      "[[traffic]]\nkind = \"capture\"\nfile = \"captures/tls-session.pcap\"\n"
      "[[reader]]\nname = \"one\"\nmode = \"both\"\n"
      "[[reader]]\nname = \"two\"\nscript = [\"open\", \"setbufmode 2\", \"setzbuf 4096\", \"setif\", "
      "\"pkt 1000 4\", \"setzbuf_live 4096\", \"pkt 1000 1\"]\n"
      "[[chapter]]\nwhen = \"published\"\ntext = \"First.\"\n"
      "[[check]]\nexpr = \"arrived > 0\"\ntext = \"Packets came\"\n"
      "[[check]]\nexpr = \"missed / missed == 1\"\n");
}

TEST(Json, FollowsItsSchema) {
  const json expected = schema();
  SchemaChecker checker(expected);
  const json document = json::parse(report_as_json({rich(), ScenarioReport{}}));
  EXPECT_EQ(checker.check(document), "");
  EXPECT_EQ(document["version"], 1);
  const json& one = document["scenarios"][0];
  EXPECT_EQ(one["outcome"], "failed");
  EXPECT_EQ(one["runs"].size(), 2u);
  EXPECT_EQ(one["checks"][0]["result"], "holds");
  EXPECT_EQ(one["checks"][1]["result"], "fails");
  EXPECT_EQ(one["runs"][0]["invariants"].size(), 6u);
  EXPECT_NE(zb_revision_find(one["runs"][0]["revision"].get<std::string>().c_str()), nullptr);
  EXPECT_FALSE(one["conversations"].empty());
}

TEST(Json, TheSchemaFindsWhatDoesNotFollowIt) {
  const json expected = schema();
  SchemaChecker checker(expected);
  json document = json::parse(report_as_json({rich()}));
  document["scenarios"][0]["runs"][0]["events"] = -1;
  EXPECT_THAT(checker.check(document), HasSubstr("events is too small"));
  document = json::parse(report_as_json({rich()}));
  document["scenarios"][0]["checks"][0].erase("result");
  EXPECT_THAT(checker.check(document), HasSubstr("has no \"result\""));
  document["scenarios"][0]["surprise"] = 1;
  EXPECT_NE(checker.check(document), "");
}

TEST(Junit, HasASuiteForEachScenarioAndCountsItsCases) {
  const std::string xml = report_as_junit({rich()});
  EXPECT_THAT(xml, HasSubstr("<testsuites"));
  EXPECT_THAT(xml, HasSubstr("name=\"A &lt;rich&gt; &amp; &quot;full&quot; one\""));
  std::size_t cases = 0, failures = 0;
  for (std::size_t at = 0; (at = xml.find("<testcase ", at)) != std::string::npos; ++at)
    ++cases;
  for (std::size_t at = 0; (at = xml.find("<failure ", at)) != std::string::npos; ++at)
    ++failures;
  EXPECT_EQ(cases, 2u + 11u + 2u); // runs, invariants, checks
  EXPECT_EQ(failures, 5u);         // I1 and I2 in both runs, and one check
  EXPECT_THAT(xml, HasSubstr("tests=\"15\" failures=\"5\" errors=\"0\" skipped=\"0\""));
  EXPECT_THAT(xml, HasSubstr("s.toml:"));
}

TEST(Text, IsPlainWithoutColours) {
  const std::string text = report_as_text(rich(), {.colour = false, .unicode = true, .width = 80});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("✓ Packets came"));
  EXPECT_THAT(text, HasSubstr("✗ missed / missed == 1"));
  EXPECT_THAT(text, HasSubstr("read ÷ zbuf"));
  EXPECT_THAT(text, HasSubstr("breaks I1 (once, at "));
  EXPECT_THAT(text, HasSubstr("FAILED: 1 of 2 checks hold"));
}

TEST(Text, IsAsciiWhereNothingElseCanBeShown) {
  const ScenarioReport report = rich();
  const TextStyle style{.colour = false, .unicode = false, .width = 80};
  for (const std::string& text :
       {report_as_text(report, style), failures_as_text(report, style), summary_line(report, style)})
    for (const char c : text)
      ASSERT_LT(static_cast<unsigned char>(c), 0x80) << text;
}

TEST(Text, KeepsToTheWidth) {
  const ScenarioReport report = rich();
  for (const std::size_t width : {80u, 100u, 132u}) {
    const std::string text = report_as_text(report, {.colour = false, .unicode = true, .width = width});
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t end = text.find('\n', from);
      EXPECT_LE(columns_of(text.substr(from, end - from)), width) << text.substr(from, end - from);
      from = end + 1;
    }
  }
}

TEST(Text, ColoursAreClosed) {
  const std::string text = report_as_text(rich(), {.colour = true, .unicode = true, .width = 80});
  EXPECT_THAT(text, HasSubstr("\x1b[38;5;16;48;5;214m")); // the user's
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    const std::string line = text.substr(from, end - from);
    const std::size_t last = line.rfind('\x1b');
    EXPECT_TRUE(last == std::string::npos || line.compare(last, 4, "\x1b[0m") == 0) << line;
    from = end + 1;
  }
}

TEST(Text, OnlyFailuresWhenAskedFor) {
  const TextStyle style{.colour = false, .unicode = true, .width = 80};
  const std::string text = failures_as_text(rich(), style);
  EXPECT_THAT(text, Not(HasSubstr("Packets came")));
  EXPECT_THAT(text, HasSubstr("missed / missed == 1"));
  EXPECT_EQ(failures_as_text(report_of("title = \"T\"\n[[reader]]\n"), style), "");
}

TEST(TextStyle, WrapsParagraphs) {
  EXPECT_THAT(wrap("one two three\nfour\n\nfive", 8),
              testing::ElementsAre("one two", "three", "four", "", "five"));
  EXPECT_TRUE(wrap(" \n\n ", 8).empty());
  EXPECT_EQ(columns_of("a÷b"), 3u);
  EXPECT_EQ(shorten({}, "abcdef", 4), "abc…");
  EXPECT_EQ(pad_left("÷", 3), "  ÷");
}

} // namespace
} // namespace zbuf
