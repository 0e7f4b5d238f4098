import Controller
import Engine
import Foundation
import Logging
import PipelineModel
import SQLiteStore

/// Signs for what this process has written before it leaves, as a controller does: otherwise what was written last could be
/// cut off unseen while nobody drives.
struct SigningOff {
  let signatory: Signatory
  /// For those that keep checkpoints to take this one; who did not in time gets it from whoever drives next.
  private static let patience = Duration.seconds(2)

  func sign(for store: DrivingStore, _ conductor: Conductor) throws {
    let notary = Notary(
      tree: store, signer: try signatory.signer(), policy: signatory.signing.policy, store: store.head.store,
      sinks: signatory.signing.sinks, log: Logger(label: "headgate"))
    guard let fact = notary.last(.wall, head: conductor.head.sequence) else { return }
    try conductor.turn([.audit(fact)], now: .wall)
    let end = ContinuousClock.now + Self.patience
    while !notary.isIdle(.wall, head: conductor.head.sequence), ContinuousClock.now < end {
      Thread.sleep(forTimeInterval: 0.01)
    }
  }
}
