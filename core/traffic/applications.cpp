// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/applications.h"

namespace zbuf {

namespace {

void append_printable(std::string& text, unsigned c) {
  if (c >= 0x20 && c < 0x7f && c != '\\')
    text += static_cast<char>(c);
  else
    text += fmt::format("\\x{:02x}", c);
}

/// The first line of a text protocol, of 80 characters at most.
std::string first_line(View view) {
  std::string line;
  for (std::size_t i = 0;
       i < std::min<std::size_t>(view.size(), 80) && view.u8(i) != '\r' && view.u8(i) != '\n'; ++i)
    append_printable(line, view.u8(i));
  return line;
}

bool begins_with(View view, std::string_view text) {
  if (!view.has(0, text.size()))
    return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (view.u8(i) != static_cast<unsigned char>(text[i]))
      return false;
  return true;
}

/// The name at `offset` of a DNS message, with compression followed (RFC 1035 4.1.4), and where it ends.
std::string dns_name(View message, std::size_t& offset) {
  std::string name;
  std::size_t at = offset;
  bool jumped = false;
  // A name has at most 127 labels; the bound also ends loops of pointers.
  for (int steps = 0; steps < 128 && name.size() < 256 && message.has(at, 1); ++steps) {
    const unsigned length = message.u8(at);
    if (length >= 0xc0) {
      if (!jumped)
        offset = at + 2;
      jumped = true;
      at = message.u16(at) & 0x3fff;
      continue;
    }
    ++at;
    if (!jumped)
      offset = at + length;
    if (length == 0 || length >= 0x40)
      break;
    if (!name.empty())
      name += '.';
    for (std::size_t i = 0; i < length && message.has(at + i, 1); ++i)
      append_printable(name, message.u8(at + i));
    at += length;
  }
  return name.empty() ? "." : name;
}

std::string dns_type(unsigned type) {
  switch (type) {
  case 1:
    return "A";
  case 2:
    return "NS";
  case 5:
    return "CNAME";
  case 6:
    return "SOA";
  case 12:
    return "PTR";
  case 15:
    return "MX";
  case 16:
    return "TXT";
  case 28:
    return "AAAA";
  case 33:
    return "SRV";
  case 65:
    return "HTTPS";
  default:
    return fmt::format("type {}", type);
  }
}

std::string dns_details(View message) {
  constexpr std::array<std::string_view, 6> results = {
      "", "format error", "server failure", "no such name", "not implemented", "refused"};
  if (!message.has(0, 12))
    return "cut short";
  const bool answer = (message.u8(2) & 0x80) != 0;
  std::string details = answer ? "answer" : "query";
  if (message.u16(4) != 0) {
    std::size_t offset = 12;
    const std::string name = dns_name(message, offset);
    details += fmt::format(" {} {}", dns_type(message.u16(offset)), name);
  }
  const unsigned result = message.u8(3) & 15;
  if (answer && result != 0)
    details += ": " + name_or_number(results, result, "error");
  else if (answer)
    details += fmt::format(": {} record{}", message.u16(6), message.u16(6) == 1 ? "" : "s");
  return details;
}

bool is_tls(View payload) {
  const unsigned type = payload.u8(0);
  return payload.has(0, 5) && type >= 20 && type <= 23 && payload.u8(1) == 3 && payload.u8(2) <= 4;
}

std::string tls_details(View payload) {
  constexpr std::array<std::string_view, 4> records = {"change of cipher", "alert", "handshake", "data"};
  constexpr std::array<std::string_view, 21> handshakes = {"hello request",
                                                           "client hello",
                                                           "server hello",
                                                           "",
                                                           "session ticket",
                                                           "",
                                                           "",
                                                           "",
                                                           "extensions",
                                                           "",
                                                           "",
                                                           "certificate",
                                                           "key exchange",
                                                           "certificate request",
                                                           "hello done",
                                                           "certificate verify",
                                                           "client key exchange",
                                                           "",
                                                           "",
                                                           "",
                                                           "finished"};
  if (!is_tls(payload))
    return {}; // the middle of a record
  const unsigned type = payload.u8(0);
  if (type == 22 && payload.has(5, 1) && payload.u8(5) < handshakes.size() &&
      !handshakes[payload.u8(5)].empty())
    return std::string(handshakes[payload.u8(5)]);
  return std::string(records[type - 20]);
}

bool is_http(View payload) {
  constexpr std::array<std::string_view, 8> starts = {"HTTP/1.", "GET ",    "POST ",    "HEAD ",
                                                      "PUT ",    "DELETE ", "OPTIONS ", "PATCH "};
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return begins_with(payload, start); });
}

} // namespace

Naming name_stream(View payload, unsigned source_port, unsigned destination_port) {
  const auto port = [&](unsigned number) { return source_port == number || destination_port == number; };
  if (payload.size() == 0)
    return {"TCP", ""};
  if (is_http(payload))
    return {"HTTP", first_line(payload)};
  if (begins_with(payload, "SSH-"))
    return {"SSH", first_line(payload)};
  if (port(53))
    return {"DNS", dns_details(payload.from(2))}; // behind the length that TCP needs
  if (port(443) || is_tls(payload))
    return {"TLS", tls_details(payload)};
  if (port(80) || port(8000) || port(8080))
    return {"HTTP", ""};
  if (port(22))
    return {"SSH", ""};
  return {"TCP", ""};
}

Naming name_datagram(View payload, unsigned source_port, unsigned destination_port) {
  const auto port = [&](unsigned number) { return source_port == number || destination_port == number; };
  if (port(53))
    return {"DNS", dns_details(payload)};
  if (port(5353))
    return {"mDNS", dns_details(payload)};
  if (port(443))
    return {"QUIC", ""};
  if (port(123))
    return {"NTP", ""};
  if (port(67) || port(68))
    return {"DHCP", ""};
  return {"UDP", ""};
}

} // namespace zbuf
