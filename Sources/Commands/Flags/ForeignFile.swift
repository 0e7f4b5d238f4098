import ArgumentParser
import ControlAPI
import Controller
import Flags
import Foundation
import PipelineModel
import PipelineSyntax

/// A file of another system's flags, with what it comes to here.
struct ForeignFile {
  let path: String
  let flags: [ImportedFlag]
  /// Flags that were left out, and why; what is carried over with a difference.
  let diagnostics: [Diagnostic]

  /// - Parameter environment: of a file that has several, which one to take.
  /// - Throws: `FileRefusal` for a file that cannot be read at all.
  init(_ path: String, from source: ForeignFlags.Source, environment: String?) throws {
    // Not as pipelines are read: an export of ten thousand flags is larger than any pipeline.
    guard let data = FileManager.default.contents(atPath: path) else {
      var diagnostic = Diagnostic(.error, path: path, place: .start, message: "the file cannot be read")
      diagnostic.hasPlace = false
      throw FileRefusal(diagnostics: [diagnostic])
    }
    let text = FlagSource(SourceFile(path: path, bytes: [UInt8](data)))
    guard let root = text.root else { throw FileRefusal(diagnostics: text.diagnostics) }
    let read = ForeignFlags.read(source, root, in: text.bytes, environment: environment, now: .wall)
    self.path = path
    flags = read.flags
    diagnostics = text.diagnostics + text.diagnostics(read.problems)
  }

  /// Whether nothing had to be left out.
  var isWhole: Bool { !diagnostics.contains { $0.severity == .error } }

  /// How many get another variant here than there.
  func reports(over people: [JSONObject]?) -> [ForeignReport] {
    flags.map { imported in
      let people = people ?? imported.population
      return ForeignReport(imported, imported.movement(over: people, at: .wall))
    }
  }
}

extension ForeignReport {
  fileprivate init(_ imported: ImportedFlag, _ movement: Movement) {
    let ways = movement.ways.map { MoversReport.Way(from: $0.key.from, to: $0.key.to, people: $0.value) }
    self.init(
      flag: imported.flag.key, definition: imported.definition.written, people: movement.population,
      moved: movement.movers.count,
      ways: ways.sorted { ($1.people, $0.from ?? "", $0.to ?? "") < ($0.people, $1.from ?? "", $1.to ?? "") })
  }

  /// What people are told.
  var lines: [String] {
    if moved == 0 { return ["\(flag): nobody gets anything else (\(people) people reckoned with)"] }
    let share = Double(moved) / Double(max(1, people)) * 100
    let first = "\(flag): \(moved) of \(people) people get another variant (\((share * 10).rounded() / 10) %)"
    return [first]
      + ways.map { "    \($0.people) from \($0.from ?? "their own default") to \($0.to ?? "their own default")" }
  }
}
