import ArgumentParser
import Engine
import Flags
import Foundation
import PipelineModel
import SQLiteStore

struct FlagDiff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "What changed of a flag between two revisions, or two environments.",
    discussion: """
      EXAMPLES
        headgate flag diff new-checkout -e production
        headgate flag diff new-checkout -e production --from 3 --to 7
        headgate flag diff new-checkout -e production --against staging
      """)

  @OptionGroup var subject: FlagSubject
  @Option(help: "The older revision; unless given, the one before.") var from: Int64?
  @Option(help: "The newer revision; unless given, the newest.") var to: Int64?
  @Option(help: "Compares with the flag of the same key in this environment.") var against: String?
  @OptionGroup var archive: ArchiveOption

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let name = try desk.name(subject)
    let new = try revision(to, of: name, desk)
    let old: FlagRevision?
    if let against {
      old = try revision(nil, of: FlagName(environment: desk.environment(against), key: name.key), desk)
    } else if let from {
      old = try revision(from, of: name, desk)
    } else {
      old = new.number > 1 ? try revision(new.number - 1, of: name, desk) : nil
    }
    let lines = FlagText.difference(from: old, to: new)
    if lines.isEmpty { return Console.print("no difference") }
    for line in lines { Console.print(line) }
  }

  private func revision(_ number: Int64?, of name: FlagName, _ desk: FlagDesk) throws -> FlagRevision {
    guard let number else { return try desk.existing(name).revision }
    guard let found = try desk.access.reading(archive: archive.archive).flag(name, revision: number) else {
      throw Stop.unknown("\(name) has no revision \(number); see `headgate flag history \(name.key)`")
    }
    return found.revision
  }
}

extension FlagText {
  /// Line by line, with `-` and `+` in front of what went and came; empty when both say the same.
  static func difference(from old: FlagRevision?, to new: FlagRevision) -> [String] {
    let (before, after) = (old.map(lines) ?? [], lines(new))
    let change = after.difference(from: before)
    if change.isEmpty { return [] }
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for step in change {
      switch step {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    return merged(before, after, removed, inserted)
  }

  private static func merged(
    _ before: [String], _ after: [String], _ removed: Set<Int>, _ inserted: Set<Int>
  ) -> [String] {
    var lines: [String] = []
    var (old, new) = (0, 0)
    while old < before.count || new < after.count {
      if removed.contains(old) {
        lines.append(Console.styled("- \(before[old])", .red))
        old += 1
      } else if inserted.contains(new) {
        lines.append(Console.styled("+ \(after[new])", .green))
        new += 1
      } else {
        lines.append("  \(after[new])")
        (old, new) = (old + 1, new + 1)
      }
    }
    return lines
  }

  private static func lines(_ revision: FlagRevision) -> [String] {
    let definition = (try? revision.parsed()).map { JSONValue.object($0.members).indented() } ?? revision.definition
    let latch = revision.isLatched ? ["latched"] : []
    return FlagShow.agreed(revision).filter { !$0.hasPrefix("approved by") } + latch
      + definition.components(separatedBy: "\n")
  }
}
