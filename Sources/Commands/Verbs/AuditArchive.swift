import ArgumentParser
import Controller
import Engine
import Foundation
import PipelineModel
import Proofs
import SQLiteStore

struct AuditArchive: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive", abstract: "Moves old entries out of the store into sealed files that still verify.",
    discussion: """
      Each file is written, read again and on the disk before its entries leave the store, in one transaction that the \
      log itself records. Entries of runs that have not ended, and the pipelines these use, stay. A promoted run whose \
      entries were moved cannot be rolled back by `headgate rollback` any more: start a run of the version you want.

      EXAMPLES
        headgate audit archive --older-than 12mo --to /var/lib/headgate/archive
        headgate audit archive --before 2026-01-01 --dry-run
        headgate audit verify --archive /var/lib/headgate/archive
      """)

  @Option(
    help: ArgumentHelp("Entries before this instant.", discussion: "It is \(Instant.forms).", valueName: "time"),
    transform: Instant.init(written:))
  var before: Instant?
  @Option(help: "Entries older than this: 12mo, 2y, 90d.") var olderThan: Age?
  @Option(
    name: .customLong("to"), help: ArgumentHelp("The archive's folder; made if it is not there.", valueName: "folder"),
    completion: .directory)
  var folder: String?
  @Option(help: "At most so many entries in one file.") var largest: Int64 = 65_536
  @Flag(help: "Says what would be moved, and moves nothing.") var dryRun = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions

  func validate() throws {
    if (before == nil) == (olderThan == nil) { throw ValidationError("give either --before or --older-than") }
    if largest < 256 { throw ValidationError("a file has at least 256 entries") }
  }

  func run() throws {
    let access = try StoreAccess(store)
    let folder = folder ?? access.path + ".archive"
    let signer = try dryRun ? nil : Signatory(store)?.signer()
    guard let instant = before?.timestamp(now: .wall) ?? olderThan?.before(.wall) else { return }
    let sealable = try access.sealable(before: instant)
    if sealable.isEmpty || dryRun { return Console.print(sealable.sentence(isPlan: dryRun)) }
    try makeFolder(folder)
    var first = sealable.first
    while first <= sealable.last {
      let last = min(sealable.last, (first - 1 + largest) / 256 * 256)
      let segment = try write(through: last, folder, access, signer)
      _ = try Door(access: access, identity: identity).ask(.audit(.sealed(segment)))
      Console.print("entries \(segment.first) to \(segment.last) are in \(folder)/\(segment.file)")
      first = last + 1
    }
    if let heldBy = sealable.heldBy { Console.print("later ones stay: they are needed by \(heldBy)") }
  }

  private func write(
    through last: Int64, _ folder: String, _ access: StoreAccess, _ signer: NoteSigner?
  ) throws -> SealedSegment {
    let store = try access.reading()
    return try access.explained { () throws(JournalFailure) in
      try store.writeSegment(through: last, into: folder) { checkpoint in
        guard let signer else { return nil }
        var checkpoint = checkpoint
        checkpoint.origin = signer.verifier.name
        checkpoint.time = .wall
        return try signer.sign(checkpoint.text)
      }
    }
  }

  private func makeFolder(_ folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Stop.unknown("\(folder) cannot be made: \(error.localizedDescription)")
    }
  }
}

extension StoreAccess {
  fileprivate func sealable(before instant: Timestamp) throws -> Sealable {
    let store = try reading()
    return try explained { () throws(JournalFailure) in try store.sealable(before: instant) }
  }
}

extension Sealable {
  fileprivate func sentence(isPlan: Bool) -> String {
    let held = heldBy.map { "; later ones are needed by \($0)" } ?? ""
    if isEmpty { return "nothing to move: fewer than 256 entries are that old\(held)" }
    return isPlan ? "would move the entries \(first) to \(last)\(held)" : ""
  }
}

/// How old: `12mo`, `2y`, `90d`. Months and years are those of the calendar.
struct Age: ExpressibleByArgument {
  private let count: Int
  private let unit: Calendar.Component

  init?(argument: String) {
    let units: [(String, Calendar.Component)] = [
      ("mo", .month), ("y", .year), ("d", .day), ("h", .hour), ("s", .second),
    ]
    guard let (ending, unit) = units.first(where: { argument.hasSuffix($0.0) }),
      let count = Int(argument.dropLast(ending.count)), count >= 0, count < 1_000_000
    else { return nil }
    (self.count, self.unit) = (count, unit)
  }

  func before(_ now: Timestamp) -> Timestamp? {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let date = Date(timeIntervalSince1970: Double(now.milliseconds) / 1000)
    return calendar.date(byAdding: unit, value: -count, to: date).map {
      Timestamp(milliseconds: Int64(($0.timeIntervalSince1970 * 1000).rounded()))
    }
  }
}
