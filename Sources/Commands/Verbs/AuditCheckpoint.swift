import ArgumentParser
import Controller
import Engine
import Foundation
import PipelineModel
import Proofs
import SQLiteStore

struct AuditCheckpoint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Signs for the log as it is now, and prints the checkpoint.",
    discussion: """
      A checkpoint says how many entries there are and what they are, signed by the key of headgate.yaml. Whoever keeps \
      it can show later that nothing up to there was changed or cut off. Controllers sign by themselves; this is for one \
      more.

      EXAMPLES
        headgate audit checkpoint >> kept/checkpoints.txt
        headgate audit checkpoint --list
      """)

  @Flag(help: "Prints those that the log has, and signs none.") var list = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions

  func run() throws {
    let access = try StoreAccess(store)
    let reading = try access.reading()
    if list {
      for known in try reading.recorded() { Console.write(CheckpointFile.text(of: known.note)) }
      return
    }
    guard let signatory = try Signatory(store) else {
      throw Stop(
        code: .wrongUsage,
        description: "nobody signs here: make a key with `headgate audit key new`, and name it in headgate.yaml: "
          + "`audit: { key: { secret: NAME } }`")
    }
    let signer = try signatory.signer()
    if let last = try reading.lastCheckpoint() {
      try reading.mustBe(last.note, signer.verifier)
      if signer.verifier.verifies(last.note), try reading.head().sequence == last.size + last.records {
        return Console.write(CheckpointFile.text(of: last.note))
      }
    }
    let note = try reading.sign(signer)
    let size = try Checkpoint(note.text).size
    _ = try Door(access: access, identity: identity).ask(
      .audit(.checkpointed(size: size, note: note.description)))
    Console.write(CheckpointFile.text(of: note))
  }
}

extension ReadingStore {
  fileprivate func sign(_ signer: NoteSigner) throws -> SignedNote {
    let head = try treeHead()
    let checkpoint = Checkpoint(
      origin: signer.verifier.name, size: head.size, root: head.root, chain: head.chain, time: .wall,
      store: try self.head().store)
    return try signer.sign(checkpoint.text)
  }

  /// Nothing is signed for a journal that is not the one that was signed for before.
  fileprivate func mustBe(_ note: SignedNote, _ verifier: NoteVerifier) throws {
    guard verifier.verifies(note), let checkpoint = try? Checkpoint(note.text),
      let root = try? root(of: checkpoint.size), root != checkpoint.root
    else { return }
    throw Stop.negative(
      "the log is not what was signed for when it had \(checkpoint.size) entries, so it is not signed for now; "
        + "`headgate audit verify --tree` says where")
  }
}
