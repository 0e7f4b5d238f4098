package import PipelineModel

/// A router that can send copies of requests to the candidate, so that it works under real load before any user gets its
/// answers. Routers with the capability `mirror` are this, too.
package protocol MirroringRouter: TrafficRouter {
  /// Sends the candidate copies of this share of the requests, and drops its answers; 0 ends it.
  ///
  /// Copies do what requests do: only a candidate that writes nowhere, or elsewhere, may get them. Changes of the weight
  /// leave it. True on return: the router has been asked what it does now, and it does this. Twice is harmless.
  /// - Throws: `Failure`; `rejected` where a route of this kind cannot.
  func setMirror(_ change: WeightChange) async throws(Failure)

  /// The share that is copied to a slot as the router has it now.
  func mirror(to candidate: Slot, on route: String) async throws(Failure) -> Weight
}
