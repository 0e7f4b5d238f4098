import ArgumentParser
import ControlAPI
import Controller
import Flags
import Foundation
import PipelineModel
import SQLiteStore

struct FlagExposed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exposed",
    abstract: "Who was given a flag between two instants.",
    discussion: """
      As far as `headgate serve` evaluated it. Where targeting keys are kept hashed, --user finds one by name; nobody else \
      can be named. A question mark stands where somebody was given the flag before and after, and perhaps between.

      EXAMPLES
        headgate flag exposed new-checkout -e production --variant on \\
          --from 2026-11-21T14:02:00Z --to 2026-11-21T14:17:00Z
        headgate flag exposed new-checkout -e production --user user-4711
      """)

  @OptionGroup var subject: FlagSubject
  @OptionGroup var period: PeriodOptions
  @Option(help: "Only this variant.") var variant: String?
  @Option(help: "Only the user of this targeting key.") var user: String?
  @Option(help: "At most so many lines.") var limit = 10_000
  @OptionGroup var output: FormatOption

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit is 1 or more") }
  }

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let name = try desk.name(subject)
    let access = desk.access
    guard
      let store = try access.explained({ () throws(JournalFailure) in
        try EvaluationStore.read(EvaluationStore.path(besides: access.path))
      })
    else {
      throw Stop.unknown("nothing was ever counted beside \(access.path): `headgate serve` does it")
    }
    let exposures = try access.explained { () throws(JournalFailure) in
      try store.exposures(
        to: name.key, in: name.environment, from: period.start, until: period.end, variant: variant, subject: user,
        limit: limit)
    }
    let lost = try access.explained { () throws(JournalFailure) in
      try store.losses(from: period.start, until: period.end).exposures
    }
    try report(ExposureReport(name, exposures, subjects: store.subjects, since: store.since, lost: lost, limit: limit))
  }

  private func report(_ report: ExposureReport) throws {
    if output.isJSON { return try Console.json(report) }
    if report.exposed.isEmpty {
      Console.print("nobody, as far as was counted since \(report.countedSince)")
    } else {
      var table = Table(header: ["USER", "VARIANT", "FIRST (UTC)", "LAST (UTC)", "TIMES", ""])
      table.rows = report.exposed.map {
        [
          $0.subject, $0.variant, $0.first, $0.last, "\($0.count)",
          ($0.certain ? "" : "?") + ($0.way == EvaluationWay.bulk.rawValue ? " with all flags" : ""),
        ]
      }
      for line in table.lines { Console.print(line) }
    }
    if report.subjects == Serving.Exposures.Subjects.none.rawValue {
      Console.error("headgate.yaml says that nobody is to be kept: `exposures: { subjects: none }`")
    }
    if report.isCut { Console.error("there are more; --limit shows them") }
    if report.lost > 0 {
      Console.error("not whole: \(report.lost) exposures of this time were not kept, since too many came at once")
    }
  }
}
