import Foundation
import Subprocess
import SystemPackage

/// The built `headgate`, used as people use it: by its command line, in a folder.
package struct HeadgateProgram: Sendable {
  /// Where it runs: `headgate.yaml` and `headgate.db` are looked for here.
  package let folder: String
  private let environment: [String: String]

  package init(in folder: String, environment: [String: String] = [:]) {
    self.folder = folder
    self.environment = environment
  }

  /// Beside the tests that are running.
  package static let path: String = {
    let tests =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(filePath: tests).deletingLastPathComponent().appending(path: "headgate").path
  }()

  /// What came of a command that has ended.
  package struct Ending: Sendable {
    /// The exit code, or the negative number of the signal that ended it.
    package var code: Int32
    package var out: String
    package var errors: String

    package var lines: [String] { out.split(whereSeparator: \.isNewline).map(String.init) }

    /// Both streams, for a message when a test fails.
    package var all: String { "exit \(code)\n\(out)\(errors)" }
  }

  /// Runs a command to its end. Nothing is a terminal.
  package func callAsFunction(_ arguments: String..., environment more: [String: String] = [:]) async throws -> Ending {
    try await run(arguments, more)
  }

  /// Runs a command that must succeed, for what comes after it rests on it.
  ///
  /// - Throws: what it said, when it did not.
  package func act(_ arguments: [String]) async throws {
    let ending = try await run(arguments)
    if ending.code != 0 { throw RigError("headgate \(arguments.joined(separator: " ")): \(ending.all)") }
  }

  package func run(_ arguments: [String], _ more: [String: String] = [:]) async throws -> Ending {
    let base: [Environment.Key: String?] = ["HEADGATE_CONFIG": nil, "NO_COLOR": nil]
    let given = environment.merging(more) { $1 }.map { (Environment.Key(stringLiteral: $0), Optional($1)) }
    let result = try await Subprocess.run(
      .path(FilePath(Self.path)), arguments: Arguments(arguments),
      environment: .inherit.updating(base.merging(given) { $1 }), workingDirectory: FilePath(folder),
      output: .string(limit: 1 << 24), error: .string(limit: 1 << 24))
    return Ending(code: result.terminationStatus.code, out: result.standardOutput, errors: result.standardError)
  }
}

extension Rig {
  /// Starts `headgate` beside the test; its output is in the child's log. Give it paths that do not depend on a folder.
  package func headgate(_ name: String, _ arguments: [String]) async throws -> Child {
    try await start(name, HeadgateProgram.path, arguments)
  }
}
