import ArgumentParser
import ControlAPI
import Controller
import Engine
import Narrative
import PipelineModel
import SQLiteStore

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "A run's time line, with the values that decided.",
    discussion: """
      EXAMPLES
        headgate show 41
        headgate show 41 --replay
      """)

  @OptionGroup var subject: RunArgument

  @Flag(help: "Folds the journal again, and says whether this engine concludes what was recorded. Exits with 1 if not.")
  var replay = false

  @Flag(help: "Every single measurement too.")
  var verbose = false

  @OptionGroup var archive: ArchiveOption
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let store = try StoreAccess(store).reading(archive: archive.archive)
    let record = try store.existing(RunID(subject.number))
    var detail = try RunDetail(record, store)
    let (chronicle, sentences, entries) = try store.chronicle(of: record)
    let shown = sentences.filter { verbose || $0.tone != .detail }
    if replay { detail.replay = report(chronicle, entries.count, record.status.rawValue) }
    if output.isJSON {
      detail.timeline = shown.map(TimelineLine.init)
      detail.measurements = MeasurementReport.all(in: entries, of: chronicle.plan.pipeline)
      detail.verdicts = VerdictReport.all(in: entries, of: chronicle.plan.pipeline)
      try Console.json(detail)
    } else {
      print(detail, shown)
    }
    if let replay = detail.replay, !replay.agrees { throw ExitCode.negative }
  }

  private func print(_ detail: RunDetail, _ sentences: [Sentence]) {
    for line in detail.lines { Console.print(line) }
    if let runbook = detail.runbook { Console.print("  runbook: \(runbook)") }
    Console.print("")
    var day = ""
    for sentence in sentences {
      let date = String(sentence.time.rfc3339.prefix(10))
      if date != day { Console.print(Console.styled("\(date) (times in UTC)", .dim)) }
      day = date
      Console.print(Console.line(sentence))
    }
    guard let replay = detail.replay else { return }
    Console.print("")
    Console.print(
      replay.agrees
        ? Console.styled("replay: \(replay.entries) entries, the same state and the same decisions", .green)
        : Console.styled(
          "replay: this engine decides otherwise at entries \(replay.divergences.map(String.init).joined(separator: ", "))",
          .red))
  }

  private func report(_ chronicle: Chronicle, _ count: Int, _ status: String) -> ReplayReport {
    let reaches = chronicle.run?.status.rawValue == status
    return ReplayReport(
      entries: count, agrees: chronicle.divergences.isEmpty && reaches, divergences: chronicle.divergences)
  }
}
