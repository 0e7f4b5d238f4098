import ArgumentParser
import ControlAPI
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
      log itself records. What is true now and rests on old entries (flags, changes that wait, open incidents, what \
      targets run, pipelines in use) is carried forward word for word, so only a run that has not ended holds others \
      back. A promoted run whose entries were moved cannot be rolled back by `headgate rollback` any more: start a run \
      of the version you want.

      Entries stay in the store for a year, or as long as `audit: { archive: { least: … } }` of headgate.yaml says; \
      roles: and breakGlass: there say who may archive, and who may go below that.

      EXAMPLES
        headgate audit archive
        headgate audit archive --older-than 18mo --to /var/lib/headgate/archive
        headgate audit archive --before 2026-01-01 --dry-run
        headgate audit archive --older-than 30d --break-glass --reason OPS-17
        headgate audit verify --archive /var/lib/headgate/archive
      """)

  @Option(
    help: ArgumentHelp("Entries before this instant.", discussion: "It is \(Instant.forms).", valueName: "time"),
    transform: Instant.given)
  var before: Instant?
  @Option(help: "Entries older than this: 12mo, 2y, 90d. Unless given, all that need not stay.") var olderThan: Age?
  @Option(
    name: .customLong("to"),
    help: ArgumentHelp(
      "The archive's folder; made if it is not there.",
      discussion: "Unless given, what headgate.yaml says, or the store's name with .archive.", valueName: "folder"),
    completion: .directory)
  var folder: String?
  @Option(help: "At most so many entries in one file.") var largest: Int64 = 65_536
  @Flag(help: "Moves entries that are too young to go, too. Needs a reason, and is on record.") var breakGlass = false
  @Flag(help: "Says what would be moved, and moves nothing.") var dryRun = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func validate() throws {
    if before != nil, olderThan != nil { throw ValidationError("give either --before or --older-than") }
    if largest < 256 { throw ValidationError("a file has at least 256 entries") }
  }

  func run() throws {
    let installation = try Loader(warns: false).installation(store, .readable)
    let access = try StoreAccess(store, installation: installation)
    let least = Timestamp(milliseconds: Timestamp.wall.milliseconds - access.past.policy.least.milliseconds)
    let instant = before?.timestamp(now: .wall) ?? olderThan?.before(.wall) ?? least
    let sealable = try access.sealable(before: instant)
    if sealable.isEmpty { return try tell(sealable, []) }
    let door = Door(access: access, identity: identity, rules: HouseRules(installation?.0))
    try mustBeAdmitted(sealable, door, isPlan: dryRun)
    if dryRun { return try tell(sealable, []) }
    try tell(
      sealable, try move(sealable, to: folder ?? access.past.target, through: door, try Signatory(store)?.signer()))
  }

  private func tell(_ sealable: Sealable, _ files: [ArchiveReport.File]) throws {
    if output.isJSON { return try Console.json(ArchiveReport(sealable, files)) }
    if files.isEmpty { return Console.print(sealable.sentence) }
    if let run = sealable.heldBy { Console.print(run.holdsOthersBack) }
  }

  /// - Returns: the files that were written, each told as soon as its entries have left the store.
  private func move(
    _ sealable: Sealable, to folder: String, through door: Door, _ signer: NoteSigner?
  ) throws -> [ArchiveReport.File] {
    try makeFolder(folder)
    var files: [ArchiveReport.File] = []
    var first = sealable.first
    while first <= sealable.last {
      let last = min(sealable.last, (first - 1 + largest) / 256 * 256)
      var segment = try write(through: last, folder, door.access, signer)
      segment.breaksGlass = breakGlass
      _ = try door.ask(.audit(.sealed(segment)))
      files.append(.init(first: segment.first, last: segment.last, file: "\(folder)/\(segment.file)"))
      if !output.isJSON {
        Console.print("entries \(segment.first) to \(segment.last) are in \(folder)/\(segment.file)")
      }
      first = last + 1
    }
    return files
  }

  /// The rule that whoever drives the store goes by, asked before anything is written: a refusal leaves its record, and
  /// nothing else.
  private func mustBeAdmitted(_ sealable: Sealable, _ door: Door, isPlan: Bool) throws {
    guard let newest = try door.access.reading().entry(sealable.last) else { return }
    let rules = try door.rules ?? door.access.rules()
    let wish = AuditPolicy.Archiving.Wish(
      by: identity.principal, roles: rules.roles(identity.principal), hasReason: identity.hasReason,
      breaksGlass: breakGlass)
    do throws(Refusal) {
      _ = try door.access.past.policy.admits(wish, through: sealable.last, of: newest.time, now: .wall)
    } catch {
      if !isPlan {
        let segment = SealedSegment(
          first: sealable.first, last: sealable.last, before: "", after: "", root: "", file: "",
          breaksGlass: breakGlass)
        _ = try door.ask(.audit(.sealRefused(segment, because: error.description)))
      }
      throw Stop.negative(error.description)
    }
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
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
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
  fileprivate var sentence: String {
    let held = heldBy.map { "; \($0.holdsOthersBack)" } ?? ""
    if isEmpty { return "nothing to move: fewer than 256 entries are that old\(held)" }
    return "would move the entries \(first) to \(last)\(held)"
  }
}

extension RunID {
  fileprivate var holdsOthersBack: String {
    "later ones stay: run \(self) has not ended, and needs them. End it, and archive again"
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

/// What was moved out of the store, or could be.
private struct ArchiveReport: Encodable {
  struct File: Encodable {
    var first: Int64
    var last: Int64
    var file: String
  }

  /// Absent: nothing is old enough.
  var first: Int64?
  var last: Int64?
  /// The run that keeps younger entries from going.
  var heldBy: Int64?
  /// Files that were written; none without a move.
  var files: [File]

  init(_ sealable: Sealable, _ files: [File]) {
    (first, last) = sealable.isEmpty ? (nil, nil) : (sealable.first, sealable.last)
    heldBy = sealable.heldBy?.number
    self.files = files
  }
}
