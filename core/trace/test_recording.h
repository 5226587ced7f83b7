// SPDX-License-Identifier: BSD-2-Clause
// Recordings for tests: written to a file of their own, and read back as bytes.
#pragma once

#include "core/trace/recorder.h"
#include "core/trace/recording.h"
#include "core/trace/synthetic.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <unistd.h>

namespace zbuf::testing_support {

/// A file that is gone when the test is.
class TemporaryFile {
 public:
  TemporaryFile() {
    static int count = 0;
    path_ = (std::filesystem::temp_directory_path() /
             ("zbuf-trace-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".zbt"))
                .string();
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::vector<std::byte> bytes() const {
    std::ifstream in(path_, std::ios::binary);
    const std::vector<char> chars{std::istreambuf_iterator<char>(in), {}};
    const auto begin = reinterpret_cast<const std::byte*>(chars.data());
    return {begin, begin + chars.size()};
  }

 private:
  std::string path_;
};

/// The engine's part: writes the events, and notes a packet for each arrival. Its bytes count up from its
/// number.
inline void play(Recorder& recorder, const std::vector<Event>& events, bool packets = true) {
  std::vector<std::byte> bytes(2048);
  for (const Event& event : events) {
    if (packets && event.kind == ZB_EV_ARRIVED) {
      for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>(event.packet + i);
      recorder.note_packet(event.packet, std::span(bytes).first(event.a), event.a, event.time_ns);
    }
    *zb_trace_claim(recorder.trace()) = event;
  }
}

/// Records the events to the file, and returns the recorder's last state.
inline State record(const TemporaryFile& file, const std::vector<Event>& events,
                    std::uint32_t packet_snap = 96) {
  Recorder::Options options;
  options.path = file.path();
  options.metadata = R"({"title":"a test","seed":7})";
  options.packet_snap = packet_snap;
  auto recorder = Recorder::create(options);
  EXPECT_TRUE(recorder) << recorder.error().text();
  play(**recorder, events, packet_snap != 0);
  const auto finished = (*recorder)->finish(false, R"({"packets":3})");
  EXPECT_TRUE(finished) << finished.error().text();
  return (*recorder)->state();
}

inline Recording opened(const TemporaryFile& file) {
  auto recording = Recording::open(file.path());
  EXPECT_TRUE(recording) << recording.error().text();
  return std::move(*recording);
}

} // namespace zbuf::testing_support
