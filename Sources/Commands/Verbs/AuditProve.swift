import ArgumentParser
import Controller
import Engine
import Foundation
import PipelineModel
import Proofs
import SQLiteStore

struct AuditProve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove", abstract: "Proves to somebody without the log that an entry is in it.",
    discussion: """
      Prints JSON that holds the entry, the way from it to the root of the Merkle tree, and a signed checkpoint of that \
      root: all that `headgate audit verify --proof` needs, and the public key.

      EXAMPLES
        headgate audit prove 1042 > entry-1042.json
        headgate audit prove 1042 --checkpoint kept/checkpoints.txt
      """)

  @Argument(help: "The entry's number.") var entry: Int64
  @Option(
    help: ArgumentHelp(
      "A file of checkpoints, of which the newest is taken; unless given, the newest that the log has itself.",
      valueName: "file"), completion: .file())
  var checkpoint: String?
  @OptionGroup var archive: ArchiveOption
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions

  func validate() throws {
    if entry < 1 { throw ValidationError("entries are numbered from 1; see `headgate audit list`") }
  }

  func run() throws {
    try AuditedReader(store, identity).note(.prove, "\(entry)")
    let access = try StoreAccess(store)
    let store = try access.reading(archive: archive.archive)
    let head = try store.head().sequence
    let known = try checkpoint.map { try ProofFiles.checkpoints($0) } ?? store.recorded()
    guard let newest = known.filter({ entry...max(entry, head) ~= $0.checkpoint.size }).last(by: \.checkpoint.size)
    else {
      throw Stop.negative(
        "no checkpoint that is at hand covers entry \(entry) of \(head); sign one with `headgate audit checkpoint`")
    }
    let (text, path) = try access.explained { () throws(JournalFailure) in
      try store.inclusion(of: entry, in: newest.checkpoint.size)
    }
    try ProofDocument.inclusion(entry: text, index: entry - 1, path: path, newest.note).printed()
  }
}

struct AuditConsistency: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consistency", abstract: "Proves to somebody without the log that one checkpoint grew out of another.",
    discussion: """
      Each is a file, of which the newest checkpoint is taken, or the number of entries of one that the log has itself.

      EXAMPLES
        headgate audit consistency last-year.txt checkpoints.txt > grown.json
        headgate audit consistency 1000 2000 > grown.json
      """)

  @Argument(help: "The older checkpoint.", completion: .file()) var old: String
  @Argument(help: "The newer one.", completion: .file()) var new: String
  @OptionGroup var archive: ArchiveOption
  @OptionGroup var store: StoreOptions

  func run() throws {
    let access = try StoreAccess(store)
    let store = try access.reading(archive: archive.archive)
    let (older, newer) = (try checkpoint(old, store), try checkpoint(new, store))
    let (from, to) = (older.checkpoint.size, newer.checkpoint.size)
    let head = try store.head().sequence
    guard from <= to else { throw Stop(code: .wrongUsage, description: "\(old) is the newer one; name it last") }
    guard to <= head else {
      throw Stop.negative("\(new) has \(to) entries, and the log has only \(head): its tail was cut off")
    }
    let path = try access.explained { () throws(JournalFailure) in try store.consistency(from: from, to: to) }
    try ProofDocument.consistency(old: older.note, new: newer.note, path: path).printed()
  }

  private func checkpoint(_ given: String, _ store: ReadingStore) throws -> SignedCheckpoint {
    if let size = Int64(given) {
      if let known = try store.recorded().first(where: { $0.checkpoint.size == size }) { return known }
      throw Stop.negative(
        "the log has no checkpoint of \(size) entries; `headgate audit checkpoint --list` shows which")
    }
    guard let newest = try ProofFiles.checkpoints(given).last(by: \.checkpoint.size) else {
      throw Stop.unknown("\(given) has no checkpoint")
    }
    return newest
  }
}

extension ReadingStore {
  /// The checkpoints that the journal has, in order.
  func recorded() throws -> [SignedCheckpoint] {
    try checkpoints(after: -1).compactMap { try? SignedCheckpoint($0) }
  }
}

extension ProofDocument {
  /// One that does not hold is not given out.
  fileprivate func printed() throws {
    do throws(NoteMistake) {
      try check()
    } catch {
      throw Stop.negative(
        "the log is not what was signed for: \(error). `headgate audit verify --checkpoint` says where")
    }
    Console.print(json)
  }
}

extension Sequence {
  fileprivate func last(by key: (Element) -> Int64) -> Element? { self.max { key($0) < key($1) } }
}
