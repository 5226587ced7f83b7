// SPDX-License-Identifier: BSD-2-Clause
// zbuf exec: an unmodified program, and an emulated /dev/bpf for it.
#include "core/cli/commands.h"

#include "core/base/output_file.h"
#include "core/cli/lessons.h"
#include "core/cli/window_program.h"
#include "core/exec/plan.h"
#include "core/exec/program.h"
#include "core/exec/report.h"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace zbuf {

namespace {

namespace fs = std::filesystem;

// As shells have it.
constexpr int status_cannot_run = 126;
constexpr int status_no_program = 127;

struct ExecArguments {
  exec::PlanOptions plan{};
  std::string trace{}, json{}, junit{};
  std::uint32_t keep = 262144;
  bool window = false;
  bool no_watch = false;
  bool keep_status = false;
  std::vector<std::string> command{};
};

/// A folder that only this user can enter.
Result<void> make_private_folder(const std::string& path) {
  std::error_code error;
  ::mkdir(path.c_str(), 0700);
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != ::getuid() ||
      (status.st_mode & 077) != 0)
    return fail(Error::Code::io,
                fmt::format("{}: expected a folder that belongs to you and nobody else may enter. "
                            "Remove it, or set XDG_RUNTIME_DIR to another folder",
                            path));
  return {};
}

/// Has the window follow the recording from now on. In a process group of its own: Ctrl-C is for the program,
/// and the window stays.
Result<pid_t> open_window(const std::string& window, const std::string& trace) {
  std::string program = window, option = "--follow", file = trace;
  char* const arguments[] = {program.data(), option.data(), file.data(), nullptr};
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, program.c_str(), nullptr, &attributes, arguments, environ);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0)
    return fail(Error::Code::io, fmt::format("--gui: {}: {}", window, std::strerror(error)));
  return pid;
}

/// Has the recording follow the run closely enough for who looks at it meanwhile.
class Flusher {
 public:
  Flusher(GiantClock& clock, Recorder& recorder)
      : thread_([this, &clock, &recorder] { run(clock, recorder); }) {}
  ~Flusher() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;

 private:
  void run(GiantClock& clock, Recorder& recorder) {
    constexpr auto tick = std::chrono::milliseconds(100);
    std::unique_lock<std::mutex> lock(mutex_);
    while (!wake_.wait_for(lock, tick, [this] { return ending_; })) {
      const GiantClock::Hold held = clock.hold();
      recorder.flush();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_; ///< last: it uses all of the above
};

class ExecCommand {
 public:
  ExecCommand(const ExecArguments& arguments, const CommandContext& context)
      : arguments_(arguments), context_(context) {}

  int run() {
    if (!open_outputs() || !find() || !plan() || !record() || !server() || !show())
      return status_;
    const auto began = std::chrono::steady_clock::now();
    feed();
    const auto pid = start();
    if (!pid) {
      tell(pid.error());
      if (window_pid_ > 0)
        ::kill(window_pid_, SIGTERM);
      return status_cannot_run;
    }
    report_.ending = exec::wait_for_program(*pid);
    report_.duration_ns = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - began)
            .count());
    wait_for_others();
    finish();
    if (status_ != status_good)
      return status_;
    const bool wrong = exec::mistake_count(report_) != 0 && !arguments_.keep_status;
    return wrong ? status_failed : report_.ending.shell_status();
  }

 private:
  bool fail_with(const Error& error, int status = status_bad_input) {
    tell(error);
    status_ = status;
    return false;
  }

  bool open_outputs() {
    if (arguments_.json == "-" && arguments_.junit == "-")
      return fail_with(Error{Error::Code::bad_input,
                             "- (standard output) can be given for one of --json and --junit only"});
    for (auto& [file, path] : {std::pair(&json_, &arguments_.json), std::pair(&junit_, &arguments_.junit)}) {
      auto opened = OutputFile::open(*path);
      if (!opened)
        return fail_with(opened.error());
      *file = std::move(*opened);
    }
    return true;
  }

  void write_reports() {
    for (const auto& written : {json_ ? json_.write(exec::report_as_json(report_)) : Result<void>{},
                                junit_ ? junit_.write(exec::report_as_junit(report_)) : Result<void>{}})
      if (!written)
        fail_with(written.error());
  }

  bool find() {
    report_.program = arguments_.command.front();
    const auto path = exec::find_program(report_.program);
    if (!path)
      return fail_with(path.error(),
                       path.error().code == Error::Code::not_found ? status_no_program : status_cannot_run);
    path_ = *path;
    if (const auto good = exec::check_program(path_); !good)
      return fail_with(good.error(), status_cannot_run);
    const auto preload = exec::find_preload();
    if (!preload)
      return fail_with(preload.error());
    preload_ = *preload;
    if (!arguments_.window)
      return true;
    const auto window = find_window_program("record with --trace F, and look at it with zbuf trace F");
    if (!window)
      return fail_with(window.error());
    window_ = *window;
    return true;
  }

