// SPDX-License-Identifier: BSD-2-Clause
#include "core/observation/operation.h"

#include "core/base/assert.h"
#include "core/device/records.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fmt/format.h>

namespace zbuf {

namespace {

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

} // namespace

void fill_test_packet(std::span<std::byte> packet, std::uint32_t sequence) {
  constexpr std::array<std::uint8_t, 14> header{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02,
                                                0,    0,    0,    0,    0x01, 0x88, 0xb5};
  for (std::size_t k = 0; k < packet.size(); ++k)
    packet[k] = k < header.size() ? std::byte{header[k]} : std::byte(static_cast<std::uint8_t>(sequence + k));
  if (packet.size() >= 18)
    for (std::size_t k = 0; k < 4; ++k)
      packet[14 + k] = std::byte(static_cast<std::uint8_t>(sequence >> (8 * k)));
}

Operation parse_operation(const std::string& text) {
  Operation operation;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t from = text.find_first_not_of(" \t", at);
    if (from == std::string::npos)
      break;
    at = std::min(text.find_first_of(" \t", from), text.size());
    const std::string word = text.substr(from, at - from);
    if (operation.name.empty())
      operation.name = word;
    else
      operation.arguments.push_back(word);
  }
  return operation;
}

/// One function for each operation; arguments were checked before.
struct Operations {
  using Result = OperationResult;

  // ---- Arguments ----

  static std::uint32_t u32(const Operation& op, std::size_t i, std::uint32_t otherwise = 0) {
    return i < op.arguments.size() ? static_cast<std::uint32_t>(*number(op.arguments[i])) : otherwise;
  }
  static zb_which which(const Operation& op) { return op.arguments[0] == "b" ? ZB_B : ZB_A; }

  static Result ioctl(Operator& o, std::uint32_t request, void* argument) {
    Result result;
    result.error = o.device_->control(request, argument);
    return result;
  }
  static Result set_u32(Operator& o, std::uint32_t request, std::uint32_t value) {
    return ioctl(o, request, &value);
  }
  static Result get_u32(Operator& o, std::uint32_t request, std::uint32_t value = 0) {
    Result result = ioctl(o, request, &value);
    result.value = value;
    return result;
  }

  // ---- The kernel around ----

  static Result open(Operator& o, const Operation& op) {
    Result result;
    result.error = 0;
    o.device_ = o.bed_.open(!op.arguments.empty(), *result.error);
    return result;
  }
  static Result close(Operator& o, const Operation&) {
    o.device_.reset();
    Result result;
    result.error = 0;
    return result;
  }
  static Result sysctl(Operator& o, const Operation& op) {
    o.bed_.enable_zerocopy(u32(op, 0) != 0);
    Result result;
    result.error = 0;
    return result;
  }
  static Result pkt(Operator& o, const Operation& op) {
    std::array<std::byte, 65536> packet;
    const std::span<std::byte> bytes(packet.data(), u32(op, 0));
    for (std::uint32_t n = u32(op, 1, 1); n > 0; --n) {
      fill_test_packet(bytes, o.sequence_++);
      o.bed_.inject(bytes);
    }
    Result result;
    result.error = 0;
    return result;
  }
  static Result ifgone(Operator& o, const Operation&) {
    o.bed_.destroy_interface();
    Result result;
    result.error = 0;
    return result;
  }

  // ---- Buffers ----

  static Result setbufmode(Operator& o, const Operation& op) {
    return set_u32(o, ZB_BIOCSETBUFMODE, u32(op, 0));
  }
  static Result getbufmode(Operator& o, const Operation&) { return get_u32(o, ZB_BIOCGETBUFMODE); }
  static Result getzmax(Operator& o, const Operation&) {
    std::uint64_t value = 0;
    Result result = ioctl(o, ZB_BIOCGETZMAX, &value);
    result.value = static_cast<std::int64_t>(value);
    return result;
  }
  static Result getblen(Operator& o, const Operation&) { return get_u32(o, ZB_BIOCGBLEN); }
  static Result setblen(Operator& o, const Operation& op) { return get_u32(o, ZB_BIOCSBLEN, u32(op, 0)); }

