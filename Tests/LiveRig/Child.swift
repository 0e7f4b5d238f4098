import Foundation
import Glibc
import Subprocess
import Synchronization
import SystemPackage

extension TerminationStatus {
  /// The exit code, or the negative number of the signal.
  var code: Int32 {
    switch self {
    case .exited(let code): code
    case .signaled(let signal): -signal
    }
  }
}

/// A program started by a test: its output goes to a file, it is signalled and ended by its number, and it does not
/// outlive the test process, however that ends.
package final class Child: Sendable {
  package let name: String
  let path: String
  package let pid: Int32
  let log: String
  private let end: Task<TerminationStatus, any Error>
  private let hasEnded = Mutex(false)

  /// A watcher reads from a pipe that only the test process can write to, so reading ends when the test process does;
  /// then it ends the program, if it is still the same. The program takes the shell's place and number. The watcher is
  /// nobody's child, since some programs wait for all of theirs.
  private static let guarded = """
    exec 3<&0
    start() { read -r line </proc/$$/stat && set -- ${line##*) } && echo "${20}"; }
    begun=$(start)
    (
      {
        while read -r line <&3; do :; done
        [ "$(start)" = "$begun" ] && { kill -s CONT $$; kill -s TERM $$; sleep 2; }
        [ "$(start)" = "$begun" ] && kill -s KILL $$
      } >/dev/null 2>&1 &
    )
    exec "$@" </dev/null 3<&-
    """

  /// Its reading end is every child's standard input; its writing end is closed by the end of this process alone.
  private static let lifeline = Result { try FileDescriptor.pipe(options: [.closeOnExec]) }

  package init(_ name: String, _ path: String, _ arguments: [String], log: String) async throws {
    let input = try Self.lifeline.get().readEnd
    let output = try FileDescriptor.open(
      FilePath(log), .writeOnly, options: [.create, .append, .closeOnExec], permissions: .ownerReadWrite)
    let (pids, pid) = AsyncStream.makeStream(of: Int32.self)
    end = Task {
      defer { pid.finish() }
      let result = try await Subprocess.run(
        .path("/bin/sh"), arguments: Arguments(["-c", Self.guarded, name, path] + arguments),
        input: .fileDescriptor(input, closeAfterSpawningProcess: false),
        output: .fileDescriptor(output, closeAfterSpawningProcess: true), error: .combinedWithOutput
      ) { execution in
        _ = pid.yield(execution.processIdentifier.value)
      }
      return result.terminationStatus
    }
    self.name = name
    self.path = path
    self.log = log
    guard let first = await pids.first(where: { _ in true }) else {
      throw RigError("could not start \(path): \(await end.result)")
    }
    self.pid = first
    Task { [self] in
      _ = await end.result
      hasEnded.withLock { $0 = true }
    }
  }

  package var isRunning: Bool { !hasEnded.withLock { $0 } }

  /// Harmless when it has ended.
  package func signal(_ number: Int32) {
    hasEnded.withLock { if !$0 { kill(pid, number) } }
  }

  /// It stops where it is, with all its threads, until it is sent SIGCONT.
  package func hang() async throws {
    signal(SIGSTOP)
    let folder = "/proc/\(pid)/task"
    try await Rig.wait(for: "\(name) to stop") {
      try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { thread in
        FileManager.default.contents(atPath: "\(folder)/\(thread)/status")
          .map { String(decoding: $0, as: UTF8.self).contains("State:\tT") } ?? true
      }
    }
  }

  /// Ends it, by force after ten seconds, and waits until it has ended.
  package func stop(by number: Int32 = SIGTERM) async {
    signal(SIGCONT)
    signal(number)
    let force = Task {
      try await Task.sleep(for: .seconds(10))
      signal(SIGKILL)
    }
    _ = await end.result
    force.cancel()
    hasEnded.withLock { $0 = true }
  }

  /// Waits until it has ended by itself: its exit code, or the negative number of the signal that ended it.
  package func ending() async throws -> Int32 {
    let status = try await end.value
    hasEnded.withLock { $0 = true }
    return status.code
  }

  /// What it printed.
  package var output: String {
    String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
  }
}
