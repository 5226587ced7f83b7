// SPDX-License-Identifier: BSD-2-Clause
#include "core/observation/conform.h"

#include "core/clock/virtual_clock.h"
#include "core/observation/emulated_bed.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace zbuf {

namespace {

using nlohmann::json;

/// A machine with its own virtual time.
struct OwnedBed {
  VirtualClock clock;
  EmulatedKernel kernel;
  EmulatedBed bed;

  explicit OwnedBed(const zb_revision& revision) : kernel(clock, config(revision)), bed(kernel, "tap0") {
    (void)kernel.add_interface({.name = "tap0"});
    // The recorded cases begin with zero-copy switched on.
    bed.enable_zerocopy(true);
  }
  static EmulatedKernel::Config config(const zb_revision& revision) {
    EmulatedKernel::Config config;
    config.revision = &revision;
    config.tunables.hz = 100;
    return config;
  }
};

json header_fields(const Loan& loan, zb_which which) {
  const zb_shared_header* const header = loan.header(which);
  return {{"kgen", zb_header_kernel_gen(header)},
          {"klen", zb_header_kernel_len(header)},
          {"ugen", zb_user_user_gen(header)}};
}

json observe(TestBed& bed, const Operator& process) {
  json seen = json::object();
  const auto stats = process.device() != nullptr ? bed.stats(*process.device()) : std::nullopt;
  if (stats) {
    seen = {{"hlen", stats->hlen},   {"slen", stats->slen},     {"bufsize", stats->bufsize},
            {"recv", stats->rcount}, {"drop", stats->dcount},   {"match", stats->fcount},
            {"zcopy", stats->zcopy}, {"imm", stats->immediate}, {"mode", stats->bufmode}};
  } else {
    seen["detached"] = 1;
  }
  if (!process.loan().empty()) {
    seen["a"] = header_fields(process.loan(), ZB_A);
    seen["b"] = header_fields(process.loan(), ZB_B);
  }
  return seen;
}

json to_json(const OperationResult& result) {
  json out = json::object();
  if (result.error)
    out["errno"] = *result.error;
  if (result.value)
    out["value"] = *result.value;
  if (result.ready)
    out["ready"] = *result.ready;
  if (result.rotated) {
    out["buf"] = result.rotated->buffer == 0 ? json() : json(std::string(1, result.rotated->buffer));
    out["len"] = result.rotated->length;
  }
  if (result.stat) {
    out["bs_recv"] = result.stat->recv;
    out["bs_drop"] = result.stat->drop;
  }
  if (result.records) {
    json rows = json::array();
    for (const auto& row : *result.records)
      rows.push_back({row.offset, row.hdrlen, row.caplen, row.datalen, row.sequence});
    if (result.bad_record_offset)
      rows.push_back({{"bad", *result.bad_record_offset}});
    out["records"] = std::move(rows);
  }
  return out;
}

/// The text of one line, for a message: long lists are cut.
std::string shown(const json& value) {
  constexpr std::size_t most = 120;
  std::string text = value.dump();
  if (text.size() > most)
    text = text.substr(0, most) + "…";
  return text;
}

/// Every recorded field must be found, and equal.
void compare(const std::string& path, const json& expected, const json& found,
             std::vector<Difference>& differences) {
  if (expected.is_object() && found.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      const std::string inner = path.empty() ? key : path + "." + key;
      const auto other = found.find(key);
      if (other == found.end())
        differences.push_back({{}, 0, {}, inner, shown(value), "nothing"});
      else
        compare(inner, value, *other, differences);
    }
    return;
  }
  if (expected != found)
    differences.push_back({{}, 0, {}, path, shown(expected), shown(found)});
}

class Replay {
 public:
  Replay(const std::string& name, const MakeBed& make_bed, Conformance& into, std::size_t keep)
      : name_(name), make_bed_(make_bed), into_(into), keep_(keep) {}

  Result<void> line(std::string_view text) {
    ++line_;
    if (text.find_first_not_of(" \t\r") == std::string_view::npos)
      return {};
    json parsed = json::parse(text, nullptr, false);
    if (!parsed.is_object())
      return refuse("not a JSON object; expected {\"case\":NAME} or {\"op\":NAME,…}");
    if (const auto name = parsed.find("case"); name != parsed.end()) {
      if (!name->is_string())
        return refuse("\"case\" is not a string");
      begin_case(name->get<std::string>());
      return {};
    }
    return observation(parsed);
  }

 private:
  tl::unexpected<Error> refuse(const std::string& message) const {
    Error error{Error::Code::bad_input, message};
    error.file = name_;
    error.line = line_;
    return fail(std::move(error));
  }

  void begin_case(std::string name) {
    case_ = std::move(name);
    ++into_.cases;
    process_.reset();
    bed_ = make_bed_();
    process_ = std::make_unique<Operator>(*bed_);
  }

  Result<Operation> operation(const json& parsed) const {
    const auto name = parsed.find("op");
    if (name == parsed.end() || !name->is_string())
      return refuse("neither \"case\" nor \"op\"; expected one of them, a string");
    Operation operation{name->get<std::string>()};
    if (const auto arguments = parsed.find("args"); arguments != parsed.end()) {
      if (!arguments->is_array())
        return refuse("\"args\" is not an array");
      for (const json& argument : *arguments) {
        if (!argument.is_string())
          return refuse("\"args\" holds something that is not a string");
        operation.arguments.push_back(argument.get<std::string>());
      }
    }
    if (const auto good = check_operation(operation); !good)
      return refuse(good.error().message);
    return operation;
  }

  Result<void> observation(json& parsed) {
    if (process_ == nullptr)
      return refuse("an operation before the first {\"case\":NAME}");
    const auto op = operation(parsed);
    if (!op)
      return fail(op.error());
    json found = to_json(process_->run(*op));
    found["obs"] = observe(*bed_, *process_);
    parsed.erase("op");
    parsed.erase("args");
    std::vector<Difference> differences;
    compare("", parsed, found, differences);
    ++into_.observations;
    into_.differing += !differences.empty();
    for (Difference& difference : differences) {
      if (into_.differences.size() >= keep_)
        break;
      difference.case_name = case_;
      difference.line = line_;
      difference.operation =
          fmt::format("{}{}{}", op->name, op->arguments.empty() ? "" : " ", fmt::join(op->arguments, " "));
      into_.differences.push_back(std::move(difference));
    }
    return {};
  }

  const std::string& name_;
  const MakeBed& make_bed_;
  Conformance& into_;
  const std::size_t keep_;
  std::uint32_t line_ = 0;
  std::string case_;
  std::shared_ptr<TestBed> bed_;
  std::unique_ptr<Operator> process_;
};

} // namespace

MakeBed emulated_beds(const zb_revision& revision) {
  return [&revision] {
    auto owned = std::make_shared<OwnedBed>(revision);
    return std::shared_ptr<TestBed>(owned, &owned->bed);
  };
}

Result<void> replay_observations(std::string_view bytes, const std::string& name, const MakeBed& make_bed,
                                 Conformance& into, std::size_t keep) {
  Replay replay(name, make_bed, into, keep);
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    if (auto done = replay.line(bytes.substr(0, end)); !done)
      return done;
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return {};
}

} // namespace zbuf
