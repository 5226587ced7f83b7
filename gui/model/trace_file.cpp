// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/trace_file.h"

#include "core/scenario/recorded.h"
#include "core/trace/format.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

namespace zbuf::gui {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("TraceFile", text);
}

QJsonObject metadata_of(const Recording& recording) {
  return QJsonDocument::fromJson(QByteArray::fromStdString(recording.metadata())).object();
}

/// The end record of a whole recording, with these metadata.
QByteArray end_record(const Recording& recording, const QJsonObject& metadata) {
  QByteArray payload = QJsonDocument(metadata).toJson(QJsonDocument::Compact);
  payload.append(static_cast<qsizetype>(format::padded(static_cast<std::size_t>(payload.size()))) - payload.size(),
                 ' ');
  format::RecordHeader header;
  header.type = format::RecordType::end;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.first = recording.event_count();
  header.first_ns = header.last_ns = recording.last_ns();
  header.payload_crc = format::crc(std::as_bytes(std::span(payload.constData(), static_cast<std::size_t>(payload.size()))));
  header.crc = format::header_crc(header);
  return QByteArray(reinterpret_cast<const char*>(&header), sizeof header) + payload;
}

/// Where the end record begins; the length of what is whole, if there is none.
qint64 end_offset(QFile& file) {
  qint64 at = sizeof(format::FileHeader);
  for (;;) {
    format::RecordHeader header;
    if (!file.seek(at) || file.read(reinterpret_cast<char*>(&header), sizeof header) != sizeof header ||
        header.magic != format::record_magic || header.type == format::RecordType::end ||
        at + static_cast<qint64>(sizeof header) + header.payload_bytes > file.size())
      return at;
    at += static_cast<qint64>(sizeof header) + header.payload_bytes;
  }
}

bool copy(QFile& in, QSaveFile& out, qint64 length) {
  constexpr qint64 piece = 1 << 20;
  if (!in.seek(0))
    return false;
  while (length > 0) {
    const QByteArray bytes = in.read(std::min(piece, length));
    if (bytes.isEmpty() || out.write(bytes) != bytes.size())
      return false;
    length -= bytes.size();
  }
  return true;
}

} // namespace

std::optional<SavedPlace> saved_place(const Recording& recording) {
  const QJsonObject view = metadata_of(recording).value("view").toObject();
  bool good = false; // numbers are texts there: JSON's own are not exact beyond 2^53
  SavedPlace place;
  place.time_ns = view.value("time_ns").toString().toULongLong(&good);
  if (!good)
    return std::nullopt;
  if (const std::uint64_t event = view.value("event").toString().toULongLong(&good); good)
    place.event = event;
  place.focus = view.value("focus").toString();
  return place;
}

std::optional<QString> save_recording(const QString& from, const Recording& recording, const QString& to,
                                      const SavedPlace& place) {
  QFile in(from);
  if (!in.open(QIODevice::ReadOnly))
    return tr("%1 cannot be read: %2").arg(from, in.errorString());
  QSaveFile out(to);
  if (!out.open(QIODevice::WriteOnly))
    return tr("%1 cannot be written: %2. Choose another folder.").arg(to, out.errorString());
  QJsonObject metadata = metadata_of(recording);
  QJsonObject view{{"time_ns", QString::number(place.time_ns)}, {"focus", place.focus}};
  if (place.event)
    view.insert("event", QString::number(*place.event));
  metadata.insert("view", view);
  metadata.insert("partial", recording.partial());
  const QByteArray end = end_record(recording, metadata);
  if (!copy(in, out, end_offset(in)) || out.write(end) != end.size() || !out.commit())
    return tr("%1 cannot be written: %2. Choose another folder.").arg(to, out.errorString());
  return std::nullopt;
}

Track track_of(std::shared_ptr<const Recording> recording, const QString& path) {
  const QJsonObject metadata = metadata_of(*recording);
  Track track;
  track.report = report_of_recording(*recording);
  track.report.trace_path = path.toStdString();
  track.name = QString::fromStdString(track.report.name);
  track.modelled = metadata.value("modelled").toBool(false);
  track.deduced = metadata.value("deduced").toBool(false);
  track.recording = std::move(recording);
  return track;
}

void describe_trace(const Track& track, ScenarioReport& report) {
  const QJsonObject metadata = metadata_of(*track.recording);
  report.title = metadata.value("title").toString(QFileInfo(QString::fromStdString(track.report.trace_path)).fileName())
                     .toStdString();
  report.number = static_cast<std::uint32_t>(metadata.value("number").toInt());
  report.lesson = metadata.value("lesson").toString().toStdString();
  report.partial = track.recording->partial();
}

QStringList companions(const QString& path) {
  const QFileInfo file(path);
  const QString pattern = file.completeBaseName() + ".*." + file.suffix();
  QStringList paths;
  for (const QString& name : file.dir().entryList({pattern}, QDir::Files, QDir::Name))
    paths += file.dir().filePath(name);
  return paths;
}

} // namespace zbuf::gui
