import Foundation
import PipelineModel
import PluginKit
import Subprocess
import SystemPackage

/// How a plugin's program is run: in its folder, in a session of its own, with limits and a small environment.
struct PluginProcess: Sendable {
  let manifest: PluginManifest
  let directory: String

  /// Runs the program until it ends, by itself or because the caller is cancelled; what it has begun has been killed on return.
  ///
  /// - Parameters:
  ///   - input: lines for its standard input, which is closed when they end.
  ///   - spoke: is given every line of its standard output; `nil` for one beyond the limit, which is the last.
  ///   - logged: is given every line of its standard error.
  /// - Returns: why it ended.
  func run(
    _ input: AsyncStream<[UInt8]>, spoke: @escaping @Sendable ([UInt8]?) async -> Void,
    logged: @escaping @Sendable ([UInt8]) async -> Void
  ) async -> Ending {
    do {
      let result = try await Subprocess.run(
        .path("/bin/sh"), arguments: Arguments(arguments), environment: .custom(environment),
        workingDirectory: FilePath(directory), platformOptions: Self.options,
        input: .inputWriter, output: .sequence, error: .sequence
      ) { execution in
        await converse(execution, input, spoke, logged)
      }
      return switch result.terminationStatus {
      case .exited(let code): .exited(Int(code))
      case .signaled(let signal): .killed(signal: Int(signal))
      }
    } catch {
      return .notStarted(Self.kind(of: error), "\(error)".excerpt(300))
    }
  }

  enum Ending: Equatable {
    case exited(Int)
    case killed(signal: Int)
    /// `misconfigured` when its folder or the shell is not there, `transient` when it cannot be started now.
    case notStarted(Failure.Kind, String)
  }

  private static func kind(of error: any Error) -> Failure.Kind {
    guard let error = error as? SubprocessError else { return .transient }
    return [.executableNotFound, .failedToChangeWorkingDirectory].contains(error.code) ? .misconfigured : .transient
  }

  private typealias Running = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

  private func converse(
    _ execution: Running, _ input: AsyncStream<[UInt8]>, _ spoke: @escaping @Sendable ([UInt8]?) async -> Void,
    _ logged: @escaping @Sendable ([UInt8]) async -> Void
  ) async {
    await withTaskGroup(of: Void.self) { group in
      let writing = Task { await write(input, to: execution.standardInputWriter) }
      group.addTask { await log(execution.standardError, logged) }
      await read(execution.standardOutput, spoke)
      // It has ended or will say nothing more: what it has begun beside itself goes with it. Its own number is not given
      // away before `run` has collected it.
      kill(-execution.processIdentifier.value, SIGKILL)
      writing.cancel()
      await writing.value
    }
  }

  private func write(_ lines: AsyncStream<[UInt8]>, to writer: StandardInputWriter) async {
    for await line in lines {
      // A program that reads no more will have ended, or be ended for not answering.
      guard (try? await writer.write(line)) != nil else { break }
    }
    try? await writer.finish()
  }

  private func read(_ output: SubprocessOutputSequence, _ spoke: ([UInt8]?) async -> Void) async {
    var splitter = LineSplitter(limit: manifest.limits.message)
    do {
      for try await chunk in output {
        for line in chunk.withUnsafeBytes({ splitter.lines(in: $0) }) { await spoke(line) }
        if splitter.hasOverflowed { return await spoke(nil) }
      }
    } catch {
      // Reading was cut short because the program has ended.
    }
  }

  private func log(_ output: SubprocessOutputSequence, _ logged: ([UInt8]) async -> Void) async {
    var splitter = LineSplitter(limit: Self.longestLogLine)
    do {
      for try await chunk in output {
        for line in chunk.withUnsafeBytes({ splitter.lines(in: $0) }) { await logged(line) }
        if splitter.hasOverflowed { splitter = LineSplitter(limit: Self.longestLogLine) }
      }
    } catch {
      // As above.
    }
  }

  private static let longestLogLine = 8 << 10

  // MARK: Surroundings

  /// Sets the limits, and gives way to the program.
  ///
  /// A program ends when its standard input does. One that hangs does not, and nobody is left to end it when this process
  /// was killed: so a watcher looks every few seconds whether this process is still there, and ends the group when not. It
  /// is in the group, so it goes with it; and it is nobody's child, since some programs wait for all of theirs.
  private static let launcher = """
    ulimit -c 0
    ulimit -d "$1" || exit 78
    (
      {
        while kill -s 0 "$2" 2>/dev/null; do sleep 3; done
        sleep 2
        kill -s KILL 0
      } </dev/null >/dev/null 2>&1 &
    )
    shift 2
    exec "$@"
    """

  private var arguments: [String] {
    let memory = "\(manifest.limits.memory >> 10)"
    return ["-c", Self.launcher, "headgate-plugin", memory, "\(getpid())"] + manifest.command
  }

  private var environment: [Environment.Key: String] {
    let own = ProcessInfo.processInfo.environment
    var variables: [Environment.Key: String] = [
      "PATH": own["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "HOME": own["HOME"] ?? "/",
      "LANG": own["LANG"] ?? "C.UTF-8",
    ]
    for name in manifest.environment { variables[Environment.Key(stringLiteral: name)] = own[name] }
    return variables
  }

  private static var options: PlatformOptions {
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
    return options
  }
}
