/// The weights of a ramp: explicit, whole, and always summing to 100 000, so that a step of the ramp moves one boundary
/// between two neighbours and nobody else.
package struct RampSplit: Hashable, Sendable {
  package struct Part: Hashable, Sendable {
    package var variant: String
    package var weight: Int

    package init(variant: String, weight: Int) {
      self.variant = variant
      self.weight = weight
    }
  }

  /// What the weights sum to: a thousandth of a percent is one.
  package static let sum = 100_000

  /// In the order of the rule.
  package private(set) var parts: [Part]

  /// Everybody has `shrinking`; `growing` stands before it.
  package init(growing: String, shrinking: String) {
    parts = [Part(variant: growing, weight: 0), Part(variant: shrinking, weight: Self.sum)]
  }

  /// Why a step is refused.
  package enum Refusal: Error, Hashable, Sendable {
    case noSuchVariant(String)
    /// Moving weight between them would move those who have what stands between.
    case notNeighbours(String, String)
    /// Beyond what both have together.
    case weightOutOfRange(Int)
    /// Two parts have the same variant, or the weights do not sum to 100 000.
    case notARamp
  }

  /// - Parameter parts: in the order of the rule.
  package init(parts: [Part]) throws(Refusal) {
    guard Set(parts.map { ByteKey($0.variant) }).count == parts.count, parts.allSatisfy({ $0.weight >= 0 }),
      parts.reduce(0, { $0 + $1.weight }) == Self.sum
    else { throw .notARamp }
    self.parts = parts
  }

  /// Gives `growing` a new weight, at the cost or to the gain of its neighbour only.
  package mutating func set(_ growing: String, to weight: Int, against shrinking: String) throws(Refusal) {
    let (a, b) = (try index(of: growing), try index(of: shrinking))
    guard abs(a - b) == 1 else { throw .notNeighbours(growing, shrinking) }
    let together = parts[a].weight + parts[b].weight
    guard 0...together ~= weight else { throw .weightOutOfRange(weight) }
    parts[a].weight = weight
    parts[b].weight = together - weight
  }

  private func index(of variant: String) throws(Refusal) -> Int {
    guard let index = parts.firstIndex(where: { $0.variant.hasSameBytes(as: variant) }) else {
      throw .noSuchVariant(variant)
    }
    return index
  }

  /// The rule, `{"fractional":[["on",1000],["off",99000]]}`.
  package var rule: JSONValue {
    let buckets = parts.map { JSONValue.list([.text($0.variant), .number(JSONNumber(Double($0.weight)))]) }
    return .object(JSONObject([("fractional", .list(buckets))]))
  }
}
