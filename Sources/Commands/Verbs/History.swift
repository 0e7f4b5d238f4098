import ArgumentParser
import ControlAPI
import Controller
import Engine
import Foundation
import Narrative
import PipelineModel
import SQLiteStore

struct History: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "What was deployed, by whom, and what came of it.",
    discussion: """
      EXAMPLES
        headgate history
        headgate history --service shop --outcome rolledBack --from 2026-11-01
      """)

  @Option(help: "Only this service.") var service: String?
  @Option(help: "Only this environment.") var environment: String?
  @Option(help: "Only runs that ended so, or are in that state.") var outcome: RunStatus?
  @Option(help: "Only runs started by this person.") var by: String?
  @OptionGroup var period: PeriodOptions
  @Option(help: "At most so many, the newest first.") var limit = 50
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let store = try StoreAccess(store).reading()
    let now = try store.now()
    let (from, to) = try period.range(now: now)
    let filter = RunFilter(
      service: service, environment: environment, status: outcome.map { [$0.status] }, startedBy: by,
      from: from, to: to, limit: limit)
    let runs = try store.runs(filter).map { RunSummary($0, now: now) }
    if output.isJSON { return try Console.json(runs) }
    if runs.isEmpty { return Console.print("no runs") }
    var table = Table(header: ["RUN", "STARTED (UTC)", "SERVICE", "ENVIRONMENT", "VERSION", "OUTCOME", "TOOK", "BY"])
    table.rows = runs.map(row)
    for line in table.lines { Console.print(line) }
  }

  private func row(_ run: RunSummary) -> [String] {
    return [
      "\(run.run)", String(run.startedAt.prefix(19)).replacingOccurrences(of: "T", with: " "), run.service,
      run.environment, run.version, run.status, run.took.description,
      String(run.startedBy.drop { $0 != ":" }.dropFirst()),
    ]
  }
}

enum RunStatus: String, ExpressibleByArgument, CaseIterable {
  case queued, running, paused, held, rollingBack, promoted, rolledBack, failed, aborted
  var status: RunRecord.Status { RunRecord.Status(rawValue: rawValue) ?? .running }
}
