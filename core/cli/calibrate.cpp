// SPDX-License-Identifier: BSD-2-Clause
// zbuf calibrate: measures this machine's costs, for the model.
#include "core/cli/commands.h"

#include "core/base/output_file.h"
#include "core/bench/calibrate.h"
#include "core/cli/interrupt.h"

#include <atomic>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

namespace zbuf {

namespace {

int run_calibration(const std::string& path) {
  auto file = OutputFile::open(path);
  if (!file) {
    tell(file.error());
    return status_bad_input;
  }
  const bool shows = is_terminal(STDERR_FILENO);
  std::atomic<bool> stop = false;
  const auto progress = [&](double done) {
    if (shows)
      fmt::print(stderr, "\rMeasuring: {:.0f} %", 100 * done);
    return !stop.load();
  };
  Result<Calibration> calibration;
  {
    const InterruptScope interruptible([&] { stop.store(true); });
    calibration = calibrate(progress);
  }
  if (shows)
    fmt::print(stderr, "\r{:20}\r", "");
  if (!calibration) {
    tell(calibration.error());
    return calibration.error().code == Error::Code::interrupted ? status_interrupted : status_bad_input;
  }
  fmt::print(file->is_standard_output() ? stderr : stdout, "{}", calibration_as_text(*calibration));
  if (*file)
    if (const auto written = file->write(costs_as_toml(*calibration)); !written) {
      tell(written.error());
      return status_bad_input;
    }
  return status_good;
}

} // namespace

void add_calibrate(CLI::App& app, CommandContext& context) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "calibrate", "Measure this machine's costs, so that modelled runs predict measured ones");
  command->add_option("--write", *path, "Write them as TOML (- for standard output)")->type_name("F");
  command->footer(
      "Examples:\n"
      "  zbuf calibrate                              costs, and how well the model predicts\n"
      "  zbuf calibrate --write costs.toml\n"
      "  zbuf run 4 --costs costs.toml               lesson 4, as this machine would have it\n\n"
      "Takes about ten seconds. Exit status: 0 measured, 2 bad usage or bad input, 130 interrupted.");
  command->callback([path, &context] { context.status = run_calibration(*path); });
}

} // namespace zbuf
