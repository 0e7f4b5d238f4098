/// What is wrong with a definition, where, and how to mend it.
package struct FlagProblem: Hashable, Sendable, CustomStringConvertible {
  package enum Severity: String, Hashable, Sendable {
    /// A change that has it is refused.
    case error
    /// Probably not what was meant.
    case warning
  }

  package var severity: Severity
  package var place: JSONPlace
  /// Key of the flag it is about; `nil` of what is about the set.
  package var flag: String?
  /// One sentence without a full stop.
  package var message: String
  package var help: String?
  /// The variant that no rule can give.
  package var unreachable: String?

  /// `line 3, column 9: error: flag "new-checkout": there is no operator `iff``, and the help on a line of its own.
  package var description: String {
    let subject = flag.map { "flag \"\($0)\": " } ?? ""
    let first = "\(place): \(severity.rawValue): \(subject)\(message)"
    return help.map { "\(first)\n    \($0)" } ?? first
  }
}

/// Collects what is wrong, up to a bound.
struct FlagProblems {
  private(set) var all: [FlagProblem] = []
  private let lines: LineIndex
  /// The flag that is being read.
  var flag: String?

  static let most = 200

  init(_ bytes: [UInt8]) { lines = LineIndex(bytes) }

  mutating func add(
    _ message: String, at offset: Int, help: String? = nil, severity: FlagProblem.Severity = .error,
    unreachable: String? = nil
  ) {
    guard all.count < Self.most else { return }
    all.append(
      FlagProblem(
        severity: severity, place: lines.place(of: offset), flag: flag, message: message, help: help,
        unreachable: unreachable))
  }
}
