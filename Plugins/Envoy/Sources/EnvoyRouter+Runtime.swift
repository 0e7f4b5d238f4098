import PipelineModel
import PluginKit

extension EnvoyRouter {
  func set(_ green: Weight, _ route: EnvoyRoute, _ prefix: String) async throws(Failure) {
    // Also tells whether any route reads these keys.
    _ = try await self.green(of: route, prefix)
    try await admin.modify([
      "\(prefix).\(route.blue)": 10_000 - green.basisPoints, "\(prefix).\(route.green)": green.basisPoints,
    ])
    let found = try await self.green(of: route, prefix)
    guard found == green else {
      let given = found?.description ?? "no cluster any weight"
      throw Failure(.transient, "envoy took it, and gives \(given) to slot green")
    }
  }

  /// The runtime's values stand over those of the configuration.
  func green(of route: EnvoyRoute, _ prefix: String) async throws(Failure) -> Weight? {
    let splits = try await admin.splits().filter { $0.prefix == prefix && $0.splits(route) }
    guard var split = splits.first else {
      try await admin.checkLive()
      throw Self.noSplit(route, "with the runtime_key_prefix \"\(prefix.excerpt(60))\"")
    }
    let runtime = try await admin.runtime()
    for name in split.weights.keys { split.weights[name] = runtime["\(prefix).\(name)"] ?? split.weights[name] }
    return try split.green(of: route)
  }
}
