// SPDX-License-Identifier: BSD-2-Clause
#include "core/live/capture.h"

#include "core/filter/filter.h"
#include "core/live/dtrace.h"
#include "core/live/native_kernel.h"
#include "core/live/tap_kernel.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace zbuf {

using namespace std::chrono_literals;

namespace {

constexpr auto tick = 100ms; // the recording and the capture file are at most so far behind

const char* name_of(BufferMode mode) {
  return mode == BufferMode::zbuf ? "zero-copy" : "read(2)";
}

/// FreeBSD has one, and Linux with this project's module.
bool has_device() {
#if defined(__FreeBSD__)
  return true;
#else
  return ::access("/dev/bpf", F_OK) == 0;
#endif
}

Result<std::unique_ptr<LiveKernel>> open_kernel(const LiveOptions& options) {
  if (options.via == LiveOptions::Via::device || (options.via == LiveOptions::Via::automatic && has_device()))
    return open_native_kernel(options.interface, options.modes.size(), options.dtrace);
  if (options.dtrace)
    return fail(no_dtrace_here());
  auto tap = open_tap(options.interface, options.ring_bytes);
  if (!tap)
    return fail(tap.error());
  return std::make_unique<TapKernel>(std::move(*tap), options.interface, *options.revision);
}

/// Zero-copy is never exchanged for read(2) behind somebody's back.
Error explained(Error error, BufferMode mode) {
  if (mode == BufferMode::zbuf && error.message.find("BIOCSETBUFMODE") != std::string::npos)
    error.message += ". Or go on without zero-copy: --mode read";
  return error;
}

} // namespace

struct LiveCapture::ReaderThread {
  std::uint16_t number = 0;
  BufferMode mode{};
  std::unique_ptr<LiveObserver> observer;
  std::unique_ptr<Reader> reader; ///< after its observer: it is closed first
  std::thread thread;
  std::uint64_t delivered = 0;
};

// ---- Beginning ----

Result<std::unique_ptr<LiveCapture>> LiveCapture::open(LiveOptions options) {
  auto kernel = open_kernel(options);
  if (!kernel)
    return fail(kernel.error());
  return std::unique_ptr<LiveCapture>(new LiveCapture(std::move(options), std::move(*kernel)));
}

LiveCapture::LiveCapture(LiveOptions options, std::unique_ptr<LiveKernel> kernel)
    : options_(std::move(options)), kernel_(std::move(kernel)) {}

LiveCapture::~LiveCapture() {
  if (recorder_ != nullptr)
    (void)finish();
}

Result<void> LiveCapture::start() {
  if (!options_.write_path.empty()) {
    auto file = PacketFile::create(options_.write_path, kernel_->link_type(), options_.snaplen);
    if (!file)
      return fail(file.error());
    packets_ = std::move(*file);
  }
  clock_ = std::make_unique<GiantClock>();
  Recorder::Options recording;
  recording.path = options_.trace_path;
  recording.metadata = metadata();
  recording.packet_snap = options_.trace_packet_bytes;
  recording.limit_bytes = options_.trace_limit_bytes;
  recording.packets_limit_bytes = ~std::uint64_t{0}; // the limit of the file is theirs
  auto recorder = Recorder::create(std::move(recording));
  if (!recorder)
    return fail(recorder.error());
  recorder_ = std::move(*recorder);
  kernel_->begin(*clock_, *recorder_);
  if (Result<void> attached = attach(); !attached) {
    (void)finish();
    return attached;
  }
  reading_ = static_cast<unsigned>(readers_.size());
  for (const auto& reader : readers_)
    reader->thread = std::thread([this, r = reader.get()] { read(*r); });
  kernel_->start();
  keeper_ = std::thread([this] { keep(); });
  return {};
}

Result<void> LiveCapture::attach() {
  ReaderOptions how;
  how.buffer_bytes = options_.buffer_bytes;
  how.timeout_ns = options_.timeout_ns;
  if (!options_.filter.empty() || options_.snaplen < LiveOptions{}.snaplen) {
    auto program = compile_filter(options_.filter, static_cast<int>(kernel_->link_type()), options_.snaplen,
                                  netmask_of(options_.interface));
    if (!program)
      return fail(program.error());
    how.filter = std::move(*program);
  }
  for (const BufferMode mode : options_.modes) {
    auto thread = std::make_unique<ReaderThread>();
    thread->number = static_cast<std::uint16_t>(readers_.size());
    thread->mode = how.mode = mode;
    thread->observer =
        std::make_unique<LiveObserver>(*clock_, kernel_->reader_trace(thread->number), thread->number);
    if (kernel_->needs_fills())
      thread->observer->hold_fills();
    auto device = kernel_->open();
    if (!device)
      return fail(device.error());
    std::uint32_t nanoseconds = ZB_T_NANOTIME;
    if ((*device)->control(ZB_BIOCSTSTAMP, &nanoseconds) != 0)
      return fail(Error::Code::unsupported,
                  "BIOCSTSTAMP: this kernel has no time stamps in nanoseconds; FreeBSD has "
                  "them from 9.1 on. Choose a later revision");
    auto reader = make_reader(std::move(*device), options_.interface, how, thread->observer.get());
    if (!reader)
      return fail(explained(reader.error(), mode));
    thread->reader = std::move(*reader);
    (void)thread->reader->device().control(ZB_BIOCPROMISC, nullptr); // without it, it sees less, and works
    kernel_->attached(thread->number, *thread->reader, mode);
    readers_.push_back(std::move(thread));
  }
  return {};
}

