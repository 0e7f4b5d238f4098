import ArgumentParser
import ControlAPI
import Engine
import Flags
import Foundation
import PipelineModel
import SQLiteStore

struct FlagExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes an environment's flags as a flagd document.",
    discussion: """
      Every flagd provider takes it as it is. Archived flags are left out.

      EXAMPLES
        headgate flag export -e production > flags.json
        headgate flag export -e production --at 2026-11-01 --output then.json
      """)

  @OptionGroup var place: FlagPlaceOptions
  @Option(help: "As they were at this day or instant.") var at: Instant?
  @Option(help: "The file; standard output unless given.", completion: .file()) var output: String?

  func run() throws {
    let desk = try FlagDesk(place.store)
    let environment = try desk.environment(place.environment)
    let store = try desk.access.reading()
    let flags = try store.flags(environment: environment).compactMap { head in
      try at.map { try store.flag(head.revision.name, at: $0.timestamp) } ?? head
    }.map(\.revision).filter { !$0.isArchived }
    let members = try flags.map { ($0.name.key, JSONValue.object(try $0.definitionOrStop().members)) }
    let document = JSONValue.object(
      JSONObject([
        ("$schema", .text("https://flagd.dev/schema/v0/flags.json")), ("flags", .object(JSONObject(members))),
      ]))
    let text = document.indented() + "\n"
    guard let output else { return Console.write(text) }
    guard FileManager.default.createFile(atPath: output, contents: Data(text.utf8)) else {
      throw Stop.unknown("\(output) could not be written")
    }
    Console.error("\(flags.count) flags written to \(output)")
  }
}
