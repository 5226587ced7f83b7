// SPDX-License-Identifier: BSD-2-Clause
#include "core/cli/lessons.h"

#include "core/scenario/diagnostics.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <optional>

namespace zbuf {

namespace fs = std::filesystem;

namespace {

/// "04-the-slow-reader"
std::string stem_of(const std::string& path) {
  return fs::path(path).stem().string();
}

std::optional<unsigned> leading_number(std::string_view name) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{})
    return std::nullopt;
  return number;
}

/// "the-slow-reader"
std::string name_of(const std::string& path) {
  std::string stem = stem_of(path);
  const std::size_t dash = stem.find_first_not_of("0123456789");
  return dash != std::string::npos && dash > 0 && stem[dash] == '-' ? stem.substr(dash + 1) : stem;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

std::string scenario_folder(const std::string& option) {
  if (!option.empty())
    return option;
  if (const char* environment = std::getenv("ZBUF_SCENARIOS"); environment != nullptr && *environment != '\0')
    return environment;
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path(); // empty: not on Linux
  for (const fs::path& folder :
       {fs::path(ZBUF_SOURCE_SCENARIOS), here.empty() ? here : here / ZBUF_SCENARIOS_FROM_BIN,
        fs::path(ZBUF_INSTALLED_SCENARIOS)})
    if (fs::is_directory(folder, error))
      return folder.lexically_normal().string();
  return {};
}

std::vector<std::string> scenarios_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".toml")
      paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<std::vector<std::string>> find_scenarios(const std::string& argument, const std::string& folder) {
  std::error_code error;
  if (fs::is_directory(argument, error)) {
    auto all = scenarios_in(argument);
    if (all.empty())
      return fail(Error::Code::not_found, fmt::format("{}: there is no .toml file in that folder", argument));
    return all;
  }
  if (fs::exists(argument, error))
    return std::vector<std::string>{argument};
  const std::vector<std::string> lessons = folder.empty() ? std::vector<std::string>{} : scenarios_in(folder);
  std::vector<std::string> found;
  for (const std::string& path : lessons) {
    if (is_number(argument) ? leading_number(stem_of(path)) == leading_number(argument)
                            : name_of(path) == argument || stem_of(path) == argument)
      return std::vector<std::string>{path};
    if (!is_number(argument) && stem_of(path).find(argument) != std::string::npos)
      found.push_back(path);
  }
  if (found.size() == 1)
    return found;
  std::vector<std::string> names;
  for (const std::string& path : found.empty() ? lessons : found)
    names.push_back(name_of(path));
  if (!found.empty())
    return fail(Error::Code::bad_input, fmt::format("{}: {} scenarios have that in their names: {}", argument,
                                                    found.size(), fmt::join(names, ", ")));
  return fail(Error::Code::not_found,
              fmt::format("{}: no such file, and no such lesson{}; \"zbuf list\" shows them", argument,
                          suggestion(argument, std::vector<std::string_view>(names.begin(), names.end()))));
}

} // namespace zbuf
