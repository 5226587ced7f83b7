// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/bytes/byte_fields.h"

#include "gui/theme/format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QTimeZone>

extern "C" {
#include "kernel/engine/abi.h"
#include "kernel/engine/shared_header.h"
}

namespace zbuf::gui::bytes_view {

namespace {

struct Bytes {
  Q_DECLARE_TR_FUNCTIONS(Bytes)
};

using Known = std::vector<std::optional<std::uint8_t>>;

Known little_endian(std::uint64_t value, std::size_t size) {
  Known bytes;
  for (std::size_t i = 0; i < size; ++i)
    bytes.emplace_back(static_cast<std::uint8_t>(value >> 8 * i));
  return bytes;
}

Known unknown(std::size_t size) {
  return Known(size);
}

ByteField number(std::uint32_t offset, const char* name, std::uint32_t value, std::uint32_t before,
                 const QString& meaning, Writer writer) {
  return {offset, little_endian(value, 4), name, count(value), meaning, writer, value != before};
}

QString date_text(std::uint64_t seconds) {
  return QDateTime::fromSecsSinceEpoch(static_cast<qint64>(seconds), QTimeZone::utc())
      .toString("yyyy-MM-dd HH:mm:ss");
}

void add_stamp(std::vector<ByteField>& fields, std::optional<std::uint64_t> time_ns, const Stamps& stamps) {
  if (time_ns && stamps.boot_time_ns && stamps.microseconds) {
    const std::uint64_t stamp_ns = *stamps.boot_time_ns + *time_ns;
    const std::uint64_t seconds = stamp_ns / 1'000'000'000, microseconds = stamp_ns % 1'000'000'000 / 1000;
    fields.push_back({0, little_endian(seconds, 8), "bh_tstamp.tv_sec", QString::number(seconds),
                      date_text(seconds), Writer::kernel});
    fields.push_back({8, little_endian(microseconds, 8), "bh_tstamp.tv_usec", count(microseconds),
                      Bytes::tr("when the kernel saw it"), Writer::kernel});
    return;
  }
  const QString why = stamps.microseconds ? Bytes::tr("not known: the recording has no calendar time")
                                          : Bytes::tr("not known: BIOCSTSTAMP chose the format");
  fields.push_back({0, unknown(8), "bh_tstamp", {}, why, Writer::kernel});
  fields.push_back({8, unknown(8), {}, {}, {}, Writer::kernel});
}

/// Bytes 26 to the packet: the packet lies over the last ones of the header where the link header is 14
/// bytes.
void add_tail(std::vector<ByteField>& fields, const Recording::Record& record,
              std::span<const std::byte> packet) {
  constexpr std::uint32_t named_end = 26, header_end = sizeof(zb_bpf_hdr);
  if (record.hdrlen < header_end) {
    const std::uint32_t size = header_end - record.hdrlen;
    ByteField over{record.hdrlen, {}, Bytes::tr("the packet begins here"), {}, {}, Writer::kernel};
    for (std::uint32_t i = 0; i < size; ++i) {
      if (i < packet.size())
        over.bytes.emplace_back(std::to_integer<std::uint8_t>(packet[i]));
      else if (i >= record.caplen)
        over.bytes.emplace_back(std::uint8_t{0}); // the header's own zeros stay
      else
        over.bytes.emplace_back(std::nullopt);
    }
    over.meaning = Bytes::tr("over the last %1 of struct bpf_hdr").arg(bytes(size));
    fields.push_back(std::move(over));
    return;
  }
  fields.push_back({named_end,
                    Known(header_end - named_end, std::uint8_t{0}),
                    Bytes::tr("end of struct bpf_hdr"),
                    {},
                    Bytes::tr("unused"),
                    Writer::kernel});
  if (record.hdrlen > header_end)
    fields.push_back({header_end,
                      unknown(record.hdrlen - header_end),
                      Bytes::tr("gap"),
                      {},
                      Bytes::tr("not written: whatever was there"),
                      Writer::nobody});
}

} // namespace

QString hex(const Known& bytes) {
  QString text;
  for (const auto& byte : bytes) {
    if (!text.isEmpty())
      text += ' ';
    text += byte ? QString("%1").arg(*byte, 2, 16, QChar('0')) : QString("··");
  }
  return text;
}

QString hex(std::span<const std::byte> bytes) {
  QString text;
  for (const std::byte byte : bytes) {
    if (!text.isEmpty())
      text += ' ';
    text += QString("%1").arg(std::to_integer<unsigned>(byte), 2, 16, QChar('0'));
  }
  return text;
}

std::vector<ByteField> header_fields(const BufferState& before, const BufferState& now) {
  const bool fresh = !before.present; // there was no header to change
  std::vector<ByteField> fields{
      number(0, "bzh_kernel_gen", now.kernel_gen, fresh ? now.kernel_gen : before.kernel_gen,
             Bytes::tr("raised by 1 to hand the buffer over"), Writer::kernel),
      number(4, "bzh_kernel_len", now.kernel_len, fresh ? now.kernel_len : before.kernel_len,
             Bytes::tr("bytes of records handed over"), Writer::kernel),
      number(8, "bzh_user_gen", now.user_gen, fresh ? now.user_gen : before.user_gen,
             Bytes::tr("set to bzh_kernel_gen to return it"), Writer::user)};
  constexpr std::uint32_t pad = ZB_HEADER_SIZE - 12;
  fields.push_back({12,
                    Known(pad, std::uint8_t{0}),
                    "_bzh_pad[5]",
                    {},
                    Bytes::tr("zero since BIOCSETZBUF"),
                    Writer::nobody});
  return fields;
}

std::vector<ByteField> record_fields(const Recording::Record& record, std::optional<std::uint64_t> time_ns,
                                     const Stamps& stamps, std::span<const std::byte> packet) {
  std::vector<ByteField> fields;
  add_stamp(fields, time_ns, stamps);
  fields.push_back({16, little_endian(record.caplen, 4), "bh_caplen", count(record.caplen),
                    Bytes::tr("bytes of the packet that were kept"), Writer::kernel});
  fields.push_back({20, little_endian(record.datalen, 4), "bh_datalen", count(record.datalen),
                    Bytes::tr("bytes that it had on the wire"), Writer::kernel});
  fields.push_back({24, little_endian(record.hdrlen, 2), "bh_hdrlen", count(record.hdrlen),
                    Bytes::tr("from here to the packet"), Writer::kernel});
  add_tail(fields, record, packet);
  return fields;
}

} // namespace zbuf::gui::bytes_view
