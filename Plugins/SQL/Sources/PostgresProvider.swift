import PipelineModel
package import PluginKit

/// Asks a PostgreSQL by a statement that reads.
///
/// Every question has a connection of its own, whose transactions only read and whose statements end by themselves.
struct PostgresProvider: MetricProvider {
  var name: String
  /// Where it is, for messages.
  var place: String
  /// libpq's parameters without the password.
  var words: [(name: String, value: String)]
  var password: String?
  var secret: @Sendable (String) async throws(Failure) -> String
  var timeout: Interval
  var threads = OwnThreads()

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    let attempt = "\(name) could not answer \(query.metric) at \(place)"
    var known = ""
    do throws(Failure) {
      if let password { known = try await value(of: password) }
      let rows = try await rows(query, known)
      return try rows.answer(isRange: query.range != nil)
    } catch {
      let message = "\(attempt): \(error.message)"
      throw error.told(known.isEmpty ? message : message.replacing(known, with: "•••"))
    }
  }

  private func rows(_ query: MetricQuery, _ password: String) async throws(Failure) -> SQLRows {
    let (text, names) = SQLParameters.numbered(query.text)
    let parameters = SQLParameters(query)
    let values = try names.map { name throws(Failure) in try parameters.value(of: name) }
    let limit = min(timeout, query.timeout)
    var words = words
    if !password.isEmpty { words.append(("password", password)) }
    words.append(
      ("options", "-c default_transaction_read_only=on -c statement_timeout=\(max(1, limit.milliseconds))"))
    let all = words
    return try await threads.run(within: limit) { patience throws(Failure) in
      try PostgresConnection(all, patience: patience).rows(text, values)
    }
  }

  private func value(of name: String) async throws(Failure) -> String {
    var value = try await secret(name)[...]
    while value.last?.isNewline == true { value = value.dropLast() }
    guard !value.isEmpty else { throw Failure(.misconfigured, "the secret \(name) is empty") }
    return String(value)
  }
}

extension BackendFactory<any MetricProvider> {
  /// PostgreSQL.
  package static var postgresql: Self {
    Self(
      kind: BackendKind(
        name: "postgresql", port: .metrics,
        about: "Asks PostgreSQL; a query is a SELECT, which may name :from, :until, :step and :interval.",
        settings: SettingsSchema([
          .init("host", .text, required: true, about: "Name or address, or the folder of its socket."),
          .init("port", .number, .port, about: "5432 unless given."),
          .init("database", .text, required: true, about: "Name of the database."),
          .init("user", .text, required: true, about: "Role to ask as; one that may only read is best."),
          .init("password", .secret, about: "The role's password."),
          .init(
            "tls", .oneOf(["disable", "prefer", "require", "verify-full"]),
            about: "As libpq's sslmode; verify-full where `ca` is given, else prefer."),
          .init("ca", .text, about: "File of the only authorities to trust, in PEM."),
          .init("timeout", .duration, about: "Longest wait for one answer; 10s unless given."),
        ]),
        capabilities: [.rangeQueries])
    ) { backend, context throws(Failure) in
      let settings = backend.settings
      let (host, port) = (settings.text("host") ?? "", Int(settings.number("port") ?? 5432))
      var words: [(name: String, value: String)] = [
        ("host", host), ("port", "\(port)"), ("dbname", settings.text("database") ?? ""),
        ("user", settings.text("user") ?? ""), ("application_name", "headgate"), ("client_encoding", "UTF8"),
      ]
      if let file = settings.text("ca") {
        words.append(("sslrootcert", file.hasPrefix("/") ? file : "\(context.baseDirectory)/\(file)"))
      }
      words.append(("sslmode", settings.text("tls") ?? (settings.text("ca") == nil ? "prefer" : "verify-full")))
      return PostgresProvider(
        name: backend.name, place: "\(host):\(port)", words: words, password: settings.secret("password"),
        secret: context.secret, timeout: settings.duration("timeout") ?? .seconds(10))
    }
  }
}
