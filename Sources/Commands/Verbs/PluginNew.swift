import ArgumentParser
import Foundation

struct PluginNew: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Writes the skeleton of a plugin, which works at once.",
    discussion: """
      It is a metric provider that answers each number with itself; with --port traffic a router that keeps the weights \
      in a file; with --port deployment a deployer whose versions come up when their time has passed; with --port \
      notification a notifier that writes into a file; with --port step a runner whose step waits. Put your own backend \
      in its place. A plugin in Swift is built by its script `build` first.

      EXAMPLES
        headgate plugin new weights --language python
        headgate plugin new weights --language shell --folder plugins/weights
        headgate plugin new edge --language python --port traffic
        headgate plugin new shipyard --language python --port step
        headgate plugin check weights
      """)

  @Argument(help: "Its name: small letters, digits and dashes.")
  var name: String

  @Option(help: "python, shell (with jq) or swift.")
  var language: PluginSkeleton.Language

  @Option(help: "What it is to do: metrics, traffic, deployment, notification or step.")
  var port = PluginSkeleton.Port.metrics

  @Option(help: "Where to write it; a folder of its name unless given.", completion: .directory)
  var folder: String?

  @OptionGroup var output: FormatOption

  private struct Written: Encodable {
    var plugin: String
    var files: [String]
  }

  func validate() throws {
    let isName = !name.isEmpty && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    guard isName, name.first != "-" else {
      throw ValidationError("\"\(name)\" cannot be the name of a plugin; use small letters, digits and dashes")
    }
  }

  func run() throws {
    let folder = folder ?? name
    if FileManager.default.fileExists(atPath: folder) {
      throw Stop(code: .wrongUsage, description: "\(folder) is there already; name another with --folder")
    }
    let skeleton = PluginSkeleton(name: name, language: language, port: port)
    do {
      try skeleton.write(to: folder)
    } catch {
      throw Stop.unknown("\(folder) could not be written: \(error.localizedDescription)")
    }
    if output.isJSON {
      return try Console.json(Written(plugin: name, files: skeleton.files.map { "\(folder)/\($0.name)" }))
    }
    Console.print("wrote \(skeleton.files.map(\.name).joined(separator: ", ")) into \(folder)")
    if language == .swift { Console.print("build it:  \(folder)/build") }
    Console.print("try it:    headgate plugin check \(folder)")
  }
}
