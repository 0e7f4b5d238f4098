import PipelineModel
package import PluginKit

extension BackendFactory<any MetricProvider> {
  /// CSV and JSON Lines files.
  package static var file: Self {
    Self(
      kind: BackendKind(
        name: "file", port: .metrics,
        about: "Answers from a CSV or JSON Lines file that grows or is replayed; a query is `sum(errors) where x = y`.",
        settings: SettingsSchema(
          [
            .init("path", .text, required: true, about: "The file, UTF-8, its lines in any order."),
            .init("format", .oneOf(["csv", "jsonl"]), about: "By the file's ending unless given."),
            .init("time", .text, about: "Column with the time, in seconds since 1970 or RFC 3339; time unless given."),
            .init(
              "startsAt", .text, .instant,
              about: "When the first line is to happen, such as 2026-11-21T16:00:00Z: a replay."),
            .init("repeatEvery", .duration, about: "How long a replay lasts before it begins anew; once unless given."),
          ], rules: [.needs("repeatEvery", "startsAt")]),
        capabilities: [.rangeQueries])
    ) { backend, context throws(Failure) in
      let settings = backend.settings
      let path = settings.text("path") ?? ""
      let reader = RecordingReader(format: try format(of: backend, path), timeColumn: settings.text("time") ?? "time")
      let resolved = path.hasPrefix("/") ? path : "\(context.baseDirectory)/\(path)"
      return FileProvider(
        name: backend.name, path: resolved, file: RecordingFile(path: resolved, reader: reader),
        start: try start(of: backend), period: settings.duration("repeatEvery"))
    }
  }
}

private func format(of backend: Backend, _ path: String) throws(Failure) -> RecordingReader.Format {
  if let named = backend.settings.text("format").flatMap(RecordingReader.Format.init(rawValue:)) { return named }
  let ending = path.split(separator: ".").last?.lowercased() ?? ""
  switch ending {
  case "csv": return .csv
  case "jsonl", "ndjson": return .jsonl
  default:
    throw Failure(.misconfigured, "\(backend.name): `path` ends neither with .csv nor with .jsonl; say `format`")
  }
}

private func start(of backend: Backend) throws(Failure) -> Timestamp? {
  guard let text = backend.settings.text("startsAt") else {
    if backend.settings.duration("repeatEvery") == nil { return nil }
    throw Failure(.misconfigured, "\(backend.name): `repeatEvery` needs `startsAt`")
  }
  if let start = Timestamp(written: text) { return start }
  throw Failure(.misconfigured, "\(backend.name): `startsAt` must look like 2026-11-21T16:00:00Z")
}
