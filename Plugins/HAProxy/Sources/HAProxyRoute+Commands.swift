import PipelineModel
import PluginKit

extension HAProxyRoute {
  /// What the route gives when it is asked for `weight`.
  func nearest(to weight: Weight) -> Weight {
    switch self {
    case .servers: WeightPair(nearest: weight).share ?? weight
    case .share: weight
    case .live: weight.basisPoints < 5_000 ? .none : .all
    }
  }

  /// Why the route cannot be asked for `weight`; `nil` when it can.
  func refusal(of weight: Weight) -> String? {
    guard (0...10_000).contains(weight.basisPoints) else { return "a weight is from 0% to 100%" }
    let real = nearest(to: weight)
    switch self {
    case .live where real != weight:
      return "the route names one live backend, so it gives 0% or 100% and nothing between"
    case .servers where real != weight && (real == .none || real == .all):
      return "two server weights of at most 256 give no share that small; use a route with `map` and `key`"
    case .servers, .share, .live: return nil
    }
  }

  /// One line; every answer to it is empty when it was done.
  func settingCommand(_ weight: Weight, candidate: Slot) -> String {
    switch self {
    case .servers(let backend, let blue, let green):
      let pair = WeightPair(nearest: weight)
      let candidateCommand = "set weight \(backend)/\(candidate == .blue ? blue : green) \(pair.candidate)"
      let stableCommand = "set weight \(backend)/\(candidate == .blue ? green : blue) \(pair.stable)"
      // The larger one first: at no moment are both 0, which would serve nobody.
      return pair.candidate >= pair.stable
        ? "\(candidateCommand);\(stableCommand)" : "\(stableCommand);\(candidateCommand)"
    case .share(let map, let key, _), .live(let map, let key, _, _):
      return "set map \(map) \(key) \(mapValue(weight, candidate: candidate))"
    }
  }

  /// What the route's entry of the map holds for a weight; nothing where the route has no map.
  func mapValue(_ weight: Weight, candidate: Slot) -> String {
    switch self {
    case .servers: return ""
    case .share(_, _, let slot): return "\(slot == candidate ? weight.basisPoints : 10_000 - weight.basisPoints)"
    case .live(_, _, let blue, let green):
      let slot = weight == .none ? candidate.other : candidate
      return slot == .blue ? blue : green
    }
  }

  func readingCommand(candidate: Slot) -> String {
    switch self {
    case .servers(let backend, let blue, let green):
      let (first, second) = candidate == .blue ? (green, blue) : (blue, green)
      return "get weight \(backend)/\(first);get weight \(backend)/\(second)"
    case .share(let map, let key, _), .live(let map, let key, _, _):
      return "get map \(map) \(key)"
    }
  }

  /// The candidate's share from the answer to `readingCommand`.
  ///
  /// - Returns: `nil` when both servers have weight 0 and nobody is served, which setting the weight mends.
  /// - Throws: `rejected` when HAProxy answered with a refusal or with something that is not a share.
  func weight(in answer: String, candidate: Slot) throws(Failure) -> Weight? {
    switch self {
    case .servers: return try Self.share(ofServers: answer)
    case .share(_, _, let slot):
      let value = try mapValue(answer)
      guard let points = Int(value), (0...10_000).contains(points) else {
        throw Failure(.rejected, "the map holds \"\(value)\", where a share from 0 to 10000 is expected")
      }
      return Weight(basisPoints: slot == candidate ? points : 10_000 - points)
    case .live(_, _, let blue, let green):
      let value = try mapValue(answer)
      guard value == blue || value == green else {
        throw Failure(.rejected, "the map names backend \"\(value)\", which is neither \(blue) nor \(green)")
      }
      return (value == blue) == (candidate == .blue) ? Weight.all : Weight.none
    }
  }

  /// Two lines such as `95 (initial 100)`, the stable server's first.
  private static func share(ofServers answer: String) throws(Failure) -> Weight? {
    let numbers = answer.split(separator: "\n").map { line in line.split(separator: " ").first.flatMap { Int($0) } }
    guard numbers.count == 2, let stable = numbers[0], let candidate = numbers[1] else {
      throw Failure(.rejected, "haproxy answered \"\(oneLine(answer))\"")
    }
    return WeightPair(stable: stable, candidate: candidate).share
  }

  /// The value in a line such as `type=str, …, found=yes, …, key="shop", value="2500", type="sint"`.
  private func mapValue(_ answer: String) throws(Failure) -> String {
    guard answer.contains("found=yes"), let start = answer.firstRange(of: "value=\"")?.upperBound,
      let end = answer[start...].firstIndex(of: "\"")
    else {
      let hint = answer.contains("found=no") ? "; add a line for the key to the map's file" : ""
      throw Failure(.rejected, "haproxy answered \"\(oneLine(answer))\"\(hint)")
    }
    return String(answer[start..<end])
  }
}

/// An answer for a message: each line once.
func oneLine(_ answer: String) -> String {
  var lines: [String] = []
  for line in answer.split(separator: "\n").map({ $0.excerpt(120) }) where !lines.contains(line) { lines.append(line) }
  return lines.joined(separator: " / ").excerpt(200)
}
