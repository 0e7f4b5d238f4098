/// A share of traffic in basis points: 0 is none, 10 000 is all.
///
/// Always the share of the *candidate*, the version being rolled out.
@usableFromInline
package struct Weight: Hashable, Comparable, Sendable {
  /// 0 … 10 000.
  @usableFromInline package var basisPoints: Int

  @inlinable package init(basisPoints: Int) { self.basisPoints = basisPoints }

  @inlinable package static func percent(_ n: Int) -> Weight { Weight(basisPoints: n * 100) }
  @inlinable package static var none: Weight { Weight(basisPoints: 0) }
  @inlinable package static var all: Weight { Weight(basisPoints: 10_000) }

  @inlinable package static func < (a: Weight, b: Weight) -> Bool { a.basisPoints < b.basisPoints }

  /// 0 … 1.
  @inlinable package var fraction: Double { Double(basisPoints) / 10_000 }
}

extension Weight: CustomStringConvertible {
  /// `5%`, `0.5%`, `33.33%`.
  @usableFromInline package var description: String {
    let whole = basisPoints / 100
    let rest = basisPoints % 100
    if rest == 0 { return "\(whole)%" }
    if rest % 10 == 0 { return "\(whole).\(rest / 10)%" }
    return "\(whole).\(rest < 10 ? "0" : "")\(rest)%"
  }
}
