import Foundation
import PipelineModel
import PluginKit
import Subprocess

/// Reads secrets from where `headgate.yaml` says they are, anew each time, and keeps none.
struct SecretReader: Sendable {
  private let secrets: [String: Secret.Source]
  /// What relative paths are relative to: the folder of `headgate.yaml`, wherever the program was started.
  private let folder: String

  init(_ secrets: [Secret], besides folder: String) {
    self.folder = folder
    self.secrets = Dictionary(secrets.map { ($0.name, $0.source) }) { first, _ in first }
  }

  /// Without the line break at its end. Throws `misconfigured`, naming the secret and its place, never its value.
  @Sendable func read(_ name: String) async throws(Failure) -> String {
    switch secrets[name] {
    case .environment(let variable): try value(of: variable, for: name)
    case .file(let path): try contents(of: path, for: name)
    case .command(let command): try await output(of: command, for: name)
    case nil: throw Failure(.misconfigured, "there is no secret \"\(name)\" in headgate.yaml")
    }
  }

  private func value(of variable: String, for name: String) throws(Failure) -> String {
    guard let value = ProcessInfo.processInfo.environment[variable], !value.isEmpty else {
      throw Failure(.misconfigured, "secret \"\(name)\": the environment variable \(variable) is not set")
    }
    return value
  }

  private func contents(of path: String, for name: String) throws(Failure) -> String {
    do {
      let file = URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: folder, isDirectory: true))
      return trimmed(try String(contentsOf: file, encoding: .utf8))
    } catch {
      throw Failure(.misconfigured, "secret \"\(name)\": the file \(path) cannot be read")
    }
  }

  private func output(of command: String, for name: String) async throws(Failure) -> String {
    let refusal = Failure(.misconfigured, "secret \"\(name)\": its command did not give it")
    do {
      let result = try await within(.seconds(10)) {
        try await Subprocess.run(
          .name("sh"), arguments: ["-c", command], output: .string(limit: 64 << 10), error: .discarded)
      }
      guard let result, result.terminationStatus.isSuccess else { throw refusal }
      return trimmed(result.standardOutput)
    } catch {
      throw refusal
    }
  }

  private func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.last?.isNewline == true { text.removeLast() }
    return String(text)
  }
}