  /// Lends `loan`; keeps it as the live one if the kernel took it.
  static Result lend(Operator& o, Loan loan, std::uint64_t a, std::uint64_t b, std::uint64_t length) {
    zb_bpf_zbuf request{a, b, length};
    Result result = ioctl(o, ZB_BIOCSETZBUF, &request);
    if (result.error == 0)
      o.loan_ = std::move(loan);
    else
      o.refused_.push_back(std::move(loan));
    return result;
  }
  static std::uint64_t address(const Loan& loan, zb_which which) {
    return reinterpret_cast<std::uintptr_t>(loan.address(which));
  }
  static Loan fresh(const Operation& op) {
    // More than the kernel takes is refused before it is looked at.
    auto loan = Loan::allocate(std::clamp<std::uint32_t>(u32(op, 0), 1, ZB_ZMAX + ZB_PAGE_SIZE));
    ZBUF_ASSERT(loan.has_value());
    return std::move(*loan);
  }
  static Result setzbuf(Operator& o, const Operation& op) {
    Loan loan = fresh(op);
    const auto skewed = [&](zb_which which, std::size_t argument) -> std::uint64_t {
      if (argument >= op.arguments.size())
        return address(loan, which);
      const std::int64_t skew = *number(op.arguments[argument]);
      return skew < 0 ? 0 : address(loan, which) + static_cast<std::uint64_t>(skew);
    };
    const std::uint64_t a = skewed(ZB_A, 1);
    const std::uint64_t b = skewed(ZB_B, 2);
    return lend(o, std::move(loan), a, b, u32(op, 0));
  }
  static Result setzbuf_live(Operator& o, const Operation& op) {
    zb_bpf_zbuf request{address(o.loan_, ZB_A), address(o.loan_, ZB_B), u32(op, 0)};
    return ioctl(o, ZB_BIOCSETZBUF, &request);
  }
  static Result setzbuf_alias(Operator& o, const Operation& op) {
    Loan loan = fresh(op);
    loan.alias();
    const std::uint64_t a = address(loan, ZB_A);
    return lend(o, std::move(loan), a, a, u32(op, 0));
  }
  static Result setzbuf_readonly(Operator& o, const Operation& op) {
    Loan loan = fresh(op);
    loan.make_read_only();
    const std::uint64_t a = address(loan, ZB_A), b = address(loan, ZB_B);
    return lend(o, std::move(loan), a, b, u32(op, 0));
  }
  static Result setzbuf_unmapped(Operator& o, const Operation& op) {
    Loan loan = fresh(op);
    loan.unmap(ZB_B);
    const std::uint64_t a = address(loan, ZB_A), b = address(loan, ZB_B);
    return lend(o, std::move(loan), a, b, u32(op, 0));
  }
  static Result rotzbuf(Operator& o, const Operation&) {
    zb_bpf_zbuf request{};
    Result result = ioctl(o, ZB_BIOCROTZBUF, &request);
    if (result.error != 0)
      return result;
    Result::Rotated rotated{0, request.buflen};
    if (request.bufa != 0)
      rotated.buffer = request.bufa == address(o.loan_, ZB_A) ? 'a' : 'b';
    result.rotated = rotated;
    return result;
  }

  // ---- The other requests ----

