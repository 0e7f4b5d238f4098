import Controller
import Engine
import PipelineModel
import Proofs

/// Goes through a store's archived entries as if they were still in it.
struct ArchiveAudit {
  /// Where the store goes on.
  private(set) var end = EntryMeaning.Neighbour(sequence: 0, hash: .origin)
  private(set) var meaning: EntryMeaning
  private(set) var tree: RangeTree?
  private(set) var finding: AuditFinding?

  init(_ folder: ArchiveFolder, _ extent: JournalExtent, sizes: [Int64]?) throws {
    meaning = EntryMeaning(after: 0, behind: extent.base, reaching: extent.meaning.reach)
    tree = sizes.map { RangeTree(after: 0, sizes: $0, table: nil) }
    for stored in folder.segments {
      do {
        finding = try check(stored.segment, folder.file(of: stored.segment), extent.store)
      } catch let failure as JournalFailure {
        finding = AuditFinding(end.sequence + 1, .archive(what: failure.description))
      }
      if finding != nil { return }
    }
  }

  private mutating func check(_ segment: SealedSegment, _ file: SegmentFile, _ store: String) throws -> AuditFinding? {
    guard segment.first == end.sequence + 1, segment.before == end.hash.hex else {
      return bad(file, "it does not go on where the one before it ends, at entry \(end.sequence)")
    }
    var found: AuditFinding?
    let trailer = try file.forEachLine { line in
      found = try take(line, file)
      return found == nil
    }
    if let found { return found }
    guard end.sequence == segment.last, end.hash.hex == segment.after else {
      return bad(file, "its entries are not those that were moved there: something in it was changed")
    }
    guard let trailer, trailer.isOf(segment, store: store) else {
      return bad(file, "its last line does not say what the store says of it")
    }
    return try finding(of: trailer, segment, file)
  }

  private mutating func take(_ line: UnsafeRawBufferPointer, _ file: SegmentFile) throws -> AuditFinding? {
    let hash = end.hash.next(line)
    if let found = meaning.check(line, hash, end.sequence + 1, &end) { return bad(file, found.description) }
    _ = try tree?.append(line, hash)
    return nil
  }

  private func finding(of trailer: SegmentFile.Trailer, _ segment: SealedSegment, _ file: SegmentFile) throws
    -> AuditFinding?
  {
    if let tree, tree.grown.piece.root.bytes.hex != segment.root { return bad(file, "the root of its tree is another") }
    guard let text = trailer.checkpoint else { return nil }
    guard let note = try? SignedNote(text), let checkpoint = try? Checkpoint(note.text),
      checkpoint.size == segment.last,
      checkpoint.root.bytes.hex == segment.root
    else { return bad(file, "the checkpoint in its last line is not one of its entries") }
    return nil
  }

  private func bad(_ file: SegmentFile, _ what: String) -> AuditFinding {
    AuditFinding(end.sequence + 1, .archive(what: "\(file.path): \(what)"))
  }
}
