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
      """,
    subcommands: [AuditVerify.self, AuditList.self, AuditExport.self])
}

struct AuditVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Proves that the log is whole, or names the first bad entry.",
    discussion: """
      Works off line, on a copy of the store's file too. Exits with 1 when the log is not whole.

      EXAMPLES
        headgate audit verify
        headgate audit verify --store backup/headgate.db
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let path = try StoreAccess(store).path
    let progress = Progress()
    let report: AuditReport
    do {
      report = try Audit.verify(path, compiler: SyntaxCompiler(), progress: { progress.show($0, of: $1) })
    } catch {
      throw Stop.unknown(error.description)
    }
    progress.clear()
    if output.isJSON {
      try Console.json(VerifyReport(report))
    } else if let finding = report.finding {
      Console.print(Console.styled("the log is NOT whole. \(finding)", .red))
    } else {
      Console.print(Console.styled("the log is whole: \(report.entries) entries", .green))
      Console.print("store \(report.store), head \(report.head)")
    }
    if !report.isWhole { throw ExitCode.negative }
  }
}

private struct VerifyReport: Encodable {
  var store: String
  var entries: Int64
  var head: String
  var whole: Bool
  var firstBadEntry: Int64?
  var finding: String?

  init(_ report: AuditReport) {
    store = report.store
    entries = report.entries
    head = report.head
    whole = report.isWhole
    firstBadEntry = report.finding?.sequence
    finding = report.finding?.description
  }
}

struct EntryOptions: ParsableArguments {
  @OptionGroup var period: PeriodOptions
  @Option(help: "Only entries about this service.") var service: String?
  @Option(help: "Only entries about this environment.") var environment: String?
  @Option(help: "Only what this person, token or controller did: alice, person:alice.") var actor: String?
  @Option(help: "Only this kind of fact.") var kind: FactKind?
  @Option(help: "Only this run.") var run: Int64?

  func filter(limit: Int? = nil, newestFirst: Bool = false) -> EntryFilter {
    EntryFilter(
      from: period.start, to: period.end, service: service, environment: environment, actor: actor, kind: kind?.kind,
      run: run.map(RunID.init), limit: limit, newestFirst: newestFirst)
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
    commandName: "list", abstract: "Lists entries of the log.",
    discussion: """
      EXAMPLES
        headgate audit list --service checkout-api --from 2026-11-01
        headgate audit list --actor alice --kind acted
      """)

  @OptionGroup var entries: EntryOptions
  @Option(help: "At most so many.") var limit = 100
  @Flag(help: "The newest first.") var newestFirst = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let store = try StoreAccess(store).reading()
    var table = Table(header: ["ENTRY", "TIME", "RUN", "SERVICE", "ACTOR", "KIND", "DECIDED", "REASON"])
    try store.forEachEntry(entries.filter(limit: limit, newestFirst: newestFirst)) { line in
      if output.isJSON { Console.print(line.json) } else { table.rows.append(row(line)) }
      return true
    }
    guard !output.isJSON else { return }
    if table.rows.isEmpty { return Console.print("no entries") }
    for line in table.lines { Console.print(line) }
  }

  private func row(_ line: AuditLine) -> [String] {
    let entry = line.entry
    return [
      "\(entry.sequence)", entry.time.rfc3339, entry.run?.description ?? "", line.target?.service ?? "",
      entry.actor.description, entry.fact.kind.rawValue, entry.decisions.map(\.name).joined(separator: ","),
      entry.reason ?? "",
    ]
  }
}

struct AuditExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes entries as JSON Lines or CSV.",
    discussion: """
      A line of JSON is the entry's canonical bytes and its hash: enough to verify the chain elsewhere.

      EXAMPLES
        headgate audit export > log.jsonl
        headgate audit export --as csv --service checkout-api --output log.csv
      """)

  @OptionGroup var entries: EntryOptions
  @Option(name: .customLong("as"), help: "jsonLines or csv.") var kind: ExportFormat = .jsonLines
  @Option(help: "The file; standard output unless given.", completion: .file()) var output: String?
  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try StoreAccess(store).reading()
    let file = try handle()
    let count = try Audit.export(store, entries.filter(), as: kind == .csv ? .csv : .jsonLines) {
      try file.write(contentsOf: Data($0))
    }
    if let output { Console.error("\(count) entries written to \(output)") }
  }

  private func handle() throws -> FileHandle {
    guard let output else { return .standardOutput }
    guard FileManager.default.createFile(atPath: output, contents: nil), let file = FileHandle(forWritingAtPath: output)
    else { throw Stop.unknown("\(output) could not be written") }
    return file
  }
}

enum ExportFormat: String, ExpressibleByArgument, CaseIterable {
  case jsonLines, csv
}
