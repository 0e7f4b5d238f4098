package import PipelineModel

/// Brings a version up in a slot, and takes it down. Slow work is started, then asked about, so that a restarted
/// controller picks it up again by its key.
package protocol Deployer: Sendable {
  /// Begins to bring the version up. Twice with the same key is once.
  func start(_ deployment: Deployment) async throws(Failure)

  /// How far it is. `failed` is final; a backend that cannot be asked throws.
  func state(of deployment: Deployment) async throws(Failure) -> DeploymentState

  /// Takes the slot's version down, and ends every start for the slot that is still under way, whatever its key: none
  /// may bring anything up afterwards. The key is that of the wish to stop, so it is not that of any start.
  ///
  /// True on return: nothing of it runs. Twice is harmless, so is nothing to stop.
  func stop(_ deployment: Deployment) async throws(Failure)
}

package struct Deployment: Hashable, Sendable {
  package var service: String
  package var environment: String
  package var version: String
  package var slot: Slot
  package var key: String

  package init(service: String, environment: String, version: String, slot: Slot, key: String) {
    self.service = service
    self.environment = environment
    self.version = version
    self.slot = slot
    self.key = key
  }
}

package enum DeploymentState: Hashable, Sendable {
  /// With a few words on what it waits for.
  case starting(String)
  case ready
  case failed(String)
}
