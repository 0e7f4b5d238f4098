import PipelineModel
import Proofs
import Testing

// Notes and keys are those of Go's sumdb: its published key, text and signature are read, checked and made again. No byte
// of a note or a key can be changed unseen.

@Suite struct NoteTests {
  private static let publicKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
  private static let privateKey =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
  private static let text =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  private static let note =
    text + "\n\u{2014} PeterNeumann "
    + "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

  @Test func `the published note verifies`() throws {
    let verifier = try NoteVerifier(Self.publicKey)
    let note = try SignedNote(Self.note)
    #expect(note.text == Self.text)
    #expect(note.description == Self.note)
    #expect(verifier.verifies(note))
    #expect(verifier.description == Self.publicKey)
  }

  @Test func `the published key makes a note that verifies`() throws {
    let signer = try NoteSigner(Self.privateKey)
    #expect(signer.secret == Self.privateKey)
    #expect(signer.description == Self.publicKey)
    #expect(signer.verifier.verifies(try signer.sign(Self.text)))
    #expect(!signer.verifier.verifies(SignedNote(text: Self.text)))
  }

  @Test func `every byte of a note matters`() throws {
    let verifier = try NoteVerifier(Self.publicKey)
    let bytes = Array(Self.note.utf8)
    for position in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[position] ^= 1 << UInt8(bit)
        guard let text = String(validating: changed, as: UTF8.self), let note = try? SignedNote(text) else { continue }
        #expect(!verifier.verifies(note), "bit \(bit) of byte \(position)")
      }
    }
    for position in bytes.indices {
      var shorter = bytes
      shorter.remove(at: position)
      guard let text = String(validating: shorter, as: UTF8.self), let note = try? SignedNote(text) else { continue }
      #expect(!verifier.verifies(note), "without byte \(position)")
    }
  }

  @Test func `every byte of a public key matters`() throws {
    let bytes = Array(Self.publicKey.utf8)
    for position in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[position] ^= 1 << UInt8(bit)
        guard let text = String(validating: changed, as: UTF8.self) else { continue }
        #expect(throws: NoteMistake.self) { try NoteVerifier(text) }
      }
    }
    for end in bytes.indices {
      #expect(throws: NoteMistake.self) { try NoteVerifier(String(Self.publicKey.prefix(end))) }
    }
  }

  @Test func `a refused private key is never in the refusal`() {
    for written in ["PRIVATE+KEY+a+00000000+c2VjcmV0", "c2VjcmV0", "PRIVATE+KEY+a b+c2VjcmV0+c2VjcmV0"] {
      let mistake = #expect(throws: NoteMistake.self) { try NoteSigner(written) }
      #expect(mistake?.description.contains("c2VjcmV0") == false)
    }
  }

  @Test func `a signature of another key, or of another name, is none`() throws {
    let (ours, theirs) = (try NoteSigner(name: "example.com/log"), try NoteSigner(name: "example.com/log"))
    let note = try ours.sign("a\n")
    #expect(ours.verifier.verifies(note))
    #expect(!theirs.verifier.verifies(note))
    var renamed = note
    renamed.signatures[0].name = "example.com/other"
    #expect(!ours.verifier.verifies(renamed))
    var both = note
    both.signatures += try theirs.sign("a\n").signatures
    #expect(ours.verifier.verifies(both))
    #expect(theirs.verifier.verifies(both))
    // One that is right beside one that is not is no signature.
    both.signatures += try ours.sign("b\n").signatures
    #expect(!ours.verifier.verifies(both))
  }

  @Test(arguments: ["", "a b", "a+b", "a\nb", "a\u{2003}b", "\u{85}"])
  func `a name that would not survive in a note is refused`(_ name: String) {
    #expect(throws: NoteMistake.self) { try NoteSigner(name: name) }
  }
}

@Suite struct CheckpointTests {
  private let checkpoint = Checkpoint(
    origin: "example.com/log", size: 42, root: .leaf([1, 2, 3]), chain: Array(repeating: 7, count: 32),
    time: Timestamp(milliseconds: 1_795_266_300_123), store: "0011223344556677")

  @Test func `a checkpoint has the standard's three lines and ours`() throws {
    let lines = checkpoint.text.split(separator: "\n")
    #expect(lines.count == 6)
    #expect(lines[0] == "example.com/log")
    #expect(lines[1] == "42")
    #expect(lines[2].hasSuffix("="))
    #expect(lines[3] == "chain-sha256 \(String(repeating: "07", count: 32))")
    #expect(lines[4] == "time 2026-11-21T13:05:00.123Z")
    #expect(lines[5] == "store 0011223344556677")
    #expect(try Checkpoint(checkpoint.text) == checkpoint)
  }

