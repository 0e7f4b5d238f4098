/// A flag in one environment. The same key in another environment is another flag.
package struct FlagName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var environment: String
  package var key: String

  package init(environment: String, key: String) {
    self.environment = environment
    self.key = key
  }

  package static func < (a: FlagName, b: FlagName) -> Bool { (a.environment, a.key) < (b.environment, b.key) }

  /// `new-checkout in production`
  package var description: String { "\(key) in \(environment)" }
}
