import PipelineModel
import PluginKit

/// What `systemctl show` says of a unit: one `Name=Value` in each line, and exit status 0 also for a unit it cannot find.
struct SystemdStatus {
  static let properties = [
    "LoadState", "ActiveState", "SubState", "Result", "ExecMainStatus", "InvocationID", "Job", "StatusText",
  ]

  private var values: [String: String] = [:]

  /// `nil` when the states are not there.
  init?(_ printed: String) {
    for line in printed.split(whereSeparator: \.isNewline) {
      guard let equals = line.firstIndex(of: "=") else { continue }
      values[String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
    guard values["LoadState"] != nil, values["ActiveState"] != nil else { return nil }
  }

  var isLoaded: Bool { values["LoadState"] == "loaded" }

  /// A start or stop of it waits for its turn.
  var isQueued: Bool { !["", "0"].contains(values["Job"] ?? "") }

  /// Another one for each start; empty before the first, and when systemd has forgotten a unit that does not run.
  var invocation: String { values["InvocationID"] ?? "" }

  /// Whether it was started since it had an invocation.
  func wasStarted(since before: String) -> Bool { !invocation.isEmpty && invocation != before }

  /// - Parameter before: the invocation before the start that is asked about.
  func state(of unit: String, since before: String) -> DeploymentState {
    guard isLoaded else { return .failed("\(unit) cannot be loaded: \(values["LoadState"] ?? "")") }
    let text = values["StatusText"].map { $0.isEmpty ? "" : ": \($0.excerpt(200))" } ?? ""
    let states = "\(unit) is \(values["ActiveState"] ?? "") (\(values["SubState"] ?? ""))\(text)"
    switch values["ActiveState"] {
    case "active" where wasStarted(since: before), "reloading" where wasStarted(since: before): return .ready
    case "failed":
      let result = "result \(values["Result"] ?? ""), status \(values["ExecMainStatus"] ?? "")"
      return .failed("\(unit) has failed: \(result)\(text)")
    case "inactive" where !isQueued: return .failed("\(unit) has ended")
    default: return .starting(states)
    }
  }
}
