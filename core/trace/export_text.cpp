// SPDX-License-Identifier: BSD-2-Clause
// CSV and JSON lines: one event, one line.
#include "core/trace/export.h"
#include "core/trace/text_out.h"

namespace zbuf {
namespace {

void print_csv(TextOut& out, std::uint64_t index, const Event& e) {
  out.print("{},{},{},{},", index, e.time_ns, kind_name(e.kind), category_name(kind_info(e.kind).category));
  if (e.descriptor != ZB_NO_DESCRIPTOR)
    out.print("{}", e.descriptor);
  out.print(",{},", e.buffer < ZB_NO_BUFFER ? which_name(e.buffer) : "");
  if (e.packet != ZB_NO_PACKET)
    out.print("{}", e.packet);
  out.print(",{},{},{},{},\"{}\"\n", e.a, e.b, e.c, e.d, event_sentence(e));
}

void print_word(TextOut& out, const char* name, const char* word) {
  out.print(",\"{}\":\"{}\"", name, word);
}

/// `next` is the value of the field after it.
void print_field(TextOut& out, const Field& field, std::uint32_t value, std::uint32_t next) {
  switch (field.type) {
  case FieldType::unused:
  case FieldType::high:
    break;
  case FieldType::low:
    out.print(",\"{}\":{}", field.name, joined(value, next));
    break;
  case FieldType::number:
    out.print(",\"{}\":{}", field.name, value);
    break;
  case FieldType::flag:
    out.print(",\"{}\":{}", field.name, value != 0);
    break;
  case FieldType::which:
    print_word(out, field.name, which_name(value));
    break;
  case FieldType::drop:
    print_word(out, field.name, drop_name(value));
    break;
  case FieldType::cause:
    print_word(out, field.name, cause_name(value));
    break;
  case FieldType::call:
    print_word(out, field.name, call_name(value));
    break;
  case FieldType::reader:
    print_word(out, field.name, reader_state_name(value));
    break;
  case FieldType::request:
    if (const char* name = request_name(value); name != nullptr)
      print_word(out, field.name, name);
    else if (value != 0) // not every call is an ioctl
      out.print(",\"{}\":\"{:#010x}\"", field.name, value);
    break;
  case FieldType::layout:
    out.print(",\"hdrlen\":{},\"pad\":{}", value & 0xffff, value >> 16);
    break;
  }
}

void print_json(TextOut& out, std::uint64_t index, const Event& e) {
  const KindInfo& info = kind_info(e.kind);
  out.print("{{\"event\":{},\"time_ns\":{},\"kind\":\"{}\"", index, e.time_ns, kind_name(e.kind));
  if (e.descriptor != ZB_NO_DESCRIPTOR)
    out.print(",\"descriptor\":{}", e.descriptor);
  if (e.buffer < ZB_NO_BUFFER)
    print_word(out, "buffer", which_name(e.buffer));
  if (e.packet != ZB_NO_PACKET)
    out.print(",\"packet\":{}", e.packet);
  const std::uint32_t values[] = {e.a, e.b, e.c, e.d, 0};
  for (std::size_t i = 0; i < std::size(info.fields); ++i)
    print_field(out, info.fields[i], values[i], values[i + 1]);
  out.write("}\n");
}

template <typename Print>
Result<void> print_all(const Recording& recording, TextOut& out, Print print) {
  recording.for_each(0, recording.event_count(), [&](std::uint64_t n, const Event& event) {
    if (!out.failed())
      print(out, n, event);
  });
  return out.finish();
}

} // namespace

Result<void> export_csv(const Recording& recording, std::ostream& stream) {
  TextOut out(stream);
  out.write("event,time_ns,kind,category,descriptor,buffer,packet,a,b,c,d,description\n");
  return print_all(recording, out, print_csv);
}

Result<void> export_json_lines(const Recording& recording, std::ostream& stream) {
  TextOut out(stream);
  return print_all(recording, out, print_json);
}

} // namespace zbuf
