import Controller
import Engine
import Foundation
import PipelineModel
import Proofs

/// Entries that were moved out of a store: the canonical bytes of one on each line, and a last line that says which they
/// are.
struct SegmentFile {
  let path: String

  /// The last line.
  struct Trailer: Codable, Hashable {
    struct Extent: Codable, Hashable {
      var store: String
      var first: Int64
      var last: Int64
      var before: String
      var after: String
      var root: String
    }
    var segment: Extent
    /// A note that signs for the entries 1 to `last`; absent when nobody signs.
    var checkpoint: String?

    init(_ segment: SealedSegment, store: String, checkpoint: SignedNote?) {
      self.segment = Extent(
        store: store, first: segment.first, last: segment.last, before: segment.before, after: segment.after,
        root: segment.root)
      self.checkpoint = checkpoint?.description
    }

    func isOf(_ segment: SealedSegment, store: String) -> Bool {
      self.segment == Trailer(segment, store: store, checkpoint: nil).segment
    }
  }

  /// Several stores may share a folder.
  static func name(of range: ClosedRange<Int64>, store: String) -> String {
    "journal-\(store)-\(padded(range.lowerBound))-\(padded(range.upperBound)).segment.jsonl"
  }

  private static func padded(_ number: Int64) -> String {
    String(repeating: "0", count: max(0, 12 - "\(number)".count)) + "\(number)"
  }

  /// Goes through the lines of entries until `visit` returns `false`.
  ///
  /// - Returns: the last line; `nil` when `visit` ended it before.
  /// - Throws: `JournalFailure` when there is no such file, or it does not end as it must.
  func forEachLine(_ visit: (UnsafeRawBufferPointer) throws -> Bool) throws -> Trailer? {
    return try contents().withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count {
        guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { break }
        let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        start = end + 1
        if start == bytes.count { return try trailer(line) }
        if try !visit(line) { return nil }
      }
      throw JournalFailure(.unusable, "the archive's file \(path) ends in the middle: it was cut off")
    }
  }

  func contents() throws -> Data {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
      throw JournalFailure(.unusable, "the archive's file \(path) cannot be read: is the archive whole?")
    }
  }

  private func trailer(_ line: UnsafeRawBufferPointer) throws -> Trailer {
    guard let trailer = try? JSONDecoder().decode(Trailer.self, from: Data(line)) else {
      throw JournalFailure(
        .unusable, "the archive's file \(path) does not end with the line that says what it holds: it was cut off")
    }
    return trailer
  }

  /// As it is written.
  static func line(of trailer: Trailer) throws -> [UInt8] { Array("\(try json(trailer))\n".utf8) }
}

/// The files of a store's archived entries.
package struct ArchiveFolder {
  let path: String
  let segments: [StoredSegment]
  private let lines: SegmentLines

  init(_ path: String, _ part: ArchivedPart, _ lines: SegmentLines = SegmentLines()) {
    self.path = path
    self.lines = lines
    segments = part.segments
  }

  /// `nil`: it lies in no segment.
  func entry(_ sequence: Int64) throws -> Entry? {
    guard let stored = segments.first(where: { $0.segment.first <= sequence && sequence <= $0.segment.last }) else {
      return nil
    }
    let file = try file(of: stored.segment)
    return try lines.withLine(Int(sequence - stored.segment.first), of: file) { line in
      guard let line, EntryHeader(canonical: line)?.sequence == sequence else { throw misplaced(sequence, file) }
      return try Entry(stored: line, at: sequence)
    }
  }

  /// Number of an entry before which all are earlier than `instant`: the first of the segment that holds it.
  func start(at instant: Timestamp) throws -> Int64 {
    var start: Int64 = 1
    for stored in segments {
      guard let first = try entry(stored.segment.first), first.time < instant else { break }
      start = stored.segment.first
    }
    return start
  }

  func file(of segment: SealedSegment) throws -> SegmentFile {
    // The name comes from the store, and must not lead out of the folder.
    guard !segment.file.contains("/"), segment.file != ".." else { throw unreadable("segments", segment.file) }
    return SegmentFile(path: "\(path)/\(segment.file)")
  }

  /// Entries in order, without a gap. The bytes are valid during the call.
  func forEach(
    in range: ClosedRange<Int64>, _ visit: (Int64, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    for stored in segments where stored.segment.last >= range.lowerBound && stored.segment.first <= range.upperBound {
      var sequence = stored.segment.first
      let file = try file(of: stored.segment)
      _ = try file.forEachLine { line in
        defer { sequence += 1 }
        if sequence > range.upperBound { return false }
        guard EntryHeader(canonical: line)?.sequence == sequence else { throw misplaced(sequence, file) }
        if sequence >= range.lowerBound { try visit(sequence, line) }
        return true
      }
    }
  }

  private func misplaced(_ sequence: Int64, _ file: SegmentFile) -> JournalFailure {
    JournalFailure(
      .unusable,
      "\(file.path): entry \(sequence) is not where it should be; "
        + "`headgate audit verify --archive` says how far it is whole")
  }
}
