import Foundation

/// A proof that needs nothing else: JSON that somebody without the log can check.
package enum ProofDocument: Hashable, Sendable {
  /// An entry's canonical bytes, and the way from them to the root of a checkpoint.
  case inclusion(entry: String, index: Int64, path: [TreeHash], SignedNote)
  /// The way from an older checkpoint to a newer one.
  case consistency(old: SignedNote, new: SignedNote, path: [TreeHash])

  private struct Stored: Codable {
    var format: String
    var entry: String?
    var index: Int64?
    var path: [String]
    var checkpoint: String?
    var old, new: String?
  }

  private static let inclusionFormat = "headgate-inclusion-v1"
  private static let consistencyFormat = "headgate-consistency-v1"

  package init(json: [UInt8]) throws(NoteMistake) {
    guard let stored = try? JSONDecoder().decode(Stored.self, from: Data(json)) else {
      throw NoteMistake("it is not a proof: not the JSON that `headgate audit prove` and `audit consistency` write")
    }
    let path = stored.path.compactMap(TreeHash.init(base64:))
    guard path.count == stored.path.count else { throw NoteMistake("a hash of its path is not 32 bytes in base 64") }
    switch stored.format {
    case Self.inclusionFormat:
      guard let entry = stored.entry, let index = stored.index, let checkpoint = stored.checkpoint else {
        throw NoteMistake("a proof of inclusion has `entry`, `index`, `path` and `checkpoint`")
      }
      self = .inclusion(entry: entry, index: index, path: path, try SignedNote(checkpoint))
    case Self.consistencyFormat:
      guard let old = stored.old, let new = stored.new else {
        throw NoteMistake("a proof of consistency has `old`, `new` and `path`")
      }
      self = .consistency(old: try SignedNote(old), new: try SignedNote(new), path: path)
    default: throw NoteMistake("its format is \u{201C}\(stored.format)\u{201D}, which this version does not know")
    }
  }

  /// One line.
  package var json: String {
    let stored: Stored =
      switch self {
      case .inclusion(let entry, let index, let path, let note):
        Stored(
          format: Self.inclusionFormat, entry: entry, index: index, path: path.map(\.base64),
          checkpoint: note.description)
      case .consistency(let old, let new, let path):
        Stored(
          format: Self.consistencyFormat, path: path.map(\.base64), old: old.description, new: new.description)
      }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(stored)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  package var notes: [SignedNote] {
    switch self {
    case .inclusion(_, _, _, let note): [note]
    case .consistency(let old, let new, _): [old, new]
    }
  }

  /// Checks the path, not the signatures.
  ///
  /// - Throws: what does not fit.
  package func check() throws(NoteMistake) {
    switch self {
    case .inclusion(let entry, let index, let path, let note):
      let checkpoint = try Checkpoint(note.text)
      guard entry.hasPrefix("{\"seq\":\(index + 1),") else {
        throw NoteMistake("the entry does not say that it is number \(index + 1)")
      }
      let leaf = TreeHash.leaf(Array(entry.utf8))
      guard
        TreeHash.verifies(inclusion: path, of: leaf, at: index, size: checkpoint.size, root: checkpoint.root)
      else { throw NoteMistake("the path does not lead from the entry to the root of the checkpoint") }
    case .consistency(let old, let new, let path):
      let (older, newer) = (try Checkpoint(old.text), try Checkpoint(new.text))
      guard older.origin == newer.origin else { throw NoteMistake("the checkpoints are of two logs") }
      guard
        TreeHash.verifies(
          consistency: path, old: older.size, oldRoot: older.root, new: newer.size, newRoot: newer.root)
      else { throw NoteMistake("the path does not lead from the older checkpoint to the newer one") }
    }
  }
}
