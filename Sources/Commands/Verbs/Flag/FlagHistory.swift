import ArgumentParser
import ControlAPI
import Engine
import Narrative
import PipelineModel
import SQLiteStore

struct FlagHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Every change of a flag, by whom and why.",
    discussion: """
      EXAMPLES
        headgate flag history new-checkout -e production
        headgate flag history new-checkout -e production --all
      """)

  @OptionGroup var subject: FlagSubject
  @ArgumentParser.Flag(help: "Proposals and refusals, too.") var all = false
  @OptionGroup var output: FormatOption

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let name = try desk.name(subject)
    let store = try desk.access.reading()
    try desk.mustNotBeMistyped(name)
    if output.isJSON { return try Console.json(try store.history(of: name).map { FlagSummary($0) }) }
    let entries = all ? try everything(of: name, store) : try store.history(of: name).map(\.entry)
    if entries.isEmpty { throw Stop.unknown("there is no flag \(name); see `headgate flag list`") }
    for sentence in entries.compactMap({ FlagTeller.sentence(of: $0) }) {
      Console.print(Console.line(sentence, since: sentence.time.rfc3339))
    }
  }

  private func everything(of name: FlagName, _ store: ReadingStore) throws -> [Entry] {
    let proposals = Set(try store.proposals(all: true).filter { $0.revision.name == name }.map(\.id))
    var entries: [Entry] = []
    try store.forEachEntry(EntryFilter()) { line in
      guard case .flag(let fact) = line.entry.fact else { return true }
      if fact.name == name || fact.refusedProposal.map(proposals.contains) == true { entries.append(line.entry) }
      return true
    }
    return entries
  }
}

extension FlagFact {
  fileprivate var refusedProposal: Int64? { if case .refused(let act, _) = self { act.proposal } else { nil } }
}

extension RecordedRevision {
  /// The entry that brought it.
  fileprivate var entry: Entry {
    Entry(
      sequence: sequence, time: time, run: nil, actor: actor, origin: origin, reason: reason,
      fact: .flag(.revised(revision)))
  }
}