  bool plan() {
    exec::PlanOptions options = arguments_.plan;
    if (!options.scenario.empty()) {
      const auto paths = find_scenarios(options.scenario, scenario_folder(context_.folder));
      if (!paths)
        return fail_with(paths.error());
      options.scenario = paths->front();
    }
    auto plan = exec::make_plan(options);
    if (!plan) {
      tell(plan.error());
      status_ = status_bad_input;
      return false;
    }
    plan_ = std::move(*plan);
    report_.traffic = plan_.description;
    report_.revision = plan_.kernel.revision->name;
    return true;
  }

  bool record() {
    trace_ = arguments_.trace;
    if (trace_.empty() && arguments_.window) {
      auto scratch = ScratchFile::create();
      if (!scratch)
        return fail_with(scratch.error());
      scratch_ = std::move(*scratch);
      trace_ = scratch_.path();
    }
    if (trace_.empty())
      return true;
    if (trace_ == "-")
      return fail_with(Error{Error::Code::bad_input, "--trace -: a recording is no stream; expected a file"});
    Recorder::Options options;
    options.path = trace_;
    options.packet_snap = arguments_.keep;
    if (!arguments_.trace.empty())
      options.packets_limit_bytes = ~std::uint64_t{0};
    nlohmann::json interfaces = nlohmann::json::array();
    for (const InterfaceConfig& interface : plan_.interfaces)
      interfaces.push_back(interface.name);
    options.metadata =
        nlohmann::json{{"source", "exec"},
                       {"title", fmt::format("{}", fmt::join(arguments_.command, " "))},
                       {"revision", report_.revision},
                       {"traffic", report_.traffic},
                       {"interfaces", interfaces},
                       {"user_side", "deduced from the headers whenever the kernel is entered"}}
            .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (arguments_.trace.empty()) // nobody asked for a file, so it may not fill the disk
      options.limit_bytes = std::uint64_t{1} << 30;
    auto recorder = Recorder::create(std::move(options));
    if (!recorder)
      return fail_with(recorder.error());
    recorder_ = std::move(*recorder);
    return true;
  }

  bool server() {
    const std::string folder = exec::socket_folder();
    if (const auto made = make_private_folder(folder); !made)
      return fail_with(made.error());
    exec::KernelServer::Options options;
    options.kernel = plan_.kernel;
    options.kernel.boot_time_ns =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                       std::chrono::system_clock::now().time_since_epoch())
                                       .count());
    options.interfaces = plan_.interfaces;
    options.socket = fmt::format("{}/{}.sock", folder, ::getpid());
    options.recorder = recorder_.get();
    auto server = exec::KernelServer::create(std::move(options));
    if (!server)
      return fail_with(server.error());
    server_ = std::move(*server);
    for (const auto& [name, value] : plan_.sysctls)
      if (const auto set = server_->kernel().set_sysctl(name, value); !set)
        return fail_with(set.error());
    return open_streams();
  }

  bool open_streams() {
    for (const exec::Plan::Stream& stream : plan_.streams) {
      auto source = stream.make_source();
      if (!source)
        return fail_with(source.error());
      streams_.push_back({static_cast<EmulatedKernel::InterfaceId>(stream.interface), std::move(*source)});
    }
    return true;
  }

  /// The window, from before the first event on.
  bool show() {
    if (window_.empty())
      return true;
    const auto pid = open_window(window_, trace_);
    if (!pid)
      return fail_with(pid.error());
    window_pid_ = *pid;
    flusher_ = std::make_unique<Flusher>(server_->clock(), *recorder_);
    return true;
  }

  void feed() {
    if (plan_.tap != nullptr)
      feed_ = std::make_unique<exec::Feed>(*server_, 0, std::move(plan_.tap));
    else
      feed_ = std::make_unique<exec::Feed>(*server_, std::move(streams_));
  }

  Result<pid_t> start() {
    const char* const others = std::getenv("LD_PRELOAD");
    const bool alone = others == nullptr || *others == '\0';
    return exec::start_program(
        path_, arguments_.command,
        {fmt::format("LD_PRELOAD={}{}{}", preload_, alone ? "" : ":", alone ? "" : others),
         fmt::format("{}={}", exec::socket_variable, server_->socket()),
         fmt::format("{}={}", exec::watch_variable, arguments_.no_watch ? 0 : 1)});
  }

  /// Processes that the program has left behind, with a descriptor: it may be a daemon.
  void wait_for_others() {
    using namespace std::chrono_literals;
    for (int n = 0; n < 50 && server_->open_count() != 0; ++n)
      std::this_thread::sleep_for(2ms); // the last close is on its way
    if (server_->open_count() == 0)
      return;
    fmt::print(stderr,
               "zbuf exec: {} has ended, but another process has /dev/bpf open: waiting for that one. "
               "Ctrl-C ends it here\n",
               report_.program);
    exec::Interruption interrupted;
    while (server_->open_count() != 0 && !interrupted.came())
      std::this_thread::sleep_for(20ms);
  }

  void finish() {
    report_.traffic_ended = feed_->ended();
    report_.packets = feed_->packets();
    tell(feed_->errors());
    feed_.reset();
    report_.descriptors = server_->reports();
    flusher_.reset();
    server_.reset();
    if (recorder_ != nullptr) {
      const auto done = recorder_->finish(false, exec::mistakes_as_json(report_.descriptors));
      if (!done)
        tell(done.error());
      recorder_.reset();
    }
    write_reports();
    fmt::print(stderr, "{}", exec::report_as_text(report_, style_of(STDERR_FILENO, context_.colour)));
    if (window_pid_ > 0)
      wait_for_window();
  }

  /// What it shows may be a file of ours.
  void wait_for_window() {
    using namespace std::chrono_literals;
    const exec::Interruption interrupted;
    if (::waitpid(window_pid_, nullptr, WNOHANG) == 0)
      fmt::print(stderr, "zbuf exec: the window is still open; this ends with it. Ctrl-C closes it\n");
    while (::waitpid(window_pid_, nullptr, WNOHANG) == 0) {
      if (interrupted.came()) {
        ::kill(window_pid_, SIGTERM);
        ::waitpid(window_pid_, nullptr, 0);
        break;
      }
      std::this_thread::sleep_for(50ms);
    }
    if (arguments_.trace.empty())
      ::unlink(older_part(trace_).c_str());
  }

  const ExecArguments& arguments_;
  const CommandContext& context_;
  int status_ = status_good;
  OutputFile json_, junit_;
  std::string path_, preload_, window_;
  exec::Plan plan_;
  std::string trace_;
  ScratchFile scratch_;
  std::unique_ptr<Recorder> recorder_; ///< outlives the server
  std::unique_ptr<exec::KernelServer> server_;
  std::unique_ptr<Flusher> flusher_; ///< while the window follows
  pid_t window_pid_ = 0;
  std::vector<exec::Feed::Stream> streams_;
  std::unique_ptr<exec::Feed> feed_;
  exec::Report report_;
};

} // namespace

