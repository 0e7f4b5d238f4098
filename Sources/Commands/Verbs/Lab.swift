import ArgumentParser
import Foundation
import Simulation

struct LabCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab", abstract: "Measures what the rules of gates are worth.",
    discussion: """
      EXAMPLE
        headgate lab accuracy
      """, subcommands: [Accuracy.self])
}

extension LabCommand {
  struct Accuracy: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "accuracy",
      abstract: "False alarms and bad releases caught, by rule, on synthetic traffic.",
      discussion: """
        Rolls out thousands of releases, healthy, bad, and bad from some time on, at 5, 25 and 50 % with 15 looks each, and \
        lets every rule judge the same traffic; then the check of the split, with requests that belong together. Exits with 1 \
        when the default rule breaks what it promises; where the figures leave it open, more seeds tell.

        EXAMPLES
          headgate lab accuracy
          headgate lab accuracy --seeds 10000 --plot accuracy.svg --format json
        """)

    @Option(help: "Rollouts for each kind of traffic and each ratio.")
    var seeds = 4000

    @Option(help: "The first seed.")
    var seed: UInt64 = 1

    @Option(help: "Requests in a look, both arms together.")
    var requests = 10_000.0

    @Option(help: "The usual share of errors, in percent.")
    var errors = 0.5

    @Option(help: "Writes the figures as an SVG picture.", completion: .file())
    var plot: String?

    @OptionGroup var output: FormatOption

    func validate() throws {
      guard seeds >= 1, seeds <= 1_000_000 else { throw ValidationError("--seeds is from 1 to 1000000") }
      guard requests >= 20, requests <= 1e9 else { throw ValidationError("--requests is from 20 to 1000000000") }
      guard errors > 0, errors < 50 else { throw ValidationError("--errors is between 0 and 50 percent") }
    }

    func run() throws {
      let lab = AccuracyLab(seeds: seeds, firstSeed: seed, requests: requests, base: errors / 100)
      let progress = Progress()
      let report = lab.run { progress.show($0, of: $1) }
      progress.clear()
      if let plot { try write(AccuracyPlot(report: report).svg, to: plot) }
      if output.isJSON { try Console.json(Printed(report)) } else { print(report) }
      if report.goals.contains(where: { $0.verdict == .broken }) { throw ExitCode.negative }
    }

    private func write(_ text: String, to path: String) throws {
      do {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
      } catch {
        throw Stop.unknown("\(path) could not be written: \(error.localizedDescription)")
      }
    }

    /// The report and what it says of the promises.
    private struct Printed: Encodable {
      var report: AccuracyReport
      var goals: [AccuracyReport.Goal]
      init(_ report: AccuracyReport) {
        self.report = report
        goals = report.goals
      }
    }

    // MARK: Text

    private func print(_ report: AccuracyReport) {
      var kinds: [String] = []
      for cell in report.cells where !kinds.contains(cell.traffic) { kinds.append(cell.traffic) }
      for kind in kinds {
        Console.print("\n\(kind) errors, \(report.seeds) rollouts for each ratio")
        for line in table(report.cells.filter { $0.traffic == kind }).lines { Console.print("  " + line) }
      }
      Console.print("\nthe check of the split, \(report.seeds) rollouts for each row")
      for line in table(report.splits).lines { Console.print("  " + line) }
      Console.print("")
      for goal in report.goals {
        Console.print("\(Self.sign(goal.verdict)) \(goal.promise): \(Self.interval(goal.found))")
      }
    }

    private static func sign(_ verdict: AccuracyReport.Goal.Verdict) -> String {
      switch verdict {
      case .kept: Console.styled("✓", .green)
      case .broken: Console.styled("✗", .red)
      case .open: Console.styled("? cannot tell:", .yellow)
      }
    }

    private func table(_ cells: [AccuracyReport.Cell]) -> Table {
      var table = Table(
        header: [
          "ratio", "since", "rule", "rolled back", "at 5%", "at 25%", "at 50%", "before", "exposed", "undecided",
          "passed", "passed at 5%",
        ])
      for cell in cells {
        table.rows.append([
          "×\(cell.ratio)", cell.onset, cell.rule, Self.interval(cell.share), Self.percent(cell.at5.value),
          Self.percent(cell.at25.value), Self.percent(cell.at50.value),
          cell.onset == LabOnset.start.rawValue ? "-" : "\(cell.falseAlarms)",
          cell.medianExposed.map { "\(Int($0))" } ?? "-", "\(cell.undecided)", Self.percent(cell.passed.value),
          Self.percent(cell.passedAt5.value),
        ])
      }
      return table
    }

    private func table(_ splits: [AccuracyReport.Split]) -> Table {
      var table = Table(header: ["requests", "sent", "tolerated", "from", "held", "at first"])
      for split in splits {
        table.rows.append([
          split.requests, "×\(split.factor)", "×\(split.tolerance)", Self.percent(split.from),
          Self.interval(split.held), Self.percent(split.atFirst.value),
        ])
      }
      return table
    }

    private static func interval(_ share: AccuracyReport.Share) -> String {
      "\(percent(share.value)) [\(percent(share.low)), \(percent(share.high))]"
    }

    private static func percent(_ share: Double) -> String { String(format: "%.2f%%", share * 100) }
  }
}
