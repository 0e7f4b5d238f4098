import ArgumentParser
import ControlAPI
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
  @OptionGroup var output: FormatOption

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let name = try desk.name(subject)
    let new = try revision(to, of: name, desk)
    let old: RecordedRevision?
    if let against {
      old = try revision(nil, of: FlagName(environment: desk.environment(against), key: name.key), desk)
    } else if let from {
      old = try revision(from, of: name, desk)
    } else {
      old = new.revision.number > 1 ? try revision(new.revision.number - 1, of: name, desk) : nil
    }
    let lines = FlagText.changes(from: old?.revision, to: new.revision)
    if output.isJSON {
      return try Console.json(FlagDifference(from: old.map { FlagSummary($0) }, to: FlagSummary(new), lines: lines))
    }
    if lines.isEmpty { return Console.print("no difference") }
    for line in lines { Console.print(line.shown) }
  }

  private func revision(_ number: Int64?, of name: FlagName, _ desk: FlagDesk) throws -> RecordedRevision {
    guard let number else { return try desk.existing(name) }
    guard let found = try desk.access.reading(archive: archive.archive).flag(name, revision: number) else {
      throw Stop.unknown("\(name) has no revision \(number); see `headgate flag history \(name.key)`")
    }
    return found
  }
}

extension FlagText {
  /// Line by line, with `-` and `+` in front of what went and came; empty when both say the same.
  static func difference(from old: FlagRevision?, to new: FlagRevision) -> [String] {
    changes(from: old, to: new).map(\.shown)
  }

  /// The same as values; every line of both, or none when both say the same.
  static func changes(from old: FlagRevision?, to new: FlagRevision) -> [FlagDifference.Line] {
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
  ) -> [FlagDifference.Line] {
    var lines: [FlagDifference.Line] = []
    var (old, new) = (0, 0)
    while old < before.count || new < after.count {
      if removed.contains(old) {
        lines.append(.init(kind: "removed", text: before[old]))
        old += 1
      } else if inserted.contains(new) {
        lines.append(.init(kind: "added", text: after[new]))
        new += 1
      } else {
        lines.append(.init(kind: "same", text: after[new]))
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

extension FlagDifference.Line {
  fileprivate var shown: String {
    switch kind {
    case "removed": Console.styled("- \(text)", .red)
    case "added": Console.styled("+ \(text)", .green)
    default: "  \(text)"
    }
  }
}
