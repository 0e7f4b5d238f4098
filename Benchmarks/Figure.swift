/// One measured number beside what it is compared with.
struct Figure: CustomStringConvertible {
  var name: String
  var value: Double
  var unit: String
  /// What was measured beside it, in the same unit; `nil` for a number that stands alone.
  var peer: (name: String, value: Double)?
  var goal: String

  static let header = "name, value, unit, peer, peer value, ratio, goal"

  var description: String {
    let beside = peer.map { "\($0.name), \(rounded($0.value)), \(rounded(value / $0.value))" } ?? "-, -, -"
    return "\(name), \(rounded(value)), \(unit), \(beside), \(goal)"
  }

  private func rounded(_ value: Double) -> String {
    if value.magnitude >= 100 { return "\(Int64(value.rounded()))" }
    let digits = value.magnitude >= 1 ? 100.0 : 1000.0
    return "\((value * digits).rounded() / digits)"
  }
}
