import PipelineModel
import PluginKit

/// What commands can do of a route beside its weights. Each has a pair: one that sets, and one that prints what is so.
extension CommandRouter: MirroringRouter, HeaderRouter {
  struct Pair: Hashable, Sendable {
    var set: String
    var get: String
  }

  // MARK: Mirrors

  /// `HEADGATE_WEIGHT` is the share to copy to `HEADGATE_SLOT`; 0 ends it.
  func setMirror(_ change: WeightChange) async throws(Failure) {
    let attempt = "could not mirror \(change.weight) of \(name)/\(change.route)"
    let pair = try self.pair(mirrors, "getMirror", attempt)
    var variables = variables(change.route, change.candidate)
    variables["HEADGATE_WEIGHT"] = percent(change.weight)
    variables["HEADGATE_KEY"] = change.key
    _ = try await run(pair.set, variables, attempt)
    let found = try await mirror(to: change.candidate, on: change.route)
    guard found == change.weight else {
      throw Failure(.transient, "\(attempt): `\(brief(pair.set))` ended with 0, and the share is \(found)")
    }
  }

  func mirror(to candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let attempt = "could not read the mirror of \(name)/\(route)"
    let pair = try self.pair(mirrors, "getMirror", attempt)
    return try share(printedBy: pair.get, try await run(pair.get, variables(route, candidate), attempt), attempt)
  }

  // MARK: Header routes

  /// `HEADGATE_HEADER` is empty where the rule is to be taken away.
  func setHeaderRoute(_ change: HeaderRouteChange) async throws(Failure) {
    let attempt = "could not route by header on \(name)/\(change.route)"
    let pair = try self.pair(headers, "getHeader", attempt)
    if let refusal = change.rule?.refusal { throw Failure(.rejected, "\(attempt): \(refusal)") }
    var variables = variables(change.route, change.rule?.slot ?? .green)
    variables["HEADGATE_HEADER"] = change.rule?.header ?? ""
    variables["HEADGATE_HEADER_VALUE"] = change.rule?.value ?? ""
    variables["HEADGATE_KEY"] = change.key
    _ = try await run(pair.set, variables, attempt)
    let found = try await headerRoute(on: change.route)
    guard found == change.rule else {
      throw Failure(.transient, "\(attempt): `\(brief(pair.set))` ended with 0, and the rule is another")
    }
  }

  func headerRoute(on route: String) async throws(Failure) -> HeaderRoute? {
    let attempt = "could not read the header route of \(name)/\(route)"
    let pair = try self.pair(headers, "getHeader", attempt)
    let printed = try await run(pair.get, variables(route, .green), attempt).output
    if printed.trimmed.isEmpty { return nil }
    if let rule = Self.rule(in: printed) { return rule }
    throw Failure(
      .misconfigured,
      "\(attempt): `\(brief(pair.get))` must print a slot, a header and its value, such as `green x-canary: yes`, or "
        + "nothing; it printed \"\(printed.excerpt(80))\"")
  }

  /// `green x-canary: yes`, in a line.
  static func rule(in output: String) -> HeaderRoute? {
    let line = output.split(separator: "\n", maxSplits: 1).first ?? ""
    guard let space = line.firstIndex(of: " "), let slot = Slot(rawValue: String(line[..<space])) else { return nil }
    let rest = line[line.index(after: space)...]
    guard let colon = rest.firstIndex(of: ":") else { return nil }
    let value = rest[rest.index(after: colon)...]
    return HeaderRoute(
      header: String(rest[..<colon]), value: String(value.hasPrefix(" ") ? value.dropFirst() : value), slot: slot)
  }

  private func pair(_ pair: Pair?, _ setting: String, _ attempt: String) throws(Failure) -> Pair {
    if let pair { return pair }
    throw Failure(.misconfigured, "\(attempt): router \(name) has no `\(setting)` command; add one to headgate.yaml")
  }
}
