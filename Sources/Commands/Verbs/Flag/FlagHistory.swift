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
      Exits with 2 when some of it lies in an archive that is not at hand.

      EXAMPLES
        headgate flag history new-checkout -e production
        headgate flag history new-checkout -e production --all
      """)

  @OptionGroup var subject: FlagSubject
  @ArgumentParser.Flag(help: "Proposals and refusals, too.") var all = false
  @OptionGroup var archive: ArchiveOption
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let name = try desk.name(subject)
    try AuditedReader(subject.place.store, identity).note(.history, "flag \(name)")
    try desk.mustNotBeMistyped(name)
    let store = try desk.access.reading(archive: archive.archive)
    let past = try store.history(of: name)
    if output.isJSON {
      try Console.json(past.revisions.map { FlagSummary($0) })
    } else {
      try show(past, of: name, store)
    }
    if let first = past.elsewhere.first, let last = past.elsewhere.last {
      throw Stop.unknown(
        "of \(name), \(first == last ? "revision \(first) lies" : "revisions \(first) to \(last) lie") in an archive and "
          + "\(first == last ? "is" : "are") not shown: " + (try store.placeOfArchive()))
    }
  }

  private func show(_ past: FlagPast, of name: FlagName, _ store: ReadingStore) throws {
    let entries = all ? try everything(of: name, store) : past.revisions.map(\.entry)
    if entries.isEmpty, past.elsewhere.isEmpty {
      throw Stop.unknown("there is no flag \(name); see `headgate flag list`")
    }
    for sentence in entries.compactMap({ FlagTeller.sentence(of: $0) }) {
      Console.print(Console.line(sentence, since: sentence.time.rfc3339))
    }
  }

  private func everything(of name: FlagName, _ store: ReadingStore) throws -> [Entry] {
    var proposals: Set<Int64> = []
    var entries: [Entry] = []
    try store.forEachEntry(EntryFilter()) { line in
      guard case .flag(let fact) = line.entry.fact else { return true }
      if case .proposal(let proposal) = fact, fact.name == name { proposals.insert(proposal.id) }
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
