import Foundation
import LiveRig
import Testing

/// What the pages of the backends show of headgate.yaml is what `validate` takes.
@Suite struct PluginReadmeTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var page: String
    var text: String
    var testDescription: String { page }
  }

  private static let plugins =
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Plugins").standardizedFileURL.path

  private static let examples: [Example] = {
    let folders = ((try? FileManager.default.contentsOfDirectory(atPath: plugins)) ?? []).sorted()
    return folders.flatMap { examples(in: "\($0)/README.md") }
  }()

  /// The blocks marked as yaml and nothing else that have backends under their port's name.
  private static func examples(in page: String) -> [Example] {
    guard let text = try? String(contentsOf: URL(filePath: "\(plugins)/\(page)"), encoding: .utf8) else { return [] }
    let blocks = text.components(separatedBy: "```yaml\n").dropFirst().compactMap {
      // A plugin's folder is named from the root of the repository.
      $0.components(separatedBy: "\n```").first?.replacing("path: Plugins/", with: "path: \(plugins)/")
    }
    return blocks.filter { $0.contains(#/(?m)^(providers|routers|deployers|notifiers):/#) }
      .map { Example(page: page, text: $0.contains(#/(?m)^store:/#) ? $0 : "store: headgate.db\n\($0)\n") }
  }

  @Test func `there are examples`() { #expect(Self.examples.contains { $0.page == "Nginx/README.md" }) }

  @Test(arguments: examples) func `an example of headgate.yaml is valid`(example: Example) async throws {
    try await Scratch.with { scratch in
      let file = try scratch.rig.write(example.text, to: "headgate.yaml")
      let ending = try await scratch.headgate("validate", "--config", file, file)
      #expect(ending.code == 0, "\(ending.all)")
    }
  }
}
