import PipelineModel
import PluginKit

/// One `reverse_proxy` handler, whose upstreams are the two slots' addresses, each as often as its share asks for.
struct CaddyRoute: Hashable, Sendable {
  /// The handler's `@id`.
  var id: String
  /// What Caddy dials for each slot.
  var blue: String
  var green: String
  /// The `@id` of a route that stands before the one that splits, for requests with a header.
  var headers: String?

  /// Shares are whole numbers of upstreams in a list of this many at most.
  static let longest = 1000

  /// - Throws: `misconfigured`, saying what a route needs.
  init(_ settings: Settings, name: String) throws(Failure) {
    guard let id = settings.text("id"), !id.isEmpty, let blue = settings.text("blue"), !blue.isEmpty,
      let green = settings.text("green"), !green.isEmpty
    else {
      throw Failure(
        .misconfigured,
        "\(name): give `id` (the @id of a reverse_proxy handler), `blue` and `green` (addresses to dial)")
    }
    guard blue != green else {
      throw Failure(.misconfigured, "\(name): `blue` and `green` are both \(blue); the two slots must differ")
    }
    headers = settings.text("headers")
    self.id = id
    self.blue = blue
    self.green = green
  }

  func address(_ slot: Slot) -> String { slot == .blue ? blue : green }

  /// How many upstreams of green there are among how many, for the nearest share there is.
  static func entries(for share: Weight) -> (green: Int, all: Int) {
    let steps = 10_000 / longest
    let points = (share.basisPoints + steps / 2) / steps
    let divisor = Self.divisor(points, longest)
    return (points / divisor, longest / divisor)
  }

  static func nearest(to share: Weight) -> Weight {
    let entries = entries(for: share)
    return Weight(basisPoints: entries.green * 10_000 / entries.all)
  }

  /// The slots in the order of the list, green's spread evenly.
  static func order(for share: Weight) -> [Slot] {
    let entries = entries(for: share)
    return (0..<entries.all).map { index in
      (index + 1) * entries.green / entries.all > index * entries.green / entries.all ? .green : .blue
    }
  }

  private static func divisor(_ a: Int, _ b: Int) -> Int { a == 0 ? b : divisor(b % a, a) }
}
