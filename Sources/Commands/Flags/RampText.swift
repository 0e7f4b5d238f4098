import Engine
import Flags
import PipelineModel

/// The text of a pipeline whose one stage ramps a flag, behind the approvals that its environment wants.
struct RampText {
  let head: FlagRevision
  let policy: FlagPolicy.Environment
  /// That the whole of the ramp needs.
  var approvals: Int
  let variant: String
  let from: String
  let steps: [(weight: String, hold: String)]
  let every: String
  /// As they stand in a pipeline, with their key.
  var metrics = ""
  /// Names of those that judge.
  var gate: [String] = []

  /// - Throws: `Stop` when there are neither as many holds as steps nor one.
  static func steps(_ steps: String, _ hold: String?) throws -> [(weight: String, hold: String)] {
    let weights = list(steps)
    let usual = weights == ["1%", "10%", "50%", "100%"] ? ["1h", "4h", "24h", "1h"] : ["1h"]
    let holds = hold.map(list) ?? usual
    guard holds.count == 1 || holds.count == weights.count, !weights.isEmpty else {
      throw Stop(
        code: .wrongUsage,
        description: "\(weights.count) steps and \(holds.count) holds: give one hold, or one for each")
    }
    return weights.enumerated().map { ($1, holds.count == 1 ? holds[0] : holds[$0]) }
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { String($0).filter { !$0.isWhitespace } }
  }

  static func metric(query: String, provider: String, pass: String?, fail: String?) -> String {
    let rules = [("pass", pass), ("fail", fail)].compactMap { key, rule in rule.map { "    \(key): \(quoted($0))" } }
    return (["metrics:", "  judged:", "    provider: \(provider)", "    query: \(quoted(query))"] + rules)
      .joined(separator: "\n")
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }

  var text: String {
    var lines = [
      "# Made by `headgate flag ramp`.", "pipeline: ramp-\(head.name.key)",
      "service: \(head.contract.services.first ?? head.name.key)", "environment: \(head.name.environment)",
    ]
    if let owner = head.contract.owner { lines.append("owner: \(Self.quoted(owner))") }
    if !metrics.isEmpty { lines += ["", metrics] }
    return (lines + ["", "stages:"] + approval + ramp).joined(separator: "\n") + "\n"
  }

  private var approval: [String] {
    guard approvals > 0 else { return [] }
    let from = policy.approve.isEmpty ? [] : ["    from: [\(policy.approve.joined(separator: ", "))]"]
    return ["  - approve: more people may have it"] + from
      + ["    approvals: \(approvals)", "    expires: \(policy.expires)", "    excludeRequester: true"]
  }

  private var ramp: [String] {
    let judged = gate.isEmpty ? [] : ["    gate: { metrics: [\(gate.joined(separator: ", "))], every: \(every) }"]
    return [
      "  - flag: \(head.name.key)", "    variant: \(Self.quoted(variant))", "    from: \(Self.quoted(from))",
      "    ramp:",
    ] + steps.map { "      - { weight: \($0.weight), hold: \($0.hold) }" } + judged
  }
}