void add_exec(CLI::App& app, CommandContext& context) {
  auto arguments = std::make_shared<ExecArguments>();
  CLI::App* command =
      app.add_subcommand("exec", "Run a bpf(4) program, with an emulated /dev/bpf of its own");
  command->add_option("--pcap", arguments->plan.capture, "Packets of a capture, at their own pace")
      ->type_name("F");
  command->add_option("--iface", arguments->plan.interface, "Packets of a live interface")
      ->type_name("IFACE");
  command->add_option("--scenario", arguments->plan.scenario, "Kernel and packets of a scenario")
      ->type_name("S");
  command
      ->add_option("--traffic", arguments->plan.traffic,
                   "Packets made up; or with --pcap, how that is played. Keys of [[traffic]] in a scenario")
      ->type_name("SPEC");
  add_revision_option(*command, arguments->plan.revision, "The kernel to emulate (default: freebsd)");
  command
      ->add_option("--sysctl", arguments->plan.sysctls,
                   "NAME=VALUE, as net.bpf.bufsize=8192. net.bpf.zerocopy_enable is 1 here")
      ->type_name("SETTING")
      ->allow_extra_args(false);
  command->add_option("--trace", arguments->trace, "Record the run")->type_name("F");
  command->add_option("--json", arguments->json, "Write the report as JSON (- for standard output)")
      ->type_name("F");
  command
      ->add_option("--junit", arguments->junit,
                   "Write the report as JUnit XML, a case for each kind of mistake")
      ->type_name("F");
  command->add_flag("--keep-status", arguments->keep_status,
                    "End with the program's status, also where a mistake was seen");
  command
      ->add_option("--keep", arguments->keep, "Bytes of each packet that the recording keeps (default: all)")
      ->check(CLI::Range(0u, 262144u).description(""))
      ->type_name("BYTES");
  command->add_flag("--gui", arguments->window, "Show in the window what happens, while it does");
  command->add_flag("--no-watch", arguments->no_watch,
                    "Do not guard lent memory: the program gets no SIGSEGV (for debuggers)");
  command->add_option("program", arguments->command, "The program and its arguments, after --")
      ->required()
      ->type_name("PROGRAM");
  command->footer(
      "Examples:\n"
      "  zbuf exec -- ./reader em0                               1000 packets a second\n"
      "  zbuf exec --traffic rate=200kpps,sizes=imix -- ./reader em0\n"
      "  zbuf exec --pcap my.pcap --trace run.zbt -- ./reader em0\n"
      "  zbuf exec --scenario 4 --revision r177548 -- ./reader em0\n"
      "  zbuf exec --iface eth0 -- ./reader eth0                  live packets\n"
      "  zbuf exec --gui -- ./reader em0                          watch it in the window\n\n"
      "Programs: cc -I kernel/include reader.c; scenarios/readers has some to begin with.\n"
      "The interface is em0, but for --scenario and --iface. Packets begin when the program attaches.\n"
      "Exit status: 1 if a mistake was seen, else the program's; 126 it cannot be run so, 127 it was not "
      "found, 2 bad usage.\n"
      "With --gui it ends when the window is closed; Ctrl-C closes that.");
  command->callback([arguments, &context] { context.status = ExecCommand(*arguments, context).run(); });
}

} // namespace zbuf
