import Controller
import Engine
import PipelineModel
import Proofs

@testable import SQLiteStore

extension Journal {
  /// Moves the entries up to one into an archive, as a controller does: what is still needed goes before.
  ///
  /// - Returns: the numbers of what was carried forward.
  @discardableResult
  static func seal(_ path: String, through last: Int64, into archive: String, by signer: NoteSigner? = nil) throws
    -> [Int64]
  {
    let segment = try Store.openForReading(path).writeSegment(through: last, into: archive) { checkpoint in
      guard let signer else { return nil }
      var checkpoint = checkpoint
      checkpoint.origin = signer.verifier.name
      return try signer.sign(checkpoint.text)
    }
    return try seal(segment, path)
  }

  @discardableResult
  static func seal(_ segment: SealedSegment, _ path: String) throws -> [Int64] {
    let store = try Store.openForDriving(path)
    defer { store.close() }
    if let refusal = try store.refusal(ofSealing: segment) { throw refusal }
    let carried = try store.entriesToCarry(through: segment.last, besides: [])
    let facts = carried.map(AuditFact.carried) + [.sealed(segment)]
    let entries = facts.enumerated().map { index, fact in
      Entry(
        sequence: store.head.sequence + 1 + Int64(index), time: store.head.time, run: nil, actor: .person("ann"),
        fact: .audit(fact))
    }
    try store.append(Batch(entries: entries))
    return carried.map(\.original)
  }
}
