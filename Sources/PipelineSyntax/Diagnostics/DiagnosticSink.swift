import PipelineModel

/// Collects what is wrong with one file, so that its author sees everything at once.
final class DiagnosticSink {
  /// Beyond it diagnostics are counted, not kept: a hostile file must not make a hostile report.
  static let limit = 200

  let path: String
  private var found: [Diagnostic] = []
  private var seen: Set<Diagnostic> = []
  private var beyond = 0
  /// How many errors were reported so far, those included that are not kept.
  private(set) var errors = 0

  init(path: String) { self.path = path }

  var hasErrors: Bool { errors > 0 }

  /// Whether what is found from now on is only counted.
  var isFull: Bool { found.count >= Self.limit }

  func error(_ message: String, at place: Place, help: String? = nil, nearMiss: String? = nil) {
    add(.error, message, place, help, nearMiss)
  }

  func warning(_ message: String, at place: Place, help: String? = nil, nearMiss: String? = nil) {
    add(.warning, message, place, help, nearMiss)
  }

  /// "unknown key `stpes`, did you mean `steps`?", or what there is to choose from when nothing is near.
  func unknown(
    _ noun: String, _ written: String, among known: @autoclosure () -> [String], at place: Place, help: String? = nil
  ) {
    guard !isFull else { return error("", at: place) }
    let known = known()
    unknown(noun, written, near: nearMiss(of: written, among: known), among: known, at: place, help: help)
  }

  /// The same of a key, for which habits from elsewhere count as near, too.
  func unknownKey(_ noun: String, _ written: String, among known: [String], at place: Place) {
    guard !isFull else { return error("", at: place) }
    unknown(noun, written, near: nearKey(of: written, among: known), among: known, at: place, help: nil)
  }

  /// Warns of what is not used because of a mistake in it.
  ///
  /// - Returns: the mistake with its place, for whoever wants to use it all the same.
  func leavingOut(_ message: String, at place: Place, help: String?, nearMiss: String? = nil) -> String {
    let left = "it is left out until this is mended"
    add(.warning, message, place, help.map { "\(left): \($0)" } ?? left, nearMiss, leavesOut: true)
    return "\(path):\(place): \(message)"
  }

  /// Does the work, and takes back what errors it reports: they are the caller's to tell.
  func takingErrors<Value>(of work: () -> Value) -> (value: Value, errors: [Diagnostic]) {
    let before = (count: found.count, errors: errors)
    let value = work()
    // Beyond the limit they are not known, and stay what they are.
    guard !isFull else { return (value, []) }
    let taken = found[before.count...].filter { $0.severity == .error }
    found.removeAll(where: taken.contains)
    seen.subtract(taken)
    errors = before.errors
    return (value, taken)
  }

  private func unknown(
    _ noun: String, _ written: String, near: String?, among known: [String], at place: Place, help: String?
  ) {
    let quoted = "unknown \(noun) \(quote(written))"
    if let near {
      error("\(quoted), did you mean \(quote(near))?", at: place, help: help, nearMiss: near)
    } else {
      error(quoted, at: place, help: help ?? choices(noun, known))
    }
  }

  /// Everything in the order of the text.
  func sorted() -> [Diagnostic] {
    var all = found.sorted { a, b in
      a.place != b.place ? a.place < b.place : a.message < b.message
    }
    if beyond > 0, let last = all.last {
      all.append(Diagnostic(.error, path: path, place: last.place, message: "\(beyond) more not shown"))
    }
    return all
  }

  private func add(
    _ severity: Diagnostic.Severity, _ message: String, _ place: Place, _ help: String?, _ nearMiss: String?,
    leavesOut: Bool = false
  ) {
    if severity == .error { errors += 1 }
    guard !isFull else { return beyond += 1 }
    var diagnostic = Diagnostic(
      severity, path: path, place: place, message: message, help: help, nearMiss: nearMiss)
    diagnostic.leavesOut = leavesOut
    if seen.insert(diagnostic).inserted { found.append(diagnostic) }
  }

  private func choices(_ noun: String, _ known: [String]) -> String? {
    guard !known.isEmpty else { return nil }
    let shown = known.prefix(20).map(quote).joined(separator: ", ")
    return known.count > 20 ? "among others: \(shown)" : known.count == 1 ? "there is only \(shown)" : "one of \(shown)"
  }
}
