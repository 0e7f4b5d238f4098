import ArgumentParser
import Foundation
import PipelineModel
import PipelineSyntax
import Synchronization

struct PluginCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Tries every promise of the plugin protocol on a plugin, and says which it breaks.",
    discussion: """
      The program is started with the settings under `check:` of its plugin.yaml, and asked what is said there. Exits \
      with 1 when a promise is broken.

      EXAMPLES
        headgate plugin check weights              a plugin of headgate.yaml
        headgate plugin check ./plugins/weights    any folder with a plugin.yaml
        headgate plugin check weights --patience 30s
      """)

  @Argument(help: "Name of a plugin in headgate.yaml, or its folder.", completion: .directory)
  var plugin: String

  @Option(
    help: ArgumentHelp(
      "How long its program may take to end when it is asked to, and to answer a call that was given up; unless given, "
        + "the 2s and 5s of the protocol. More where the machine has much to do.", valueName: "duration"))
  var patience: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  private struct Line: Encodable {
    var kind: String
    var promise: String
    var kept: Bool
    var complaints: [String]
  }

  func run() throws {
    let lines = findings(try found(), try patience.map(interval), show: !output.isJSON)
    let broken = lines.count { !$0.kept }
    if output.isJSON {
      try Console.json(lines)
    } else if broken == 0 {
      Console.print(Console.styled("\(plugin) keeps all \(lines.count) promises", .green))
    } else {
      Console.print(Console.styled("\(plugin) breaks \(broken) of \(lines.count) promises", .red))
    }
    if broken > 0 { throw ExitCode.negative }
  }

  /// A folder, or else a name in headgate.yaml.
  private func found() throws -> InstalledPlugin {
    let loader = Loader()
    if FileManager.default.fileExists(atPath: "\(plugin)/plugin.yaml") {
      let folder = URL(fileURLWithPath: plugin).standardizedFileURL.path
      let manifest = try loader.plugin("\(plugin)/plugin.yaml")
      return InstalledPlugin(name: manifest.name, directory: folder, manifest: manifest)
    }
    let plugins = try loader.installation(store, .readable)?.0.plugins ?? []
    if let found = plugins.first(where: { $0.name == plugin }) { return found }
    let known = plugins.isEmpty ? "" : "; headgate.yaml has \(plugins.map(\.name).joined(separator: ", "))"
    throw Stop(
      code: .wrongUsage,
      description: "there is no folder \(plugin) with a plugin.yaml, and no plugin of that name\(known)")
  }

  private func interval(_ text: String) throws -> Interval {
    do throws(UnitMistake) {
      return try Interval(written: text)
    } catch {
      throw Stop(code: .wrongUsage, description: "--patience: \(error.message); \(error.help)")
    }
  }

  private func findings(_ plugin: InstalledPlugin, _ patience: Interval?, show: Bool) -> [Line] {
    let collected = Collected()
    let ended = DispatchSemaphore(value: 0)
    let check = Workshop.current.plugins.check
    Task.detached {
      await check(plugin, patience) { finding in
        let line = Line(
          kind: finding.kind, promise: finding.promise, kept: finding.complaints.isEmpty,
          complaints: finding.complaints)
        collected.add(line)
        if show { Self.show(line) }
      }
      ended.signal()
    }
    ended.wait()
    return collected.lines
  }

  private final class Collected: Sendable {
    private let all = Mutex<[Line]>([])
    func add(_ line: Line) { all.withLock { $0.append(line) } }
    var lines: [Line] { all.withLock { $0 } }
  }

  private static func show(_ line: Line) {
    let mark = line.kept ? Console.styled("kept  ", .green) : Console.styled("BROKEN", .red)
    Console.print("\(mark)  \(line.kind): \(line.promise)")
    for complaint in line.complaints { Console.print("        \(complaint)") }
  }
}
