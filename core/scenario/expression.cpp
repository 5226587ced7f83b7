// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/expression.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <fmt/format.h>
#include <muParser.h>
#include <optional>

namespace zbuf {

namespace {

constexpr std::size_t longest_expression = 2000;
constexpr const char* name_characters = "0123456789_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

double logical_not(double value) {
  return value == 0 ? 1 : 0;
}
double absolute(double value) {
  return value < 0 ? -value : value;
}
double least(const double* values, int count) {
  return *std::min_element(values, values + count);
}
double greatest(const double* values, int count) {
  return *std::max_element(values, values + count);
}

bool is_name_character(char c) {
  return std::string_view(name_characters).find(c) != std::string_view::npos;
}

/// Where the name stands as a whole word.
std::size_t position_of(const std::string& text, const std::string& name) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_name_character(text[at - 1])) &&
        (end == text.size() || !is_name_character(text[end])))
      return at;
  }
  return 0;
}

/// muParser takes "=" for an assignment; nobody means that here.
std::optional<std::size_t> lone_equals_sign(const std::string& text) {
  for (std::size_t at = text.find('='); at != std::string::npos; at = text.find('=', at + 1)) {
    if (at + 1 < text.size() && text[at + 1] == '=') {
      ++at;
      continue;
    }
    if (at == 0 || std::string_view("<>!").find(text[at - 1]) == std::string_view::npos)
      return at;
  }
  return std::nullopt;
}

/// The parser's message without the place in it, which is told apart from it.
ExpressionFault as_fault(const mu::ParserError& error) {
  std::string message = error.GetMsg();
  for (const std::string_view place : {" at position", " at expression position"})
    if (const std::size_t at = message.find(place); at != std::string::npos)
      message.erase(at, message.find_first_not_of("0123456789 ", at + place.size()) - at);
  while (!message.empty() && (message.back() == '.' || message.back() == ' '))
    message.pop_back();
  if (error.GetCode() == mu::ecUNEXPECTED_EOF)
    message = "something is missing at the end";
  return {std::move(message), static_cast<std::size_t>(std::max(error.GetPos(), 0))};
}

} // namespace

struct Expression::Compiled {
  struct Cell {
    std::string name;
    Variable variable;
    double value = 0;
  };

  std::string text;
  const Scope* scope = nullptr; ///< during compile() only
  std::vector<ExpressionFault> unknown;
  std::deque<Cell> cells; ///< the parser keeps pointers to the values
  double nothing = 0;
  mu::Parser parser;

  /// muParser asks once for each name.
  static double* make_variable(const char* name, void* self) {
    auto& compiled = *static_cast<Compiled*>(self);
    auto found = find_variable(name, *compiled.scope);
    if (!found) {
      compiled.unknown.push_back({found.error().message, position_of(compiled.text, name)});
      return &compiled.nothing;
    }
    compiled.cells.push_back({name, *found});
    return &compiled.cells.back().value;
  }

  void prepare() {
    parser.ClearFun(); // what is left is the same on every machine
    parser.ClearConst();
    parser.ClearPostfixOprt();
    parser.DefineNameChars(name_characters);
    parser.DefineInfixOprt("!", logical_not);
    parser.DefineFun("abs", absolute);
    parser.DefineFun("min", least);
    parser.DefineFun("max", greatest);
    parser.DefineConst("A", ZB_A);
    parser.DefineConst("B", ZB_B);
    parser.DefineConst("none", ZB_NO_BUFFER);
    parser.SetVarFactory(make_variable, this);
  }

  void refresh(std::span<const RunView> runs) {
    for (Cell& cell : cells)
      cell.value = read_variable(cell.variable, runs);
  }
};

tl::expected<Expression, std::vector<ExpressionFault>> Expression::compile(const std::string& text,
                                                                           const Scope& scope) {
  const auto refuse = [](std::string message, std::size_t position = 0) {
    return tl::make_unexpected(std::vector{ExpressionFault{std::move(message), position}});
  };
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return refuse("empty; expected an expression such as \"drops == 0\"");
  if (text.size() > longest_expression)
    return refuse(fmt::format("{} bytes; expected at most {}", text.size(), longest_expression));
  if (const auto at = lone_equals_sign(text))
    return refuse("\"=\" does not compare; did you mean \"==\"?", *at);
  auto compiled = std::make_shared<Compiled>();
  compiled->text = text;
  compiled->scope = &scope;
  std::optional<ExpressionFault> fault;
  try {
    compiled->prepare();
    compiled->parser.SetExpr(text);
    int results = 0;
    compiled->parser.Eval(results);
    if (results != 1)
      fault = {fmt::format("{} values, separated by commas; expected one", results), 0};
  } catch (const mu::ParserError& error) {
    fault = as_fault(error);
  }
  compiled->scope = nullptr;
  if (!compiled->unknown.empty())
    return tl::make_unexpected(std::move(compiled->unknown));
  if (fault)
    return refuse(std::move(fault->message), std::min(fault->position, text.size()));
  return Expression(std::move(compiled));
}

double Expression::value(std::span<const RunView> runs) const {
  compiled_->refresh(runs);
  return compiled_->parser.Eval();
}

bool Expression::holds(std::span<const RunView> runs) const {
  const double result = value(runs);
  return result != 0 && !std::isnan(result);
}

bool Expression::holds(const State& state, const Event& event) const {
  const RunView view{&state, &event, nullptr};
  return holds(std::span(&view, 1));
}

KindMask Expression::kinds() const {
  KindMask kinds = 0;
  for (const Compiled::Cell& cell : compiled_->cells)
    kinds |= cell.variable.kinds;
  return kinds;
}

std::vector<Reading> Expression::readings() const {
  std::vector<Reading> all;
  for (const Compiled::Cell& cell : compiled_->cells)
    all.push_back({cell.name, cell.value});
  return all;
}

const std::string& Expression::text() const {
  return compiled_->text;
}

} // namespace zbuf
