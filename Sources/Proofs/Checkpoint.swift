package import PipelineModel

/// What a log had in it when somebody signed: the text of a note as C2SP's tlog-checkpoint has it.
///
/// Three lines are the standard's: the log's name, how many entries, and the root of the tree over them. Three more are
/// ours, and others need not know them: `chain-sha256`, `time` and `store`.
package struct Checkpoint: Hashable, Sendable {
  /// The log's name; it is the name of the key that signs.
  package var origin: String
  /// The entries 1 to `size` are in it.
  package var size: Int64
  package var root: TreeHash
  /// The hash chain at entry `size`, 32 bytes; `nil` in checkpoints of others.
  package var chain: [UInt8]?
  /// When it was signed, by the signer's clock.
  package var time: Timestamp?
  /// The store's random name.
  package var store: String?

  package init(
    origin: String, size: Int64, root: TreeHash, chain: [UInt8]? = nil, time: Timestamp? = nil, store: String? = nil
  ) {
    self.origin = origin
    self.size = size
    self.root = root
    self.chain = chain
    self.time = time
    self.store = store
  }

  /// What is signed.
  package var text: String {
    var lines = [origin, "\(size)", root.base64]
    if let chain { lines.append("chain-sha256 \(chain.hex)") }
    if let time { lines.append("time \(time.rfc3339)") }
    if let store { lines.append("store \(store)") }
    return lines.map { $0 + "\n" }.joined()
  }

  package init(_ text: String) throws(NoteMistake) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    guard lines.count >= 3, text.hasSuffix("\n"), !lines.contains("") else {
      throw NoteMistake("a checkpoint has at least three lines, none of them empty: the log, its size and its root")
    }
    guard let size = Int64(lines[1]), size >= 0, "\(size)" == lines[1] else {
      throw NoteMistake("the second line of a checkpoint is the number of entries, not \u{201C}\(lines[1])\u{201D}")
    }
    guard let root = TreeHash(base64: lines[2]) else {
      throw NoteMistake("the third line of a checkpoint is the root of the tree, 32 bytes in base 64")
    }
    self.init(origin: lines[0], size: size, root: root)
    for line in lines.dropFirst(3) { try read(extension: line) }
  }

  private mutating func read(extension line: String) throws(NoteMistake) {
    let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard words.count == 2 else { return }
    switch words[0] {
    case "chain-sha256":
      guard let chain = [UInt8](hex: words[1]), chain.count == 32 else {
        throw NoteMistake("the line \u{201C}chain-sha256\u{201D} of a checkpoint is not 32 bytes in hexadecimal")
      }
      self.chain = chain
    case "time":
      guard let time = Array(words[1].utf8).withUnsafeBufferPointer({ Timestamp(rfc3339: $0) }) else {
        throw NoteMistake("the line \u{201C}time\u{201D} of a checkpoint is not a time")
      }
      self.time = time
    case "store": store = words[1]
    // Extension lines of others, which say nothing to us.
    default: return
    }
  }
}

/// A checkpoint with its note, and where it was read.
package struct SignedCheckpoint: Hashable, Sendable {
  package var checkpoint: Checkpoint
  package var note: SignedNote
  /// Line of the file it begins at, counted from 1; 0: of no file.
  package var line: Int

  package init(_ note: SignedNote, line: Int = 0) throws(NoteMistake) {
    checkpoint = try Checkpoint(note.text)
    self.note = note
    self.line = line
  }

  /// Signs, in the name of the key.
  package init(_ checkpoint: Checkpoint, by signer: NoteSigner) throws {
    self.checkpoint = checkpoint
    note = try signer.sign(checkpoint.text)
    line = 0
  }
}
