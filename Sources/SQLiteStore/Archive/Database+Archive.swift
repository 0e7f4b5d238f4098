import Controller
import Engine
import GRDB
import PipelineModel

extension Database {
  func entry(_ sequence: Int64, archive: ArchiveFolder?) throws -> Entry? {
    if let entry = try entry(sequence) { return entry }
    guard 1...max(1, try archivedPart().last) ~= sequence, try archivedPart().last > 0 else { return nil }
    guard let archive else { throw try missing(sequence) }
    var found: Entry?
    try archive.forEach(in: sequence...sequence) { found = try Entry(stored: $1, at: $0) }
    return found
  }

  /// Of those in an archive too, when it is given.
  func entries(of run: RunID, after first: Int64, archive: ArchiveFolder?) throws -> [Entry] {
    let archived = try archivedPart().last
    guard archived > first, let record = try self.run(run), record.first <= archived else {
      return try entries(of: run, after: first)
    }
    guard let archive else { throw liesInArchive(max(record.first, first + 1), archived: archived) }
    var old: [Entry] = []
    try archive.forEach(in: max(record.first, first + 1)...min(archived, record.last)) { sequence, bytes in
      if EntryHeader(canonical: bytes)?.run == run { old.append(try Entry(stored: bytes, at: sequence)) }
    }
    return old + (try entries(of: run, after: archived))
  }
}
