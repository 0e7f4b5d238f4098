import ArgumentParser
import ControlAPI
import Controller
import Engine
import Flags
import Foundation
import PipelineModel
import PipelineSyntax
import SQLiteStore

struct FlagExposed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exposed",
    abstract: "Who was given a flag between two instants.",
    discussion: """
      As far as `headgate serve` evaluated it. Where targeting keys are kept hashed, --user finds one by name; nobody else \
      can be named. Of an hour only the first and the last occasion are known: so TIMES may be from one number to another, \
      and a question mark stands where somebody was given the flag before and after, and perhaps between.

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
    let (start, end) = try period.range(now: .wall)
    let access = desk.access
    guard
      let store = try access.explained({ () throws(JournalFailure) in
        try EvaluationStore.read(EvaluationStore.path(besides: access.path))
      })
    else {
      throw Stop.unknown("nothing was ever counted beside \(access.path): `headgate serve` does it")
    }
    try mustExist(name, desk, store)
    let (exposures, lost) = try access.explained { () throws(JournalFailure) in
      (
        try store.exposures(
          to: name.key, in: name.environment, from: start, until: end, variant: variant, subject: user, limit: limit),
        try store.losses(from: start, until: end).exposures
      )
    }
    try report(ExposureReport(name, exposures, subjects: store.subjects, since: store.since, lost: lost, limit: limit))
  }

  /// That nobody was given what never was would be true, and say the wrong thing. A flag that was counted is one, also
  /// where another file than the store defines it.
  private func mustExist(_ name: FlagName, _ desk: FlagDesk, _ store: EvaluationStore) throws {
    let counted = try desk.access.explained { () throws(JournalFailure) in
      try store.variants(of: name.key, in: name.environment)
    }
    let past = try desk.reading()?.history(of: name)
    guard let past, !past.revisions.isEmpty || !past.elsewhere.isEmpty else {
      if counted.isEmpty { _ = try desk.existing(name) }
      return
    }
    guard let variant, !counted.contains(variant), past.elsewhere.isEmpty else { return }
    let known = past.variants.union(counted).subtracting([""]).sorted()
    if known.contains(variant) { return }
    let near = nearMiss(of: variant, among: known).map { "; did you mean \($0)?" }
    throw Stop.unknown(
      "\(name) never had a variant \(variant)\(near ?? "; it has or had \(known.joined(separator: ", "))")")
  }

  private func report(_ report: ExposureReport) throws {
    if output.isJSON { return try Console.json(report) }
    if report.exposed.isEmpty {
      Console.print("nobody, as far as was counted since \(report.countedSince)")
    } else {
      var table = Table(header: ["USER", "VARIANT", "FIRST (UTC)", "LAST (UTC)", "TIMES", ""])
      table.rows = report.exposed.map {
        [
          $0.subject, $0.variant, $0.first ?? "", $0.last ?? "",
          $0.count == $0.atMost ? "\($0.count)" : "\($0.count) to \($0.atMost)",
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

extension FlagPast {
  /// Of all revisions at hand.
  fileprivate var variants: Set<String> {
    Set(revisions.flatMap { (try? $0.revision.parsed())?.variants.members.map(\.name.text) ?? [] })
  }
}