  static Result setif(Operator& o, const Operation& op) {
    const std::string name = op.arguments.empty() ? o.bed_.interface_name() : op.arguments[0];
    zb_ifreq request{};
    std::memcpy(request.name, name.data(), std::min(name.size(), sizeof(request.name) - 1));
    Result result = ioctl(o, ZB_BIOCSETIF, &request);
    if (result.error == 0)
      set_u32(o, ZB_BIOCSDIRECTION, ZB_D_IN);
    return result;
  }
  static Result filter(Operator& o, const Operation& op) {
    constexpr std::uint16_t load_byte = 0x30, jump_if_set = 0x45, ret = 0x06;
    const std::uint32_t snap = u32(op, 1, 262144);
    std::vector<zb_bpf_insn> program;
    if (op.arguments[0] == "odd")
      program = {{load_byte, 0, 0, 14}, {jump_if_set, 0, 1, 1}, {ret, 0, 0, snap}, {ret, 0, 0, 0}};
    else
      program = {{ret, 0, 0, op.arguments[0] == "reject" ? 0 : snap}};
    zb_bpf_program request{static_cast<std::uint32_t>(program.size()), 0,
                           reinterpret_cast<std::uintptr_t>(program.data())};
    return ioctl(o, op.arguments.size() > 2 ? ZB_BIOCSETFNR : ZB_BIOCSETF, &request);
  }
  static Result immediate(Operator& o, const Operation& op) {
    return set_u32(o, ZB_BIOCIMMEDIATE, u32(op, 0));
  }
  static Result rtimeout(Operator& o, const Operation& op) {
    zb_timeval time{u32(op, 0) / 1000, std::int64_t{u32(op, 0) % 1000} * 1000};
    return ioctl(o, ZB_BIOCSRTIMEOUT, &time);
  }
  static Result getrtimeout(Operator& o, const Operation&) {
    zb_timeval time{};
    Result result = ioctl(o, ZB_BIOCGRTIMEOUT, &time);
    result.value = time.sec * 1'000'000 + time.usec;
    return result;
  }
  static Result flush(Operator& o, const Operation&) { return ioctl(o, ZB_BIOCFLUSH, nullptr); }
  static Result lock(Operator& o, const Operation&) { return ioctl(o, ZB_BIOCLOCK, nullptr); }
  static Result fionread(Operator& o, const Operation&) { return get_u32(o, ZB_FIONREAD); }
  static Result gstats(Operator& o, const Operation&) {
    zb_bpf_stat stat{};
    Result result = ioctl(o, ZB_BIOCGSTATS, &stat);
    result.stat = stat;
    return result;
  }
  static Result direction(Operator& o, const Operation& op) {
    return set_u32(o, ZB_BIOCSDIRECTION, u32(op, 0));
  }
  static Result getdlt(Operator& o, const Operation&) { return get_u32(o, ZB_BIOCGDLT); }
  static Result tstamp(Operator& o, const Operation& op) { return set_u32(o, ZB_BIOCSTSTAMP, u32(op, 0)); }

  static Result poll(Operator& o, const Operation& op) {
    Result result;
    const CallResult call = o.device_->poll(ZB_POLLIN, std::int64_t{u32(op, 0)} * 1'000'000);
    result.ready = call.error == 0 ? (call.value != 0 ? 1 : 0) : -1;
    return result;
  }
  static Result read(Operator& o, const Operation& op) {
    std::uint32_t length = u32(op, 0);
    if (op.arguments.empty())
      o.device_->control(ZB_BIOCGBLEN, &length);
    std::vector<std::byte> into(length);
    const CallResult call = o.device_->read(into);
    Result result;
    result.error = call.error;
    result.value = call.error == 0 ? static_cast<std::int64_t>(call.value) : -1;
    if (call.value > 0) {
      if (o.observer_ != nullptr)
        o.observer_->took(ZB_USER_COPY, static_cast<std::uint32_t>(call.value), 0);
      walk(o, ZB_USER_COPY, std::span<const std::byte>(into).first(call.value), result);
    }
    return result;
  }
  static Result write(Operator& o, const Operation& op) {
    std::vector<std::byte> packet(u32(op, 0));
    fill_test_packet(packet, 0);
    const CallResult call = o.device_->write(packet);
    Result result;
    result.error = call.error;
    result.value = call.error == 0 ? static_cast<std::int64_t>(call.value) : -1;
    return result;
  }

  // ---- Shared memory ----

  static Result ack(Operator& o, const Operation& op) {
    zb_shared_header* const header = o.loan_.header(which(op));
    const std::uint32_t gen = zb_user_kernel_gen(header);
    zb_user_acknowledge(header, gen);
    if (o.observer_ != nullptr)
      o.observer_->acknowledged(which(op), gen, gen);
    return {};
  }
  static Result scribble(Operator& o, const Operation& op, unsigned word) {
    zb_shared_header* const header = o.loan_.header(which(op));
    const auto* words = reinterpret_cast<const std::uint32_t*>(header);
    const std::uint32_t before = words[word];
    zb_user_scribble(header, word, u32(op, 1));
    if (o.observer_ != nullptr)
      o.observer_->scribbled(which(op), word, u32(op, 1), before);
    return {};
  }
  static Result setkgen(Operator& o, const Operation& op) { return scribble(o, op, 0); }
  static Result setklen(Operator& o, const Operation& op) { return scribble(o, op, 1); }
  static Result setugen(Operator& o, const Operation& op) { return scribble(o, op, 2); }

