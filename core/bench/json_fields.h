// SPDX-License-Identifier: BSD-2-Clause
// The members of a result in JSON, each named once: report_json.cpp writes them, read_json.cpp reads them.
#pragma once

#include "core/bench/bench.h"

#include <concepts>
#include <type_traits>

namespace zbuf {

template <typename T, typename What>
concept MaybeConst = std::same_as<std::remove_const_t<T>, What>;

// fields_of(thing, field) calls field(name, member) for each, in the order of the document.

void fields_of(MaybeConst<Spread> auto& of, auto&& field) {
  field("median", of.median);
  field("low", of.low);
  field("high", of.high);
}

void fields_of(MaybeConst<Counts> auto& of, auto&& field) {
  field("offered", of.offered);
  field("stored", of.stored);
  field("dropped", of.dropped);
  field("filtered_out", of.filtered_out);
  field("kernel_copied_bytes", of.kernel_copied_bytes);
  field("user_copied_bytes", of.user_copied_bytes);
  field("system_calls", of.system_calls);
  field("wakeups", of.wakeups);
}

void fields_of(MaybeConst<Measurement> auto& of, auto&& field) {
  field("duration_ns", of.duration_ns);
  field("packets", of.packets);
  field("kernel_cpu_ns", of.kernel_cpu_ns);
  field("reader_cpu_ns", of.reader_cpu_ns);
  field("system_calls", of.system_calls);
  field("wakeups", of.wakeups);
  field("pushed_out", of.pushed_out);
  field("delivered_in_all", of.seen.packets);
  field("fills_in_all", of.seen.fills);
  field("counts_in_all", of.all);
}

void fields_of(MaybeConst<Modelled> auto& of, auto&& field) {
  field("packets_per_second", of.packets_per_second);
  field("kernel_ns_per_packet", of.kernel_ns_per_packet);
  field("reader_ns_per_packet", of.reader_ns_per_packet);
  field("copied_bytes_per_packet", of.copied_bytes_per_packet);
  field("user_copied_bytes_per_packet", of.user_copied_bytes_per_packet);
  field("system_calls_per_packet", of.system_calls_per_packet);
  field("wakeups_per_packet", of.wakeups_per_packet);
}

void fields_of(MaybeConst<Machine> auto& of, auto&& field) {
  field("system", of.system);
  field("processor", of.processor);
  field("cores", of.cores);
}

void fields_of(MaybeConst<Comparison> auto& of, auto&& field) {
  field("what", of.what);
  field("above", of.above);
  field("below", of.below);
  field("ratio", of.ratio);
}

void fields_of(MaybeConst<Noise> auto& of, auto&& field) {
  field("reasons", of.reasons);
  field("yardstick_ns", of.yardstick_ns);
  field("yardstick_drift", of.yardstick_drift);
  field("lost_core", of.lost_core);
}

struct AnyField {
  void operator()(const char*, const auto&) const {}
};

template <typename T>
concept HasFields = requires(T& of) {
  fields_of(of, AnyField{});
};

} // namespace zbuf
