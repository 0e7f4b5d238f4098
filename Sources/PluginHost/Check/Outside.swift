import Foundation
import PipelineModel
import PluginKit
import Subprocess
import SystemPackage

/// What there is of a backend's work outside of it, as plugin.yaml says that it can be found out: by a command.
struct Outside: Sendable {
  private var command: [String]
  private var folder: String
  private var state: String

  private static let most = 16 << 20

  init(_ command: [String], of trial: KindTrial) {
    self.command = command
    folder = trial.base
    state = "\(trial.state)/plugins/\(KindTrial.backendName)"
  }

  /// How often a key occurs in what the command prints.
  ///
  /// - Throws: `misconfigured` when the command does not end, or not well, or prints too much.
  func count(of key: String) async throws -> Int { try await printed().components(separatedBy: key).count - 1 }

  /// The lines with a key that the command prints, sorted.
  func lines(with key: String) async throws -> [String] {
    try await printed().split(whereSeparator: \.isNewline).map(String.init).filter { $0.contains(key) }.sorted()
  }

  private func printed() async throws -> String {
    let printed = try await within(.seconds(60)) { try await output() }
    guard let printed else { throw Failure(.misconfigured, "`\(command.joined(separator: " "))` does not end") }
    return printed
  }

  private func output() async throws -> String {
    let program = command[0]
    let result = try await Subprocess.run(
      program.contains("/") ? .path(FilePath(program)) : .name(program),
      arguments: Arguments(Array(command.dropFirst())),
      environment: .inherit.updating(["STATE_DIRECTORY": state]), workingDirectory: FilePath(folder),
      output: .string(limit: Self.most), error: .string(limit: 64 << 10))
    guard result.terminationStatus.isSuccess else {
      throw Failure(
        .misconfigured, "`\(command.joined(separator: " "))`: \(result.standardError.excerpt(300))")
    }
    return result.standardOutput
  }
}
