// SPDX-License-Identifier: BSD-2-Clause
// The Trace Event Format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
#include "core/trace/export.h"
#include "core/trace/fold.h"
#include "core/trace/text_out.h"

#include <string>

namespace zbuf {
namespace {

constexpr int kernel = 1;
constexpr int reader = 2;

/// Tracks ("threads") of a descriptor.
enum class Track : std::uint8_t { buffer_a, buffer_b, instants, calls, reading };
constexpr unsigned tracks = 5;

constexpr int process_of(Track track) {
  return track >= Track::calls ? reader : kernel;
}

/// Events after which a buffer may be in another slot, or someone else's.
constexpr KindMask moves = kinds_with(ZB_MOVES_HEADER | ZB_SHOWS_HEADER | ZB_MOVES_SLOTS);
/// ... after which the store may have another length.
constexpr KindMask lengths = kinds_with(ZB_MOVES_LENGTH);
/// Points in time.
constexpr KindMask instants = kinds_with(ZB_IS_MOMENT);

class ChromeExport {
 public:
  explicit ChromeExport(std::ostream& out) : out_(out) {}

  Result<void> run(const Recording& recording) {
    out_.write("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
    out_.print("{{\"ph\":\"M\",\"pid\":{},\"name\":\"process_name\",\"args\":{{\"name\":\"kernel\"}}}},\n",
               kernel);
    out_.print("{{\"ph\":\"M\",\"pid\":{},\"name\":\"process_name\",\"args\":{{\"name\":\"reader\"}}}}",
               reader);
    state_ = recording.state_after(0); // of a bounded recording, whose beginning was dropped
    for (std::size_t d = 0; d < state_.descriptors.size(); ++d) {
      name_tracks(static_cast<std::uint16_t>(d));
      show_buffers(static_cast<std::uint16_t>(d));
    }
    recording.for_each(0, recording.event_count(), [&](std::uint64_t, const Event& event) {
      if (!out_.failed())
        add(event);
    });
    for (std::size_t d = 0; d < open_.size(); ++d)
      for (unsigned track = 0; track < tracks; ++track)
        close_all(static_cast<std::uint16_t>(d), static_cast<Track>(track));
    out_.write("\n]}\n");
    return out_.finish();
  }

 private:
  struct Open {
    bool named = false;
    unsigned depth[tracks] = {}; ///< spans begun and not ended
    std::string label[2];        ///< of the buffers' spans
  };

  void add(const Event& e) {
    fold(state_, e);
    if (e.kind == ZB_EV_MARK)
      out_.print(",\n{{\"ph\":\"i\",\"s\":\"g\",\"pid\":{},\"tid\":0,\"ts\":{},\"name\":\"{}\"}}", kernel,
                 time(), event_sentence(e));
    if (e.descriptor >= state_.descriptors.size())
      return;
    name_tracks(e.descriptor);
    if (contains(moves, e.kind))
      show_buffers(e.descriptor);
    if (contains(lengths, e.kind))
      out_.print(",\n{{\"ph\":\"C\",\"pid\":{},\"ts\":{},\"name\":\"descriptor {}: "
                 "store\",\"args\":{{\"bytes\":{}}}}}",
                 kernel, time(), e.descriptor, state_.descriptors[e.descriptor].store_length);
    if (contains(instants, e.kind))
      instant(e, kind_info(e.kind).category == Category::user ? Track::reading : Track::instants);
    show_reader(e);
  }

  /// Microseconds, with all their digits.
  [[nodiscard]] std::string time() const {
    return fmt::format("{}.{:03}", state_.time_ns / 1000, state_.time_ns % 1000);
  }
  static unsigned id(std::uint16_t descriptor, Track track) {
    return 1 + descriptor * tracks + static_cast<unsigned>(track);
  }

  void name_tracks(std::uint16_t descriptor) {
    if (descriptor >= open_.size())
      open_.resize(descriptor + std::size_t{1});
    if (std::exchange(open_[descriptor].named, true))
      return;
    static constexpr const char* names[tracks] = {"buffer A", "buffer B", "what happens", "system calls",
                                                  "reading"};
    for (unsigned i = 0; i < tracks; ++i) {
      const auto track = static_cast<Track>(i);
      out_.print(",\n{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"thread_name\",\"args\":{{\"name\":"
                 "\"descriptor {}: "
                 "{}\"}}}}",
                 process_of(track), id(descriptor, track), descriptor, names[i]);
    }
  }

  void instant(const Event& e, Track track) {
    out_.print(",\n{{\"ph\":\"i\",\"s\":\"t\",\"pid\":{},\"tid\":{},\"ts\":{},\"name\":\"{}\",\"args\":{{"
               "\"text\":\"{}\"}}}}",
               process_of(track), id(e.descriptor, track), time(), kind_name(e.kind), event_sentence(e));
  }

  void begin(std::uint16_t descriptor, Track track, const std::string& name) {
    ++open_[descriptor].depth[static_cast<unsigned>(track)];
    out_.print(",\n{{\"ph\":\"B\",\"pid\":{},\"tid\":{},\"ts\":{},\"name\":\"{}\"}}", process_of(track),
               id(descriptor, track), time(), name);
  }
  void end(std::uint16_t descriptor, Track track) {
    unsigned& depth = open_[descriptor].depth[static_cast<unsigned>(track)];
    if (depth == 0)
      return;
    --depth;
    out_.print(",\n{{\"ph\":\"E\",\"pid\":{},\"tid\":{},\"ts\":{}}}", process_of(track),
               id(descriptor, track), time());
  }
  void close_all(std::uint16_t descriptor, Track track) {
    while (open_[descriptor].depth[static_cast<unsigned>(track)] != 0)
      end(descriptor, track);
  }

  void show_buffers(std::uint16_t descriptor) {
    const DescriptorState& d = state_.descriptors[descriptor];
    for (std::uint8_t which : {ZB_A, ZB_B}) {
      const BufferState& b = d.buffers[which];
      const char* slot = d.store == which  ? "store"
                         : d.hold == which ? "hold"
                         : d.free == which ? "free"
                                           : "seen";
      const std::string label =
          b.present ? fmt::format("{}, the {}'s", slot, b.user_owned() ? "user" : "kernel") : std::string();
      std::string& shown = open_[descriptor].label[which];
      if (label == shown)
        continue;
      const Track track = which == ZB_A ? Track::buffer_a : Track::buffer_b;
      close_all(descriptor, track);
      if (!label.empty())
        begin(descriptor, track, label);
      shown = label;
    }
  }

  void show_reader(const Event& e) {
    switch (e.kind) {
    case ZB_EV_CALL: {
      close_all(e.descriptor, Track::calls);
      const char* request = e.a == ZB_CALL_IOCTL ? request_name(e.b) : nullptr;
      begin(e.descriptor, Track::calls, request != nullptr ? request : call_name(e.a));
      break;
    }
    case ZB_EV_SLEPT:
      begin(e.descriptor, Track::calls, "asleep");
      break;
    case ZB_EV_RESUMED:
      end(e.descriptor, Track::calls);
      break;
    case ZB_EV_RETURN:
      close_all(e.descriptor, Track::calls);
      break;
    case ZB_EV_TOOK:
      close_all(e.descriptor, Track::reading);
      begin(e.descriptor, Track::reading,
            e.buffer == ZB_USER_COPY ? fmt::format("{} bytes of read(2)", e.a)
                                     : fmt::format("{}, generation {}", which_name(e.buffer), e.b));
      break;
    case ZB_EV_ACKNOWLEDGED:
      close_all(e.descriptor, Track::reading);
      break;
    default:
      break;
    }
  }

  TextOut out_;
  State state_;
  std::vector<Open> open_;
};

} // namespace

Result<void> export_chrome(const Recording& recording, std::ostream& out) {
  return ChromeExport(out).run(recording);
}

} // namespace zbuf