  static Result records(Operator& o, const Operation& op) {
    const zb_which buffer = which(op);
    const zb_shared_header* const header = o.loan_.header(buffer);
    const std::uint32_t gen = zb_user_kernel_gen(header);
    const std::uint32_t length = zb_user_kernel_len(header);
    if (o.observer_ != nullptr) {
      o.observer_->looked(buffer, gen, zb_user_user_gen(header), 1);
      o.observer_->took(buffer, length, gen);
    }
    const std::span<const std::byte> all = o.loan_.records(buffer);
    Result result;
    if (length <= ZB_ZMAX) {
      walk(o, buffer, all.first(std::min<std::size_t>(length, all.size())), result);
    } else {
      result.records.emplace();
      result.bad_record_offset = 0;
    }
    return result;
  }
  static void walk(Operator& o, zb_which buffer, std::span<const std::byte> fill, Result& result) {
    RecordCursor cursor(fill);
    auto& rows = result.records.emplace();
    while (const auto record = cursor.next()) {
      std::uint32_t sequence = 0;
      const auto caplen = static_cast<std::uint32_t>(record->bytes.size());
      if (caplen >= 18)
        std::memcpy(&sequence, record->bytes.data() + 14, sizeof(sequence));
      rows.push_back({record->offset, record->hdrlen, caplen, record->datalen, sequence});
      if (o.observer_ != nullptr)
        o.observer_->handled(buffer, record->offset, caplen, record->datalen);
    }
    if (cursor.fault() == RecordFault::none)
      return;
    result.bad_record_offset = cursor.offset();
    if (o.observer_ != nullptr)
      o.observer_->bad_record(buffer, cursor.offset(), static_cast<std::uint32_t>(cursor.fault()));
  }
};

