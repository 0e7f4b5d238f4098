import ArgumentParser
import PipelineModel

struct PluginList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the plugins of headgate.yaml, with the checksums of their folders.",
    discussion: """
      The checksum is for `sha256:` in headgate.yaml, which then refuses a folder that has changed.

      EXAMPLES
        headgate plugin list
        headgate plugin list --config /etc/headgate.yaml --format json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  private struct Row: Encodable {
    var name: String
    var version: String
    var kinds: [String]
    var path: String
    var sha256: String
    var pinned: Bool
    /// Why it cannot be used.
    var fault: String?
  }

  func run() throws {
    let installation = try Loader().installation(store, .readable)?.0
    let rows = try (installation?.plugins ?? []).map(row)
    if output.isJSON {
      try Console.json(rows)
      return try refuse(rows)
    }
    if rows.isEmpty {
      return Console.print("headgate.yaml names no plugins; `headgate plugin new NAME --language python` begins one")
    }
    var table = Table(header: ["PLUGIN", "VERSION", "KINDS", "PINNED", "SHA-256"])
    for row in rows {
      let pinned = row.pinned ? "yes" : "no"
      table.rows.append([row.name, row.version, row.kinds.joined(separator: ", "), pinned, row.sha256])
    }
    for line in table.lines { Console.print(line) }
    try refuse(rows)
  }

  private func refuse(_ rows: [Row]) throws {
    for row in rows { if let fault = row.fault { Console.error("headgate: \(fault)") } }
    if rows.contains(where: { $0.fault != nil }) { throw ExitCode.badFile }
  }

  private func row(_ plugin: InstalledPlugin) throws -> Row {
    do throws(Failure) {
      let sha256 = try Workshop.current.plugins.checksum(plugin.directory)
      let isChanged = plugin.sha256.map { $0 != sha256 } ?? false
      return Row(
        name: plugin.name, version: plugin.manifest.version,
        kinds: plugin.manifest.kinds.map { "\($0.kind.port.rawValue): \($0.kind.name)" }, path: plugin.directory,
        sha256: sha256, pinned: plugin.sha256 != nil,
        fault: isChanged ? "the files of \(plugin.name) are not those that `sha256` pins" : plugin.fault)
    } catch {
      throw Stop.unknown(error.message)
    }
  }
}
