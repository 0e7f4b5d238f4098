import PipelineModel
import PluginKit

/// What HAProxy reads when it is started or reloaded, kept in step with what was set while it runs.
///
/// Without it a reload puts every weight and map back to what the files say, until the next reading shows it and it is set
/// again; with it there is no such moment.
struct HAProxyKeeping: Sendable {
  /// The `server-state-file` of HAProxy's configuration; `nil`: weights of servers are not kept.
  var stateFile: WholeFile?
  /// Whether maps are written to the files that HAProxy reads them from.
  var keepsMaps: Bool
  /// Routes may share a file.
  var turn = Turn()

  /// Some 200 bytes a server, of every backend.
  private static let largestState = 1 << 25

  /// Keeps what the route has been set to.
  func keep(_ route: HAProxyRoute, _ weight: Weight, candidate: Slot, asking socket: RuntimeSocket)
    async throws(Failure)
  {
    switch route {
    case .servers:
      guard let stateFile else { return }
      try await turn.take { () async throws(Failure) in
        let state = try await socket.ask("show servers state", atMost: Self.largestState, whole: true)
        // It begins with the version of the format.
        guard state.hasPrefix("1\n") else {
          throw Failure(.rejected, "haproxy tells its servers' state in a form of its own: \"\(oneLine(state))\"")
        }
        try stateFile.replace(with: state + "\n\n")
      }
    case .share(let map, let key, _), .live(let map, let key, _, _):
      guard keepsMaps else { return }
      let value = route.mapValue(weight, candidate: candidate)
      try await turn.take { () async throws(Failure) in try Self.write(key, value, in: WholeFile(map)) }
    }
  }

  /// Changes the value of a key, and leaves every other line as it is.
  static func write(_ key: String, _ value: String, in file: WholeFile) throws(Failure) {
    guard let text = try file.text() else { throw Failure(.misconfigured, "there is no map file \(file.path)") }
    var isThere = false
    var lines: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isKey = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).first.map { $0 == key } ?? false
      // The first line of a key is the one that counts.
      if isKey, isThere { continue }
      lines.append(isKey ? "\(key) \(value)" : String(line))
      isThere = isThere || isKey
    }
    if !isThere { lines.insert("\(key) \(value)", at: 0) }
    let changed = lines.joined(separator: "\n")
    if changed != text { try file.replace(with: changed) }
  }
}
