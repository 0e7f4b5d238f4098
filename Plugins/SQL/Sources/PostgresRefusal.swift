import PipelineModel
import PluginKit

/// What PostgreSQL means when it refuses.
enum PostgresRefusal {
  /// The field of a result that has the SQLSTATE, `PG_DIAG_SQLSTATE`, a character.
  private static let stateField = Int32(UInt8(ascii: "C"))

  static func of(_ result: LibPQ.Handle, _ pq: LibPQ) -> Failure {
    let state = pq.resultField(result, stateField).map { String(cString: $0) } ?? ""
    let message = pq.resultMessage(result).map { String(cString: $0) } ?? "no reason given"
    return Failure(kind(ofState: state), "\(message.excerpt(300))\(state.isEmpty ? "" : " (\(state))")")
  }

  /// By the classes of appendix A of PostgreSQL's manual.
  static func kind(ofState state: String) -> Failure.Kind {
    switch state.prefix(2) {
    case "", "08", "40", "53", "55", "57", "58", "XX": .transient
    case "28", "3D": .misconfigured
    default: state == "42501" ? .misconfigured : .rejected
    }
  }

  /// A connection that did not come about, or broke: libpq has words for it and no code.
  static func ofConnection(_ message: String) -> Failure {
    let passing = ["starting up", "shutting down", "recovery", "too many", "connection slots", "terminating"]
    let isRefused = message.contains("FATAL:") && !passing.contains { message.contains($0) }
    let isTrust = [
      "certificate verify failed", "root certificate file", "does not support SSL", "no password supplied",
    ]
    let isOurs = isRefused || isTrust.contains { message.contains($0) }
    let said = message.excerpt(300)
    return Failure(isOurs ? .misconfigured : .transient, said.isEmpty ? "the connection broke off" : said)
  }
}
