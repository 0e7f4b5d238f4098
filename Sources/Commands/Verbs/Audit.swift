import ArgumentParser
import Controller
import Engine
import Foundation
import Narrative
import PipelineModel
import SQLiteStore

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Reads, exports and proves the audit log.",
    discussion: """
      Every fact and every decision, with who, when, from where and why, in a chain of hashes.

      EXAMPLES
        headgate audit list --actor alice
        headgate audit verify
        headgate audit verify --checkpoint kept/checkpoints.txt --key log.pub
        headgate audit prove 1042
      """,
    subcommands: [
      AuditVerify.self, AuditList.self, AuditShow.self, AuditExport.self, AuditCheckpoint.self, AuditProve.self,
      AuditConsistency.self,
      AuditArchive.self, AuditKey.self,
    ])
}

struct EntryOptions: ParsableArguments {
  @OptionGroup var period: PeriodOptions
  @Option(help: "Only entries about this service.") var service: String?
  @Option(help: "Only entries about this environment.") var environment: String?
  @Option(help: "Only what this person, token or controller did: alice, person:alice.") var actor: String?
  @Option(help: "Only this kind of fact.") var kind: FactKind?
  @Option(help: "Only this run.") var run: Int64?

  func validate() throws {
    if let run, run < 1 { throw ValidationError("runs are numbered from 1; see `headgate history`") }
  }

  func filter(limit: Int? = nil, newestFirst: Bool = false) -> EntryFilter {
    EntryFilter(
      from: period.start, to: period.end, service: service, environment: environment, actor: actor, kind: kind?.kind,
      run: run.map(RunID.init), limit: limit, newestFirst: newestFirst)
  }
}

extension EntryOptions {
  /// What was asked for, as it stands on a command line; empty: everything.
  fileprivate var words: String {
    let given: [(String, String?)] = [
      ("from", period.start?.rfc3339), ("to", period.end?.rfc3339), ("service", service), ("environment", environment),
      ("actor", actor), ("kind", kind?.kind.rawValue), ("run", run.map { "\($0)" }),
    ]
    return given.compactMap { name, value in value.map { "--\(name) \($0)" } }.joined(separator: " ")
  }
}

extension ReadingStore {
  /// Says what is not shown because it lies in an archive that is not at hand.
  ///
  /// - Returns: whether anything is missing.
  fileprivate func lacks(_ entries: EntryFilter) throws -> Bool {
    guard let part = try unread(), try mayReach(into: part, entries) else { return false }
    let files = part.files.count == 1 ? part.files[0] : "\(part.files.count) files from \(part.files[0]) on"
    Console.error(
      "the entries 1 to \(part.last) lie in an archive, in \(files), and are not shown; name its folder with --archive, or "
        + "as `audit: { archive: { folder: … } }` in headgate.yaml")
    return true
  }

  private func mayReach(into part: UnreadPart, _ entries: EntryFilter) throws -> Bool {
    guard let from = entries.from, let first = try entry(part.last + 1)?.time else { return true }
    return from < first
  }
}

struct FactKind: ExpressibleByArgument {
  var kind: Fact.Kind
  init?(argument: String) {
    guard let kind = Fact.Kind(rawValue: argument) else { return nil }
    self.kind = kind
  }
  static var allValueStrings: [String] { Fact.Kind.allCases.map(\.rawValue) }
}

