/// One thing that a port promises, and the way to try it on something that claims to keep it.
///
/// The promises of a port stand in one list: `PluginTestKit` makes issues of a test of them, `headgate plugin check` lines
/// for people.
package struct Promise: Sendable {
  /// A phrase without a verb of duty: "25% for green, set once".
  package var name: String
  /// Tries it. Empty: it is kept.
  package var complaints: @Sendable () async -> [String]

  package init(_ name: String, _ complaints: @escaping @Sendable () async -> [String]) {
    self.name = name
    self.complaints = complaints
  }

  /// One whose trial cannot complain of more than one thing.
  package init(_ name: String, complaint: @escaping @Sendable () async -> String?) {
    self.init(name) { await complaint().map { [$0] } ?? [] }
  }
}

/// Something whose promises can be tried.
package protocol Harness: Sendable {
  /// In the order they are to be tried: later ones build on what earlier ones left.
  var promises: [Promise] { get }
}
