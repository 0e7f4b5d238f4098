import PipelineModel
import PluginKit

/// Moves traffic by commands of the operator's own.
///
/// `set` gives the candidate its share; `get` prints the candidate's share in percent, such as `25` or `0.5`. Both find
/// in their environment `HEADGATE_ROUTE`, `HEADGATE_SLOT` (the candidate's slot) and `HEADGATE_STABLE_SLOT`; `set` also
/// `HEADGATE_WEIGHT` (percent), `HEADGATE_STABLE_WEIGHT` and `HEADGATE_KEY`, the same for every try of the same change.
/// Exit statuses: see `CommandExit`.
struct CommandRouter: TrafficRouter {
  var name: String
  var set: String
  /// `nil`: what is set cannot be asked for, and a `set` that ended with 0 is believed.
  var get: String?
  var mirrors: Pair?
  var headers: Pair?
  var timeout: Interval
  var environment: [String: String]
  var directory: String

  func setWeight(_ change: WeightChange) async throws(Failure) {
    var variables = variables(change.route, change.candidate)
    variables["HEADGATE_WEIGHT"] = percent(change.weight)
    variables["HEADGATE_STABLE_WEIGHT"] = percent(Weight(basisPoints: 10_000 - change.weight.basisPoints))
    variables["HEADGATE_KEY"] = change.key
    let attempt = "could not set the weight of \(name)/\(change.route) to \(change.weight)"
    _ = try await run(set, variables, attempt)
    guard get != nil else { return }
    let found = try await weight(of: change.candidate, on: change.route)
    guard found == change.weight else {
      throw Failure(.transient, "\(attempt): `\(brief(set))` ended with 0, and the weight is \(found)")
    }
  }

  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let attempt = "could not read the weight of \(name)/\(route)"
    guard let get else {
      throw Failure(.misconfigured, "\(attempt): router \(name) has no `get` command; add one to headgate.yaml")
    }
    return try share(printedBy: get, try await run(get, variables(route, candidate), attempt), attempt)
  }

  func share(
    printedBy command: String, _ result: ShortCommand.Result, _ attempt: String
  ) throws(Failure) -> Weight {
    if let weight = Self.weight(in: result.output) { return weight }
    let wanted = "`\(brief(command))` must print a number from 0 to 100"
    throw Failure(.misconfigured, "\(attempt): \(wanted), it printed \"\(result.output.excerpt(80))\"")
  }

  func run(_ text: String, _ variables: [String: String], _ attempt: String) async throws(Failure)
    -> ShortCommand.Result
  {
    let command = ShortCommand(
      text: text, environment: CommandEnvironment.with(variables), directory: directory, timeout: timeout)
    return try CommandExit.check(command, try await command.run(), attempt)
  }

  func variables(_ route: String, _ candidate: Slot) -> [String: String] {
    environment.merging([
      "HEADGATE_ROUTE": route, "HEADGATE_SLOT": candidate.rawValue, "HEADGATE_STABLE_SLOT": candidate.other.rawValue,
    ]) { _, ours in ours }
  }

  /// `25`, `0.5`; never with a sign.
  func percent(_ weight: Weight) -> String { String(weight.description.dropLast()) }

  /// A number from 0 to 100, with or without `%`, to the nearest basis point.
  static func weight(in output: String) -> Weight? {
    let text = output.trimmed
    guard let number = Double(text.hasSuffix("%") ? text.dropLast().trimmed : text), (0...100).contains(number)
    else { return nil }
    return Weight(basisPoints: Int((number * 100).rounded()))
  }
}