namespace {

/// What an argument may be, and how a message calls it.
enum class Kind { number, signed_number, buffer, word };

struct Form {
  std::string_view name;
  OperationResult (*run)(Operator&, const Operation&);
  bool needs_device;
  bool needs_loan;
  std::size_t required;
  std::vector<Kind> arguments;
  std::string_view usage;
};

const std::vector<Form>& forms() {
  using O = Operations;
  using enum Kind;
  static const std::vector<Form> all{
      {"open", O::open, false, false, 0, {word}, "open [nonblock]"},
      {"close", O::close, true, false, 0, {}, "close"},
      {"sysctl", O::sysctl, false, false, 1, {number}, "sysctl 0|1"},
      {"pkt", O::pkt, false, false, 1, {number, number}, "pkt LENGTH [COUNT]"},
      {"ifgone", O::ifgone, false, false, 0, {}, "ifgone"},
      {"setbufmode", O::setbufmode, true, false, 1, {number}, "setbufmode 1|2"},
      {"getbufmode", O::getbufmode, true, false, 0, {}, "getbufmode"},
      {"getzmax", O::getzmax, true, false, 0, {}, "getzmax"},
      {"getblen", O::getblen, true, false, 0, {}, "getblen"},
      {"setblen", O::setblen, true, false, 1, {number}, "setblen BYTES"},
      {"setzbuf",
       O::setzbuf,
       true,
       false,
       1,
       {number, signed_number, signed_number},
       "setzbuf BYTES [SKEW_A [SKEW_B]]"},
      {"setzbuf_live", O::setzbuf_live, true, true, 1, {number}, "setzbuf_live BYTES"},
      {"setzbuf_alias", O::setzbuf_alias, true, false, 1, {number}, "setzbuf_alias BYTES"},
      {"setzbuf_readonly", O::setzbuf_readonly, true, false, 1, {number}, "setzbuf_readonly BYTES"},
      {"setzbuf_unmapped", O::setzbuf_unmapped, true, false, 1, {number}, "setzbuf_unmapped BYTES"},
      {"rotzbuf", O::rotzbuf, true, false, 0, {}, "rotzbuf"},
      {"setif", O::setif, true, false, 0, {word}, "setif [NAME]"},
      {"filter", O::filter, true, false, 1, {word, number, word}, "filter accept|reject|odd [SNAPLEN [nr]]"},
      {"immediate", O::immediate, true, false, 1, {number}, "immediate 0|1"},
      {"rtimeout", O::rtimeout, true, false, 1, {number}, "rtimeout MILLISECONDS"},
      {"getrtimeout", O::getrtimeout, true, false, 0, {}, "getrtimeout"},
      {"flush", O::flush, true, false, 0, {}, "flush"},
      {"lock", O::lock, true, false, 0, {}, "lock"},
      {"fionread", O::fionread, true, false, 0, {}, "fionread"},
      {"gstats", O::gstats, true, false, 0, {}, "gstats"},
      {"direction", O::direction, true, false, 1, {number}, "direction 0|1|2"},
      {"getdlt", O::getdlt, true, false, 0, {}, "getdlt"},
      {"tstamp", O::tstamp, true, false, 1, {number}, "tstamp FORMAT"},
      {"poll", O::poll, true, false, 0, {number}, "poll [MILLISECONDS]"},
      {"read", O::read, true, false, 0, {number}, "read [BYTES]"},
      {"write", O::write, true, false, 1, {number}, "write LENGTH"},
      {"ack", O::ack, true, true, 1, {buffer}, "ack a|b"},
      {"setkgen", O::setkgen, true, true, 2, {buffer, number}, "setkgen a|b VALUE"},
      {"setklen", O::setklen, true, true, 2, {buffer, number}, "setklen a|b VALUE"},
      {"setugen", O::setugen, true, true, 2, {buffer, number}, "setugen a|b VALUE"},
      {"records", O::records, true, true, 1, {buffer}, "records a|b"},
  };
  return all;
}

const Form* find_form(const std::string& name) {
  const auto found =
      std::find_if(forms().begin(), forms().end(), [&](const Form& f) { return f.name == name; });
  return found == forms().end() ? nullptr : &*found;
}

bool fits(Kind kind, const std::string& text) {
  switch (kind) {
  case Kind::number: {
    const auto value = number(text);
    return value && *value >= 0 && *value <= 0xffffffff;
  }
  case Kind::signed_number:
    return number(text).has_value();
  case Kind::buffer:
    return text == "a" || text == "b";
  case Kind::word:
    return !text.empty();
  }
  return false;
}

/// Bounds that keep one operation from taking all memory or for ever.
bool within_bounds(const Operation& op) {
  constexpr std::int64_t most_packets = 100'000'000;
  constexpr std::int64_t most_bytes = 1 << 30;
  const auto at = [&](std::size_t i) { return i < op.arguments.size() ? *number(op.arguments[i]) : 0; };
  if (op.name == "pkt")
    return at(0) >= 14 && at(0) <= 65536 && at(1) <= most_packets;
  if (op.name == "write")
    return at(0) <= 65536;
  // Further than its own buffer, an address is somebody else's memory.
  if (op.name.starts_with("setzbuf"))
    return at(0) <= most_bytes && at(1) <= ZB_PAGE_SIZE && at(2) <= ZB_PAGE_SIZE;
  if (op.name == "read")
    return at(0) <= most_bytes;
  if (op.name == "filter")
    return op.arguments[0] == "accept" || op.arguments[0] == "reject" || op.arguments[0] == "odd";
  return true;
}

} // namespace

std::vector<std::string_view> operation_names() {
  std::vector<std::string_view> names;
  for (const Form& form : forms())
    names.push_back(form.name);
  return names;
}

Result<void> check_operation(const Operation& operation) {
  const Form* const form = find_form(operation.name);
  if (form == nullptr)
    return fail(Error::Code::bad_input, fmt::format("\"{}\": no such operation; expected one of {}",
                                                    operation.name, fmt::join(operation_names(), ", ")));
  const auto& given = operation.arguments;
  bool good = given.size() >= form->required && given.size() <= form->arguments.size();
  for (std::size_t i = 0; good && i < given.size(); ++i)
    good = fits(form->arguments[i], given[i]);
  if (!good || !within_bounds(operation))
    return fail(Error::Code::bad_input,
                fmt::format("\"{} {}\": expected {}", operation.name, fmt::join(given, " "), form->usage));
  return {};
}

OperationResult Operator::run(const Operation& operation) {
  const Form* const form = find_form(operation.name);
  ZBUF_ASSERT(form != nullptr);
  if ((form->needs_device && device_ == nullptr) || (form->needs_loan && loan_.empty())) {
    OperationResult result;
    result.error = ZB_EBADF;
    return result;
  }
  return form->run(*this, operation);
}

} // namespace zbuf
