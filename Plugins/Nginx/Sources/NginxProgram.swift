import PipelineModel
import PluginKit
import Subprocess
import SystemPackage

/// nginx's own program: it looks at configurations, and tells the one that runs to read its own again.
struct NginxProgram: Sendable {
  /// Ends with 0 when the whole configuration is good.
  var test: [String]
  /// Makes nginx begin to read its configuration again; says nothing of whether it did.
  var reload: [String]
  var timeout: Interval

  struct Result: Sendable {
    var status: Int
    var errors: String

    /// What it complained of, without the lines that say the same in general.
    var complaint: String {
      let lines = errors.split(whereSeparator: \.isNewline)
      let first = lines.first { $0.contains("[emerg]") || $0.contains("[error]") || $0.contains("[alert]") }
      return (first ?? lines.last)?.excerpt(300) ?? "it ended with \(status), and says nothing"
    }
  }

  /// Runs one of its commands to the end.
  ///
  /// - Throws: `misconfigured` when there is no such program or it may not be run, `transient` when it cannot be started
  ///   now, as without memory or open files to spare, or does not end in time.
  func run(_ command: [String]) async throws(Failure) -> Result {
    let name = command.joined(separator: " ").excerpt(80)
    guard let program = command.first else { throw Failure(.misconfigured, "there is no command to run") }
    let result: Result?
    do {
      result = try await within(timeout) { try await Self.run(program, Array(command.dropFirst())) }
    } catch is CancellationError {
      throw Failure(.transient, "`\(name)` was cancelled")
    } catch {
      throw Failure(Self.kind(of: error), "could not start `\(name)`: \("\(error)".excerpt(200))")
    }
    guard let result else { throw Failure(.transient, "`\(name)` did not end within \(timeout)") }
    return result
  }

  private static func kind(of error: any Error) -> Failure.Kind {
    guard let error = error as? SubprocessError else { return .transient }
    let wrong: [Errno] = [.noSuchFileOrDirectory, .permissionDenied, .notDirectory, .execFormatError]
    let isWrong = error.code == .executableNotFound || error.underlyingError.map { wrong.contains($0) } ?? false
    return isWrong ? .misconfigured : .transient
  }

  private static func run(_ program: String, _ arguments: [String]) async throws -> Result {
    let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
    let result = try await Subprocess.run(
      executable, arguments: Arguments(arguments), output: .discarded, error: .string(limit: 1 << 16))
    return switch result.terminationStatus {
    case .exited(let code): Result(status: Int(code), errors: result.standardError)
    case .signaled(let signal): Result(status: 128 + Int(signal), errors: result.standardError)
    }
  }
}
