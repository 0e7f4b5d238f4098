import ArgumentParser
import ControlAPI
import ControlServer
import Controller
import Engine
import Flags
import Foundation
import PipelineModel
import SQLiteStore

struct FlagStale: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stale",
    abstract: "Flags that somebody should look at, and why.",
    discussion: """
      Unused, only ever given out with all others, the same for everybody, expired, or without an owner. That nobody asks \
      for a flag is said only when evaluations were counted for the whole time. Exits with 1 when there are any.

      EXAMPLES
        headgate flag stale -e production
        headgate flag stale -e production --days 30 --format json
      """)

  @OptionGroup var place: FlagPlaceOptions
  @Option(help: "How far back evaluations are looked at.") var days = 14
  @Option(help: "Fewer evaluations do not show that a flag is the same for everybody.") var evidence: Int64 = 100
  @OptionGroup var output: FormatOption

  func validate() throws {
    if !(1...3650).contains(days) { throw ValidationError("--days is between 1 and 3650") }
    if evidence < 1 { throw ValidationError("--evidence is 1 or more") }
  }

  func run() throws {
    let desk = try FlagDesk(place.store)
    let environment = try desk.environment(place.environment)
    let access = desk.access
    let now = Timestamp.wall
    let counted = try access.explained { () throws(JournalFailure) in
      try EvaluationStore.read(EvaluationStore.path(besides: access.path))
    }
    let isFiled = desk.rules.filed.contains(environment)
    let search = StaleSearch(
      window: .hours(24 * Int64(days)), evidence: evidence, now: now, countedSince: isFiled ? nil : counted?.since)
    let usage =
      try access.explained { () throws(JournalFailure) in
        try counted?.usage(in: environment, since: search.start)
      } ?? [:]
    let documents =
      try access.explained { () throws(JournalFailure) in
        try counted?.documents(in: environment, since: search.start)
      } ?? 0
    let found = try findings(search, usage, documents, in: environment, access)
    let report = StaleReport(environment: environment, search, found, now: now)
    try show(report, isFiled: isFiled)
    if !found.isEmpty { throw ExitCode.negative }
  }

  private func findings(
    _ search: StaleSearch, _ usage: [String: FlagUsage], _ documents: Int64, in environment: String,
    _ access: StoreAccess
  ) throws -> [StaleFlag] {
    let store = try access.reading()
    return try access.explained { () throws(JournalFailure) -> [StaleFlag] in
      var found: [StaleFlag] = []
      for recorded in try store.flags(environment: environment) where !recorded.revision.isArchived {
        let revision = recorded.revision
        let item = FlagPages.Item(
          environment: environment, key: revision.name.key, definition: revision.definition,
          generation: revision.generation)
        var pages = FlagPages()
        guard let flag = pages.take([item]).pages.first?.flags[revision.name.key] else { continue }
        let created = try store.creation(of: revision.name)
        let finding = search.finding(
          flag, in: environment, contract: revision.contract, usage: usage[revision.name.key],
          documents: documents, created: created)
        if let finding { found.append(finding) }
      }
      return found
    }
  }

  private func show(_ report: StaleReport, isFiled: Bool) throws {
    if output.isJSON { return try Console.json(report) }
    if report.flags.isEmpty { Console.print("no flag of \(report.environment) needs anybody") }
    var table = Table(header: ["FLAG", "OWNER", "WHY"])
    table.rows = report.flags.map { [$0.key, $0.owner ?? "-", $0.reasons.map(\.text).joined(separator: "; ")] }
    if !report.flags.isEmpty { for line in table.lines { Console.print(line) } }
    if isFiled {
      Console.error(
        "the flags of \(report.environment) are written to a file too, and who reads it nobody counts: so nobody knows "
          + "which flags are unused")
    } else if !report.isCovered {
      Console.error(
        report.countedSince.map { "evaluations are counted since \($0) only, so nobody knows which flags are unused" }
          ?? "evaluations were never counted, so nobody knows which flags are unused: `headgate serve` counts them")
    }
  }
}
