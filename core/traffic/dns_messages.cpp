// SPDX-License-Identifier: BSD-2-Clause
#include "core/traffic/dns_messages.h"

#include "core/traffic/wire.h"

#include <array>
#include <initializer_list>
#include <string_view>

namespace zbuf {

namespace {

constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_aaaa = 28;
constexpr std::uint16_t class_internet = 1;
constexpr std::uint16_t flags_query = 0x0100;  // recursion desired
constexpr std::uint16_t flags_answer = 0x8180; // response, recursion desired and available
constexpr std::uint16_t flags_no_such_name = 0x8183;

using Bytes = std::vector<std::byte>;

void append16(Bytes& to, std::initializer_list<std::uint16_t> values) {
  for (const std::uint16_t value : values) {
    to.resize(to.size() + 2);
    put16(&to[to.size() - 2], value);
  }
}

void append_name(Bytes& to, std::string_view name) {
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    to.push_back(static_cast<std::byte>(label.size()));
    for (const char c : label)
      to.push_back(static_cast<std::byte>(c));
    name.remove_prefix(label.size() < name.size() ? label.size() + 1 : label.size());
  }
  to.push_back(std::byte{0});
}

Bytes question(std::string_view name, std::uint16_t type, std::uint16_t flags, std::uint16_t answer_count) {
  Bytes message;
  append16(message, {0, flags, 1, answer_count, 0, 0});
  append_name(message, name);
  append16(message, {type, class_internet});
  return message;
}

/// 198.51.100.host or 2001:db8::host, of the name at byte 12, good for five minutes.
void append_address(Bytes& to, std::uint16_t type, std::uint16_t host) {
  constexpr std::uint16_t name_of_question = 0xc00c;
  append16(to, {name_of_question, type, class_internet, 0, 300});
  if (type == type_a)
    append16(to, {4, 0xc633, static_cast<std::uint16_t>(0x6400 + host)});
  else
    append16(to, {16, 0x2001, 0x0db8, 0, 0, 0, 0, 0, host});
}

DnsMessage summed(Bytes bytes) {
  const std::uint32_t sum = sum_of_words(bytes);
  return {std::move(bytes), sum};
}

} // namespace

std::vector<DnsLookup> dns_lookups() {
  constexpr std::array<std::string_view, 8> names = {
      "www.example.com",   "mail.example.com", "ns1.example.net",  "api.example.org",
      "files.example.net", "time.example.org", "chat.example.com", "a.example"};
  std::vector<DnsLookup> lookups;
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (const std::uint16_t type : {type_a, type_aaaa}) {
      Bytes answer = question(names[i], type, flags_answer, 1);
      append_address(answer, type, static_cast<std::uint16_t>(i + 10));
      lookups.push_back({summed(question(names[i], type, flags_query, 0)), summed(std::move(answer))});
    }
  }
  for (const std::string_view name : {"missing.example.com", "typo.example.net"})
    lookups.push_back({summed(question(name, type_a, flags_query, 0)),
                       summed(question(name, type_a, flags_no_such_name, 0))});
  return lookups;
}

} // namespace zbuf