  @Test func `the standard's own example is read`() throws {
    let read = try CheckpointFile.read(
      """
      example.com/behind-the-sofa
      20852163
      CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

      \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

      """)
    #expect(read.map(\.checkpoint.size) == [20_852_163])
    #expect(read.map(\.checkpoint.origin) == ["example.com/behind-the-sofa"])
    #expect(read[0].checkpoint.chain == nil)
  }

  @Test func `an extension line of others is left alone`() throws {
    let read = try Checkpoint(checkpoint.text + "something else\nalone\n")
    #expect(read == checkpoint)
  }

  @Test(arguments: [
    "a\n1\n", "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n", "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
    "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nchain-sha256 12\n", "",
  ])
  func `what is no checkpoint is refused`(_ text: String) {
    #expect(throws: NoteMistake.self) { try Checkpoint(text) }
  }

  @Test func `a file of checkpoints is read in order, each with its line`() throws {
    let signer = try NoteSigner(name: "example.com/log")
    var file = ""
    for size in 1...3 {
      var next = checkpoint
      next.size = Int64(size)
      file += CheckpointFile.text(of: try SignedCheckpoint(next, by: signer).note)
    }
    let read = try CheckpointFile.read(file)
    #expect(read.map(\.checkpoint.size) == [1, 2, 3])
    #expect(read.map(\.line) == [1, 10, 19])
    #expect(read.allSatisfy { signer.verifier.verifies($0.note) })
    let mistake = #expect(throws: CheckpointFile.Mistake.self) {
      try CheckpointFile.read(file + "example.com/log\nmany\n\n")
    }
    #expect(mistake?.line == 28)
    #expect(throws: CheckpointFile.Mistake.self) { try CheckpointFile.read("\n") }
  }
}

@Suite struct ProofDocumentTests {
  private let signer: NoteSigner
  private let entries = (1...9).map { "{\"seq\":\($0),\"time\":\"2026-11-21T13:05:00.123Z\"}" }
  private let grove: Grove

  init() throws {
    signer = try NoteSigner(name: "example.com/log")
    grove = Grove(entries.map { Array($0.utf8) })
  }

  private func note(_ size: Int) throws -> SignedNote {
    try signer.sign(Checkpoint(origin: "example.com/log", size: Int64(size), root: grove.root(0..<size)).text)
  }

  private func proof(of index: Int, in size: Int = 9) throws -> ProofDocument {
    .inclusion(
      entry: entries[index], index: Int64(index), path: try grove.tree(Int64(size)).inclusion(of: Int64(index)),
      try note(size))
  }

  private func holds(_ document: ProofDocument) -> Bool {
    (try? document.check()) != nil && document.notes.allSatisfy(signer.verifier.verifies)
  }

  @Test func `a proof comes back from its JSON, and holds`() throws {
    for index in entries.indices {
      let document = try proof(of: index)
      #expect(try ProofDocument(json: Array(document.json.utf8)) == document)
      #expect(holds(document))
    }
    for old in 1...9 {
      let document = ProofDocument.consistency(
        old: try note(old), new: try note(9), path: try grove.tree(9).consistency(with: Int64(old)))
      #expect(try ProofDocument(json: Array(document.json.utf8)) == document)
      #expect(holds(document))
    }
  }

  @Test func `every byte of a proof matters`() throws {
    let document = try proof(of: 4)
    let bytes = Array(document.json.utf8)
    var others = 0
    for position in bytes.indices {
      for bit in 0..<7 {
        var changed = bytes
        changed[position] ^= 1 << UInt8(bit)
        guard let read = try? ProofDocument(json: changed) else { continue }
        others += 1
        // JSON says the same in several ways: an escape in another form is no change.
        #expect(!holds(read) || read == document, "bit \(bit) of byte \(position)")
      }
    }
    #expect(others > 0)
  }

  @Test func `a proof of another entry, or from another log, does not hold`() throws {
    guard case .inclusion(let entry, let index, let path, let note) = try proof(of: 4) else { return }
    for other in entries.indices where other != 4 {
      #expect(!holds(.inclusion(entry: entries[other], index: index, path: path, note)))
      #expect(!holds(.inclusion(entry: entries[other], index: Int64(other), path: path, note)))
      #expect(!holds(.inclusion(entry: entry, index: Int64(other), path: path, note)))
    }
    let stranger = try NoteSigner(name: "example.com/log").sign(note.text)
    #expect(!holds(.inclusion(entry: entry, index: index, path: path, stranger)))
    let elsewhere = try signer.sign(
      Checkpoint(origin: "example.com/other", size: 9, root: grove.root(0..<9)).text)
    #expect(!holds(.consistency(old: try self.note(4), new: elsewhere, path: try grove.tree(9).consistency(with: 4))))
  }
}
