import FoundationEssentials
import PipelineModel
import PluginKit
import Subprocess
import SystemPackage

/// A command that answers within a few seconds: asked, waited for, ended with all its children when it takes too long.
struct ShortCommand {
  /// For `/bin/sh -c`.
  var text: String
  var environment: [String: String]
  /// Where it runs; it also keeps its output there until it has been read.
  var directory: String
  var timeout: Interval

  /// What became of it: exit status (128 + signal when killed) and the last of what it printed.
  struct Result {
    var status: Int
    var output: String
    var errors: String
    /// Whether `output` is all that it printed.
    var isWhole: Bool

    /// The last lines of it for a message: of the errors, or of the output when there are none.
    var tail: String {
      let errors = lastLines(of: errors)
      return errors.isEmpty ? lastLines(of: output) : errors
    }
  }

  /// Runs it once.
  ///
  /// - Returns: `nil` when it was still running after `timeout`, or the caller was cancelled; nothing of it runs then.
  /// - Throws: when it cannot be started: `transient` when the machine lacks something for the moment, `misconfigured`
  ///   otherwise.
  func run() async throws(Failure) -> Result? {
    do {
      let output = try ScratchFile()
      defer { output.close() }
      let errors = try ScratchFile()
      defer { errors.close() }
      guard let status = try await status(output.descriptor, errors.descriptor) else { return nil }
      return Result(status: status, output: try output.tail(), errors: try errors.tail(), isWhole: try output.isShort())
    } catch {
      if Task.isCancelled { return nil }
      throw launchFailure(of: text, in: directory, error)
    }
  }

  private func status(_ output: FileDescriptor, _ errors: FileDescriptor) async throws -> Int? {
    try await withThrowingTaskGroup(of: Int?.self) { group in
      group.addTask { try await launched(output, errors) }
      group.addTask {
        try? await Task.sleep(for: .milliseconds(timeout.milliseconds))
        return nil
      }
      let first = try await group.next() ?? nil
      group.cancelAll()
      // Cancelling ends the command's whole session; it is waited for, so that nothing of it is left.
      while await group.nextResult() != nil {}
      return first
    }
  }

  private func launched(_ output: FileDescriptor, _ errors: FileDescriptor) async throws -> Int? {
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [
      .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(1)),
      .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero),
    ]
    let result = try await Subprocess.run(
      .path("/bin/sh"), arguments: ["-c", text], environment: .custom(names(environment)),
      workingDirectory: FilePath(directory), platformOptions: options,
      output: .fileDescriptor(output, closeAfterSpawningProcess: false),
      error: .fileDescriptor(errors, closeAfterSpawningProcess: false))
    if Task.isCancelled { return nil }
    return switch result.terminationStatus {
    case .exited(let code): Int(code)
    case .signaled(let signal): 128 + Int(signal)
    }
  }
}

/// A variable's name as the process library wants it.
func names(_ environment: [String: String]) -> [Environment.Key: String] {
  var keyed: [Environment.Key: String] = [:]
  for (name, value) in environment { keyed[Environment.Key(stringLiteral: name)] = value }
  return keyed
}

/// The last three lines that say something.
func lastLines(of output: String) -> String {
  let lines = output.suffix(2000).split(whereSeparator: \.isNewline).map { $0.excerpt(200) }.filter { !$0.isEmpty }
  return lines.suffix(3).joined(separator: " / ")
}

/// What it means that a process could not be made.
func launchFailure(of command: String, in directory: String, _ error: any Error) -> Failure {
  let passing: [Errno] = [.resourceTemporarilyUnavailable, .noMemory, .tooManyOpenFiles, .tooManyOpenFilesInSystem]
  let cause = (error as? SubprocessError)?.underlyingError ?? error as? Errno
  let kind: Failure.Kind = cause.map(passing.contains) == true ? .transient : .misconfigured
  return Failure(kind, "could not start `\(brief(command))` in \(directory): \("\(error)".excerpt(300))")
}

/// A command as messages name it: its first line, cut short.
func brief(_ command: String) -> String {
  let lines = command.split(whereSeparator: \.isNewline)
  guard let first = lines.first else { return "" }
  return lines.count == 1 ? first.excerpt(80) : "\(first.excerpt(79))…"
}

extension StringProtocol {
  /// Without white space at both ends.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
