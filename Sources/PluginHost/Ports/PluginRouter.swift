import PipelineModel
import PluginKit

/// A router that is a program of its own.
struct PluginRouter: TrafficRouter {
  let connection: PluginConnection
  /// For one call; the controller waits longer.
  static let timeout = Interval.seconds(20)

  var name: String { connection.backend.name }

  func setWeight(_ change: WeightChange) async throws(Failure) {
    let attempt = "could not set the weight of \(name)/\(change.route) to \(change.weight)"
    let given = try await share(attempt) { () async throws(Failure) in
      try await connection.call(.setWeight, Wire.SetWeight(change, within: Self.timeout), within: Self.timeout)
    }
    guard given == change.weight else { throw Failure(.transient, "\(attempt): the plugin says it is \(given)") }
  }

  func weight(of candidate: Slot, on route: String) async throws(Failure) -> Weight {
    let attempt = "could not read the weight of \(name)/\(route)"
    guard connection.kind.capabilities(with: connection.backend.settings).contains(.readBack) else {
      throw Failure(.misconfigured, "\(attempt): its plugin cannot be asked")
    }
    return try await share(attempt) { () async throws(Failure) in try await readBack(candidate, route) }
  }

  func readBack(_ candidate: Slot, _ route: String) async throws(Failure) -> Wire.Share {
    let params = Wire.ReadBack(route: route, candidate: candidate, within: Self.timeout)
    return try await connection.call(.readBack, params, within: Self.timeout)
  }

  func share(
    _ attempt: String, _ call: () async throws(Failure) -> Wire.Share
  ) async throws(Failure) -> Weight {
    let share: Wire.Share
    do throws(Failure) { share = try await call() } catch {
      throw error.told("\(attempt): \(error.message)")
    }
    if let weight = share.weight { return weight }
    throw Failure(.misconfigured, "\(attempt): the plugin answered \(share.percent) %, which is no share")
  }
}
