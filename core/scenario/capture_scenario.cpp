// SPDX-License-Identifier: BSD-2-Clause
#include "core/scenario/capture_scenario.h"

#include <filesystem>
#include <fmt/format.h>

namespace zbuf {

namespace {

std::string quoted(const std::string& text) {
  std::string all = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      all += {'\\', c};
    else if (byte < 0x20 || byte == 0x7f)
      all += fmt::format("\\u{:04x}", byte);
    else
      all += c;
  }
  return all + '"';
}

} // namespace

std::string scenario_of_capture(const std::string& path, const CaptureReader& reader) {
  namespace fs = std::filesystem;
  std::error_code error;
  const std::string file = path == "-" ? path : fs::absolute(path, error).string();
  const std::string name = path == "-" ? "standard input" : fs::path(path).filename().string();
  return fmt::format("title = {}\nlinger = \"200 ms\"\n[kernel]\nrevision = {}\n"
                     "[[interface]]\nname = \"em0\"\nring = 65536\n"
                     "[[traffic]]\nkind = \"capture\"\nfile = {}\n"
                     "[[reader]]\nmode = {}\nbuffer = {}\n"
                     "[[check]]\nexpr = \"stored >= 0\"\n",
                     quoted(name), quoted(reader.revision), quoted(file), quoted(reader.mode),
                     quoted(reader.buffer));
}

} // namespace zbuf
