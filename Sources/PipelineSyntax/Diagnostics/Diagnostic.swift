/// A mistake in a file, at its place, with what to do about it.
package struct Diagnostic: Hashable, Sendable {
  package enum Severity: String, Hashable, Sendable, CaseIterable {
    /// The file cannot be used.
    case error
    /// It can, but its author probably meant something else.
    case warning
  }

  package var severity: Severity
  /// As the file was named by whoever asked.
  package var path: String
  package var place: Place
  /// `false` of a file that could not be read: then `place` is its start, and people are shown none.
  package var hasPlace = true
  /// One sentence without a full stop; quotes what was written in backticks.
  package var message: String
  /// How to mend it.
  package var help: String?
  /// The name that was probably meant, where one is near enough; also part of `message`.
  package var nearMiss: String?
  /// A part of the file is not used because of it.
  package var leavesOut = false

  package init(
    _ severity: Severity, path: String, place: Place, message: String, help: String? = nil, nearMiss: String? = nil
  ) {
    self.severity = severity
    self.path = path
    self.place = place
    self.message = message
    self.help = help
    self.nearMiss = nearMiss
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `path:line:column: error: message`, and the help indented on a line of its own.
  package var description: String {
    let site = hasPlace ? "\(path):\(place)" : path
    let first = "\(site): \(severity.rawValue): \(message)"
    guard let help else { return first }
    return first + "\n    " + help.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n    ")
  }
}

/// What came of reading a file: the value when nothing is wrong with it, and everything there is to say.
package struct Parsed<Value> {
  /// `nil` exactly when `diagnostics` has an error.
  package var value: Value?
  /// In the order of their places.
  package var diagnostics: [Diagnostic]

  package init(value: Value?, diagnostics: [Diagnostic]) {
    self.value = value
    self.diagnostics = diagnostics
  }

  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

extension Parsed: Sendable where Value: Sendable {}
