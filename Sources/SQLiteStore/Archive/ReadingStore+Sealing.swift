package import Controller
package import Engine
import Foundation
import GRDB
package import PipelineModel
package import Proofs

/// Which entries could leave a store, and what holds the others there.
package struct Sealable: Hashable, Sendable {
  package var first: Int64
  /// Less than `first`: none can.
  package var last: Int64
  /// The run that has not ended and has the entry after `last`; `nil`: none, but their age, and that a segment ends at a
  /// multiple of 256.
  package var heldBy: RunID?

  package var isEmpty: Bool { last < first }
}

extension ReadingStore {
  /// The entries that are older than an instant, up to the first of a run that has not ended.
  package func sealable(before instant: Timestamp) throws(JournalFailure) -> Sealable {
    try read { db in
      let first = try db.archivedPart().last + 1
      var last = try db.firstEntry(at: instant) - 1
      var sealable = Sealable(first: first, last: last)
      if let first = try db.firstUnfinished(), first.sequence <= last {
        last = first.sequence - 1
        sealable.heldBy = first.run
      }
      // The last entry of all stays, so that there is always one to chain to.
      sealable.last = min(last, try db.journalHead().sequence - 1) / StoredTree.leavesOfARow * StoredTree.leavesOfARow
      return sealable
    }
  }

  /// Writes the entries from where the store begins to `last` into a file, and reads it again: on return it is on the disk,
  /// whole. The store is not changed.
  ///
  /// A file of that name is replaced: whatever wrote it before did not get to removing the entries.
  package func writeSegment(
    through last: Int64, into folder: String, sign: (Checkpoint) throws -> SignedNote?
  ) throws(JournalFailure) -> SealedSegment {
    try read { db in
      let part = try db.archivedPart()
      guard let before = part.hash else { throw unreadable("segments", "entry \(part.last)") }
      let draft = SegmentDraft(db, first: part.last + 1, last: last, before: before, folder: folder)
      return try draft.write(store: db.journalHead().store, sign)
    }
  }
}

/// A segment that is being written.
private struct SegmentDraft {
  let db: Database
  let first: Int64
  let last: Int64
  let before: ChainHash
  let folder: String

  init(_ db: Database, first: Int64, last: Int64, before: ChainHash, folder: String) {
    (self.db, self.first, self.last, self.before, self.folder) = (db, first, last, before, folder)
  }

  func write(store: String, _ sign: (Checkpoint) throws -> SignedNote?) throws -> SealedSegment {
    let name = SegmentFile.name(of: first...last, store: store)
    let path = "\(folder)/\(name)"
    // Another one may be at work here: what it writes is its own.
    let new = "\(path).\(getpid())-\(UUID().uuidString).new"
    let file = try DurableFile(new)
    var hash = before
    var count: Int64 = 0
    try EntrySource(db).forEach(in: first...last) { sequence, bytes in
      guard sequence == first + count else { throw damaged(first + count) }
      hash = hash.next(bytes)
      count += 1
      try file.append(bytes)
      try file.append([UInt8(ascii: "\n")])
    }
    guard count == last - first + 1, try isLink(hash) else { throw damaged(first + count) }
    let root = try StoredTree(db, EntrySource(db)).tree(last).root()
    let segment = SealedSegment(
      first: first, last: last, before: before.hex, after: hash.hex, root: root.bytes.hex, file: name)
    let checkpoint = Checkpoint(
      origin: "", size: last, root: root, chain: hash.withUnsafeBytes { Array($0) }, store: store)
    let trailer = SegmentFile.Trailer(segment, store: store, checkpoint: try sign(checkpoint))
    try file.append(SegmentFile.line(of: trailer))
    try file.finish()
    try check(SegmentFile(path: new), segment, trailer)
    try spare(path, for: segment, of: store)
    try file.rename(to: path)
    return segment
  }

  /// What has the name already is replaced only by what says the same, as after a crash; a journal that went another way,
  /// as one from a restored backup does, has its own to archive.
  private func spare(_ path: String, for segment: SealedSegment, of store: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let there = try? SegmentFile(path: path).forEachLine { _ in true }
    guard there?.isOf(segment, store: store) == true else {
      throw JournalFailure(
        .unusable, "\(path) is there already and holds something else; nothing was archived. Give another folder")
    }
  }

  private func isLink(_ hash: ChainHash) throws -> Bool {
    let rows = try Prepared(db, "SELECT hash FROM journal WHERE seq = ?1")
    rows.bind(1, last)
    defer { rows.reset() }
    return try rows.step() && ChainHash(rows.bytes(0)) == hash
  }

  /// What is on the disk is what was meant to be.
  private func check(_ file: SegmentFile, _ segment: SealedSegment, _ trailer: SegmentFile.Trailer) throws {
    var (hash, count) = (before, Int64(0))
    let read = try file.forEachLine { line in
      hash = hash.next(line)
      count += 1
      return true
    }
    guard read == trailer, hash.hex == segment.after, count == last - first + 1 else {
      throw JournalFailure(.unavailable, "\(file.path) does not read as it was written. Look at the disk")
    }
  }
}

/// A file that is on the disk, and under its name, when it is said to be.
private final class DurableFile {
  private let path: String
  private let descriptor: Int32
  private var hasItsName = false
  private var buffer: [UInt8] = []

  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw Self.failure(path) }
  }

  /// What did not get its name goes.
  deinit {
    close(descriptor)
    if !hasItsName { unlink(path) }
  }

  func append(_ bytes: some Sequence<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count > 1 << 20 { try flush() }
  }

  func finish() throws {
    try flush()
    if fsync(descriptor) != 0 { throw Self.failure(path) }
  }

  func rename(to name: String) throws {
    guard Foundation.rename(path, name) == 0 else { throw Self.failure(name) }
    hasItsName = true
    let folder = open(URL(fileURLWithPath: name).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(folder) }
    if folder < 0 || fsync(folder) != 0 { throw Self.failure(name) }
  }

  private func flush() throws {
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes {
        write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.failure(path)
      }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func failure(_ path: String) -> JournalFailure {
    JournalFailure(
      .unavailable, "\(path) cannot be written: \(String(cString: strerror(errno))). Nothing was removed from the store"
    )
  }
}
