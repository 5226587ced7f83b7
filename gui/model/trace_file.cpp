// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/trace_file.h"

#include "core/base/output_file.h"
#include "core/trace/format.h"
#include "core/trace/recorder.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

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
  payload.append(
      static_cast<qsizetype>(format::padded(static_cast<std::size_t>(payload.size()))) - payload.size(), ' ');
  format::RecordHeader header;
  header.type = format::RecordType::end;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.first = recording.file().event_count;
  header.first_ns = header.last_ns = recording.last_ns();
  header.payload_crc =
      format::crc(std::as_bytes(std::span(payload.constData(), static_cast<std::size_t>(payload.size()))));
  header.crc = format::header_crc(header);
  return QByteArray(reinterpret_cast<const char*>(&header), sizeof header) + payload;
}

Result<void> append(OutputFile& out, std::span<const std::byte> bytes) {
  return out.append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
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

std::optional<QString> save_recording(const Recording& recording, const QString& to,
                                      const SavedPlace& place) {
  QJsonObject metadata = metadata_of(recording);
  QJsonObject view{{"time_ns", QString::number(place.time_ns)}, {"focus", place.focus}};
  if (place.event)
    view.insert("event", QString::number(*place.event));
  metadata.insert("view", view);
  metadata.insert("partial", recording.partial());
  const QByteArray end = end_record(recording, metadata);
  const std::string path = QFile::encodeName(to).toStdString();
  auto out = OutputFile::open(path);
  auto older = OutputFile::open(recording.older_file().empty() ? std::string() : older_part(path));
  Result<void> done = !out ? fail(out.error()) : !older ? fail(older.error()) : Result<void>{};
  if (done)
    done = append(*older, recording.older_file());
  if (done)
    done = append(*out, recording.file().bytes);
  if (done)
    done = out->append(std::string_view(end.constData(), static_cast<std::size_t>(end.size())));
  // Both names change when both files are there.
  if (done)
    done = older->complete();
  if (done)
    done = out->complete();
  return done ? std::nullopt : std::optional(QString::fromStdString(done.error().text()));
}

std::vector<Track> tracks_of(const std::shared_ptr<const Recording>& recording, const QString& path,
                             const VariantReport& report) {
  const QJsonObject metadata = metadata_of(*recording);
  Track track;
  track.recording = recording;
  track.report = report;
  track.report.trace_path = path.toStdString();
  track.name = QString::fromStdString(report.name);
  track.modelled = metadata.value("modelled").toBool(false);
  track.deduced = metadata.value("slots").toString() == "deduced";
  const QJsonArray readers = metadata.value("readers").toArray();
  if (!metadata.value("live").toBool() || readers.size() < 2)
    return {track};
  std::vector<Track> tracks;
  for (const QJsonValue reader : readers) {
    Track one = track;
    one.descriptor = static_cast<std::uint16_t>(reader["descriptor"].toInt());
    one.name = reader["mode"].toString() == "zero-copy" ? "zbuf" : "read";
    one.report.readers.clear();
    for (const ReaderReport& known : report.readers)
      if (known.descriptor == *one.descriptor) {
        one.report.readers.push_back(known);
        one.report.total = known.counters;
      }
    tracks.push_back(std::move(one));
  }
  return tracks;
}

QString beginning_dropped(const Recording& recording) {
  if (recording.events_dropped() == 0)
    return {};
  return tr("The first %1 s are no longer kept: the recording is of bounded size.")
      .arg(QString::number(static_cast<double>(recording.first_ns()) / 1e9, 'f', 1));
}

void report_of_trace(const Track& track, ScenarioReport& report) {
  const QJsonObject metadata = metadata_of(*track.recording);
  report.title = metadata.value("title")
                     .toString(QFileInfo(QString::fromStdString(track.report.trace_path)).fileName())
                     .toStdString();
  report.number = static_cast<std::uint32_t>(metadata.value("number").toInt());
  report.lesson = metadata.value("lesson").toString().toStdString();
  report.partial = track.recording->partial();
}

QStringList companions(const QString& path) {
  const QFileInfo file(path);
  const QString pattern = file.completeBaseName() + ".*." + file.suffix();
  QStringList paths;
  const QString older = QString::fromStdString(older_part(file.fileName().toStdString()));
  for (const QString& name : file.dir().entryList({pattern}, QDir::Files, QDir::Name))
    if (name != older)
      paths += file.dir().filePath(name);
  return paths;
}

} // namespace zbuf::gui
