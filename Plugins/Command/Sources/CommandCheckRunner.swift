package import PipelineModel
package import PluginKit

/// Runs check commands as processes of their own on this machine.
///
/// What they leave is under `root`, a folder for each key, until it is forgotten; a restart finds it again. The machine going
/// down is noticed, since every mark names the boot it was made in.
package struct CommandCheckRunner: CheckRunner {
  private let commands: LongCommand

  package init(root: String) { commands = LongCommand(root: root, mode: .check) }

  package func start(_ request: CheckRequest) async throws(Failure) { try await commands.start(request) }

  package func state(of key: String) async throws(Failure) -> CheckState? { try commands.state(of: key) }

  package func cancel(_ key: String) async { await commands.cancel(key) }

  package func known() -> [String] { CheckFolder.keys(in: commands.root) }

  package func forget(_ key: String) async {
    await commands.cancel(key)
    (try? CheckFolder(root: commands.root, key: key))?.remove()
  }
}
