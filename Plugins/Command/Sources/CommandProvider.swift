import PipelineModel
package import PluginKit

/// Answers with what a command prints: a number, or JSON.
///
/// The query is the command, unless the settings have one: that finds the query in `HEADGATE_QUERY`. Both find
/// `HEADGATE_METRIC`, `HEADGATE_INTERVAL` (seconds) and `HEADGATE_TIME` (seconds since 1970). Nothing printed is no
/// data; `NaN`, `Inf` and `-Inf` are numbers.
struct CommandProvider: MetricProvider {
  var name: String
  /// `nil`: the query itself is run.
  var run: String?
  var timeout: Interval
  var environment: [String: String]
  var directory: String

  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    let attempt = "\(name) could not answer \(query.metric)"
    guard query.range == nil else {
      throw Failure(.rejected, "\(attempt): a command is asked for the value now; take out `range`")
    }
    let variables = environment.merging([
      "HEADGATE_METRIC": query.metric, "HEADGATE_INTERVAL": "\(query.interval.milliseconds / 1000)",
      "HEADGATE_TIME": "\(query.at.milliseconds / 1000)", "HEADGATE_QUERY": query.text,
    ]) { _, ours in ours }
    let command = ShortCommand(
      text: run ?? query.text, environment: CommandEnvironment.with(variables), directory: directory,
      timeout: min(timeout, query.timeout))
    let result = try CommandExit.check(command, try await command.run(), attempt)
    guard result.isWhole else {
      throw Failure(
        .misconfigured, "\(attempt): `\(brief(command.text))` printed more than 8 KiB; print the value only")
    }
    if let answer = Self.answer(in: result.output) { return answer }
    let shown = result.output.excerpt(80)
    throw Failure(
      .misconfigured, "\(attempt): `\(brief(command.text))` must print a number or JSON, it printed \"\(shown)\"")
  }

  static func answer(in output: String) -> Answer? {
    switch output.trimmed {
    case "": .list([])
    case "NaN": .number(.nan)
    case "Inf", "+Inf": .number(.infinity)
    case "-Inf": .number(-.infinity)
    case let text: try? JSONReader.answer(in: text.utf8)
    }
  }
}

extension BackendFactory<any MetricProvider> {
  /// Any number that a command can print.
  package static var command: Self {
    Self(
      kind: BackendKind(
        name: "command", port: .metrics,
        about: "Answers with what a command prints, a number or JSON; the query is the command.",
        settings: SettingsSchema([
          .init("run", .text, about: "Command for every query, which it finds in HEADGATE_QUERY."),
          .init("timeout", .duration, about: "Longest a command may take; 10s unless given."),
          .init("environment", .mapOf(.text), about: "More variables for the commands."),
          .init("directory", .text, about: "Where the commands run; the folder of this file unless given."),
        ]))
    ) { backend, context throws(Failure) in
      CommandProvider(
        name: backend.name, run: backend.settings.text("run"),
        timeout: backend.settings.duration("timeout") ?? .seconds(10), environment: texts("environment", of: backend),
        directory: folder(of: backend, context))
    }
  }
}
