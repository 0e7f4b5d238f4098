import Controller
import Engine
import GRDB
import PipelineModel

extension Database {
  /// - Throws: for one that lies in an archive, when the archive is not given.
  func entry(_ sequence: Int64, archive: ArchiveFolder?) throws -> Entry? {
    if let entry = try entry(sequence) { return entry }
    guard try archivedPart().holding(sequence) != nil else { return nil }
    guard let archive else { throw try missing(sequence) }
    return try archive.entry(sequence)
  }

  /// Of those in an archive too, when it is given.
  func entries(of run: RunID, after first: Int64, archive: ArchiveFolder?) throws -> [Entry] {
    let archived = try archivedPart().last
    guard archived > first, let record = try self.run(run), record.first <= archived else {
      return try entries(of: run, after: first)
    }
    let start = max(record.first, first + 1)
    guard let archive else { throw try liesInArchive(start) }
    var old: [Entry] = []
    try archive.forEach(in: start...min(archived, record.last)) { sequence, bytes in
      if EntryHeader(canonical: bytes)?.run == run { old.append(try Entry(stored: bytes, at: sequence)) }
    }
    return old + (try entries(of: run, after: archived))
  }
}
