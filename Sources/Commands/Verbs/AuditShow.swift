import ArgumentParser
import Controller
import Engine
import Flags
import Narrative
import PipelineModel
import SQLiteStore

struct AuditShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One entry of the log: who, when, from where, why, and what it says.",
    discussion: """
      EXAMPLES
        headgate audit show 1042
        headgate audit show 7 --archive /var/lib/headgate/archive
      """)

  @Argument(help: "The entry's number.") var entry: Int64
  @OptionGroup var archive: ArchiveOption
  @OptionGroup var store: StoreOptions
  @OptionGroup var identity: IdentityOptions
  @OptionGroup var output: FormatOption

  func validate() throws {
    if entry < 1 { throw ValidationError("entries are numbered from 1; see `headgate audit list`") }
  }

  func run() throws {
    try AuditedReader(store, identity).note(.show, "\(entry)")
    let store = try StoreAccess(store).reading(archive: archive.archive)
    guard let found = try store.entry(entry) else {
      throw Stop.unknown("there is no entry \(entry): the log ends at \(try store.head().sequence)")
    }
    let line = try store.line(found)
    if output.isJSON { return Console.print(line?.json ?? String(decoding: found.canonical, as: UTF8.self)) }
    show(found, line)
  }

  private func show(_ entry: Entry, _ line: AuditLine?) {
    Console.print(Console.styled("entry \(entry.sequence), \(entry.fact.kind.rawValue)", .bold))
    let target = line?.target.map { "\($0)" }
    let rows: [(String, String?)] = [
      ("time", entry.time.rfc3339), ("actor", entry.actor.description), ("from", entry.origin),
      ("reason", entry.reason), ("run", entry.run.map { "\($0)" }), ("target", target),
      ("hash", line?.hexHash ?? "in the archive: the entry was carried forward from there"),
    ]
    for (name, value) in rows { if let value { Console.print("  \(name.padding(to: 7)) \(value.onOneLine)") } }
    Console.print(indented(entry.fact.canonicalText))
    for decision in entry.decisions { Console.print("decided \(decision.name)") }
  }

  private func indented(_ text: String) -> String {
    (try? FlagText(text, from: "the entry").value())?.indented() ?? text
  }
}

extension ReadingStore {
  /// An entry with its hash; `nil`: the entry itself lies in an archive that is not at hand.
  fileprivate func line(_ entry: Entry) throws -> AuditLine? {
    var found: AuditLine?
    try forEachEntry(EntryFilter(from: entry.time, to: entry.time + .milliseconds(1))) { line in
      if line.entry.sequence == entry.sequence { found = line }
      return found == nil
    }
    return found
  }
}