std::string LiveCapture::metadata() const {
  using nlohmann::json;
  json readers = json::array();
  for (std::size_t i = 0; i < options_.modes.size(); ++i)
    readers.push_back({{"name", name_of(options_.modes[i])},
                       {"descriptor", i},
                       {"interface", options_.interface},
                       {"mode", name_of(options_.modes[i])},
                       {"buffer_bytes", options_.buffer_bytes},
                       {"filter", options_.filter},
                       {"snaplen", options_.snaplen}});
  const json all{{"title", "Live on " + options_.interface},
                 {"run", "live"},
                 {"live", true},
                 {"modelled", false},
                 {"slots", kernel_->slots()},
                 {"revision", kernel_->revision()},
                 {"boot_time_ns", clock_->epoch_ns()},
                 {"readers", readers},
                 {"interfaces", json::array({options_.interface})}};
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

// ---- Going on ----

void LiveCapture::read(ReaderThread& r) {
  r.observer->announce(ZB_READER_STARTED);
  for (bool going = true; going;) {
    const auto next = r.reader->next();
    if (!next) {
      fail_with(next.error());
      break;
    }
    if (next->kind == Next::Kind::gone)
      gone_ = true;
    if (next->kind == Next::Kind::fill)
      going = take(r, next->fill);
    else
      going = next->kind == Next::Kind::nothing && !draining_;
  }
  r.reader->release();
  r.observer->announce(ZB_READER_STOPPED);
  --reading_;
}

/// False: enough.
bool LiveCapture::take(ReaderThread& r, const Fill& fill) {
  kernel_->filled(r.number, fill);
  r.observer->release_fill();
  const bool first = r.number == 0;
  RecordCursor cursor(fill.records);
  bool enough = false;
  while (!enough) {
    const auto record = cursor.next();
    if (!record)
      break;
    if (first && packets_) {
      const std::uint64_t time_ns = record->seconds * 1'000'000'000 + record->fraction;
      if (auto written = packets_.write(time_ns, record->bytes, record->datalen); !written)
        fail_with(written.error());
    }
    r.observer->handled(fill.buffer, record->offset, static_cast<std::uint32_t>(record->bytes.size()),
                        record->datalen);
    ++r.delivered;
    enough = first && options_.packets != 0 && r.delivered == options_.packets;
  }
  if (cursor.fault() != RecordFault::none)
    r.observer->bad_record(fill.buffer, cursor.offset(), static_cast<std::uint32_t>(cursor.fault()));
  r.observer->flush();
  if (first)
    if (auto written = packets_.flush(); !written)
      fail_with(written.error());
  full_ = full_ || enough;
  return !enough;
}

/// Has the recording follow, and notices the end.
void LiveCapture::keep() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ended_) {
    changed_.wait_for(lock, tick);
    lock.unlock();
    kernel_->tick();
    {
      const GiantClock::Hold held = clock_->hold();
      recorder_->flush();
    }
    const bool late = options_.duration_ns != 0 && clock_->real_ns() >= options_.duration_ns;
    lock.lock();
    late_ = late_ || late;
    ended_ = ended_ || stopped_ || full_ || late || kernel_->gone() || !errors_.empty() || reading_ == 0;
  }
  changed_.notify_all();
}

void LiveCapture::fail_with(const Error& error) {
  const std::lock_guard<std::mutex> lock(mutex_);
  errors_.push_back(error);
  changed_.notify_all();
}

bool LiveCapture::wait(std::chrono::milliseconds how_long) {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, how_long, [this] { return ended_; });
}

LiveFigures LiveCapture::figures() {
  LiveFigures figures;
  figures.tap = kernel_->counts();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    figures.ended = ended_;
  }
  const GiantClock::Hold held = clock_->hold();
  recorder_->drain();
  figures.state = recorder_->state();
  figures.time_ns = clock_->real_ns();
  figures.recording_stopped = recorder_->write_failed();
  return figures;
}

// ---- Ending ----

void LiveCapture::write_end() {
  const GiantClock::Hold held = clock_->hold();
  *zb_trace_claim(recorder_->trace()) = blank_event(ZB_EV_END, clock_->real_ns());
}

LiveCapture::Outcome LiveCapture::finish() {
  Outcome outcome;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    outcome.end = full_ || late_             ? End::limit
                  : kernel_->gone() || gone_ ? End::gone
                  : errors_.empty()          ? End::interrupted
                                             : End::failed;
    ended_ = true;
  }
  changed_.notify_all();
  const bool started = keeper_.joinable();
  if (started) {
    keeper_.join();
    kernel_->stop();
  }
  draining_ = true;
  for (const auto& reader : readers_)
    if (reader->thread.joinable())
      reader->thread.join();
  if (started)
    kernel_->settle();
  outcome.figures = figures();
  readers_.clear();
  const bool partial = outcome.end == End::interrupted || outcome.end == End::failed;
  kernel_->end();
  if (!partial)
    write_end();
  const Result<void> recorded = recorder_->finish(partial);
  recorder_.reset();
  if (const auto written = packets_.complete(); !written)
    errors_.push_back(written.error());
  packets_ = PacketFile();
  if (!recorded)
    errors_.push_back(recorded.error());
  if (const auto error = kernel_->error())
    errors_.push_back(*error);
  if (!errors_.empty())
    outcome.end = End::failed;
  outcome.errors = errors_;
  return outcome;
}

} // namespace zbuf
