import ArgumentParser

struct PluginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin", abstract: "Lists, tries and begins plugins: backends in any language.",
    discussion: """
      A plugin is a folder with a plugin.yaml and a program that speaks JSON-RPC on standard input and output. \
      Plugins/The-plugin-protocol.md says how.

      EXAMPLES
        headgate plugin new weights --language python
        headgate plugin check weights
        headgate plugin list
      """,
    subcommands: [PluginList.self, PluginCheckCommand.self, PluginNew.self])
}