struct AuditList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists entries of the log, the newest last.",
    discussion: """
      The last 100 that fit, unless --limit or --all says otherwise. Exits with 2 when some lie in an archive that is \
      not at hand.

      EXAMPLES
        headgate audit list --service checkout-api --from 2026-11-01
        headgate audit list --actor alice --kind acted --all
      """)

  @OptionGroup var entries: EntryOptions
  @Option(help: "At most so many, the newest.") var limit = 100
  @Flag(help: "All that fit.") var all = false
  @Flag(help: "The newest first.") var newestFirst = false
  @OptionGroup var archive: ArchiveOption
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit is at least 1; --all shows all") }
  }

  func run() throws {
    try AuditedReader(store, identity).note(.list, entries.words)
    let store = try StoreAccess(store).reading(archive: archive.archive)
    var lines: [AuditLine] = []
    try store.forEachEntry(entries.filter(limit: all ? nil : limit, newestFirst: true)) { line in
      lines.append(line)
      return true
    }
    if !newestFirst { lines.reverse() }
    show(lines)
    if lines.count == limit, !all { try sayHowMany(lines.count, store) }
    if try store.lacks(entries.filter()) { throw ExitCode.unknown }
  }

  private func show(_ lines: [AuditLine]) {
    if output.isJSON { return lines.forEach { Console.print($0.json) } }
    if lines.isEmpty { return Console.print("no entries") }
    var table = Table(header: ["ENTRY", "TIME", "RUN", "SERVICE", "ACTOR", "KIND", "DECIDED", "REASON"])
    table.rows = lines.map(row)
    for line in table.lines { Console.print(line) }
  }

  private func sayHowMany(_ shown: Int, _ store: ReadingStore) throws {
    let count = try store.count(entries.filter())
    guard count > shown else { return }
    Console.error("showing the last \(shown) of \(count); --limit N shows more, --all all of them")
  }

  private func row(_ line: AuditLine) -> [String] {
    let entry = line.entry
    return [
      "\(entry.sequence)", entry.time.rfc3339, entry.run?.description ?? "", line.target?.service ?? "",
      entry.actor.description, entry.fact.label, entry.decisions.map(\.name).joined(separator: ","),
      entry.reason ?? "",
    ]
  }
}

extension Fact {
  /// The kind, and what of the journal itself it is about.
  fileprivate var label: String {
    guard case .audit(let fact) = self else { return kind.rawValue }
    return switch fact {
    case .checkpointed: "audit: checkpoint"
    case .read(let reading): "audit: read, \(reading.verb)"
    case .carried(let entry): "audit: carried \(entry.original)"
    case .sealed(let segment): "audit: archived \(segment.first)-\(segment.last)"
    case .sealRefused: "audit: archive refused"
    case .refused(let asked, _): "audit: refused to \(asked)"
    }
  }
}

struct AuditExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes entries as JSON Lines or CSV.",
    discussion: """
      A line of JSON is the entry's canonical bytes and its hash: enough to verify the chain elsewhere. Exits with 2 when \
      some lie in an archive that is not at hand.

      EXAMPLES
        headgate audit export > log.jsonl
        headgate audit export --format csv --service checkout-api --output log.csv
      """)

  @OptionGroup var entries: EntryOptions
  @Option(help: "jsonl or csv.") var format: ExportFormat?
  @Option(help: "The file; standard output unless given.", completion: .file()) var output: String?
  @OptionGroup var archive: ArchiveOption
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions

  /// Before there was `--format`, `--as` was how a format was given.
  private var formerFormat: ExportFormat? {
    switch identity.name {
    case "csv": .csv
    case "jsonLines": .jsonl
    default: nil
    }
  }

  private var reader: IdentityOptions {
    var reader = identity
    if formerFormat != nil { reader.name = nil }
    return reader
  }

  func run() throws {
    let access = try StoreAccess(store)
    try AuditedReader(store, reader).note(.export, entries.words)
    let store = try access.reading(archive: archive.archive)
    let file = try ExportFile(output, besides: access.path)
    let isTable = (format ?? formerFormat) == .csv
    let count = try Audit.export(store, entries.filter(), as: isTable ? .csv : .jsonLines) { try file.append($0) }
    if let output { Console.error("\(count) entries written to \(output)") }
    if try store.lacks(entries.filter()) { throw ExitCode.unknown }
  }
}

enum ExportFormat: String, ExpressibleByArgument, CaseIterable {
  case jsonl, csv
}
