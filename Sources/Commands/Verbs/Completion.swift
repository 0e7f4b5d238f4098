import ArgumentParser

struct Completion: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion",
    abstract: "Prints a completion script for your shell.",
    discussion: """
      EXAMPLES
        headgate completion bash > /etc/bash_completion.d/headgate
        headgate completion zsh > "${fpath[1]}/_headgate"
        headgate completion fish > ~/.config/fish/completions/headgate.fish
      """)

  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish
  }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() throws {
    let completion: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    Console.print(Headgate.completionScript(for: completion))
  }
}
