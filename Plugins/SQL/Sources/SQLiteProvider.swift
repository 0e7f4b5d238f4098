import PipelineModel
package import PluginKit

/// Asks a SQLite file by a statement that reads.
struct SQLiteProvider: MetricProvider {
  var name: String
  var path: String
  var timeout: Interval
  var threads = OwnThreads()

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    do throws(Failure) {
      let rows = try await threads.run(within: min(timeout, query.timeout)) { [path] patience throws(Failure) in
        try SQLiteConnection(path: path, patience: patience).rows(query.text, SQLParameters(query))
      }
      return try rows.answer(isRange: query.range != nil)
    } catch {
      throw error.told("\(name) could not answer \(query.metric) from \(path): \(error.message)")
    }
  }
}

extension BackendFactory<any MetricProvider> {
  /// A SQLite file.
  package static var sqlite: Self {
    Self(
      kind: BackendKind(
        name: "sqlite", port: .metrics,
        about: "Asks a SQLite file; a query is a SELECT, which may name :from, :until, :step and :interval.",
        settings: SettingsSchema([
          .init("path", .text, required: true, about: "The database file; it is only read."),
          .init("timeout", .duration, about: "Longest wait for one answer; 10s unless given."),
        ]),
        capabilities: [.rangeQueries])
    ) { backend, context throws(Failure) in
      let path = backend.settings.text("path") ?? ""
      return SQLiteProvider(
        name: backend.name, path: path.hasPrefix("/") ? path : "\(context.baseDirectory)/\(path)",
        timeout: backend.settings.duration("timeout") ?? .seconds(10))
    }
  }
}
