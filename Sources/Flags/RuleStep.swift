/// A turn that an evaluation took.
package enum RuleStep: Hashable, Sendable {
  /// A condition of an `if`, by its place in the rule: `/if/0/in`.
  case tested(place: String, holds: Bool)
  /// A `fractional`, by its place; the hash of its key and the sum of its weights say which bucket.
  case fell(place: String, bucket: Int, hash: UInt32, sum: Int64)
}

extension RuleStep: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tested(let place, let holds): "\(place) is \(holds ? "true" : "false")"
    case .fell(let place, let bucket, let hash, let sum):
      "\(place): hash \(hash) of weights that sum to \(sum) is bucket \(bucket + 1)"
    }
  }
}

/// Every turn, in order.
struct KeptTrail: RuleTrail {
  private(set) var steps: [RuleStep] = []
  private let program: Program

  init(_ program: Program) { self.program = program }

  mutating func tested(_ node: Int32, holds: Bool) {
    steps.append(.tested(place: program.places[Int(node)], holds: holds))
  }

  mutating func fell(_ node: Int32, into bucket: Int, hash: UInt32, of sum: Int64) {
    steps.append(.fell(place: program.places[Int(node)], bucket: bucket, hash: hash, sum: sum))
  }
}
