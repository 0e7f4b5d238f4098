package import PipelineModel

/// Runs the commands of `check` stages. A command outlives the controller that started it and is found again by its key.
package protocol CheckRunner: Sendable {
  /// Begins the command. Twice with the same key is once, also when the first start was by a controller since killed.
  func start(_ request: CheckRequest) async throws(Failure)

  /// `nil`: no command was ever started under that key.
  func state(of key: String) async throws(Failure) -> CheckState?

  /// Ends the command and its children. Harmless when it has ended or never began.
  func cancel(_ key: String) async

  /// The keys of all commands that were started and not forgotten, whether they run or have ended. Does not wait.
  func known() -> [String]

  /// Ends the command, and removes what is kept of it: its key is as if it had never been. Harmless when it is.
  func forget(_ key: String) async
}

package struct CheckRequest: Hashable, Sendable {
  package var key: String
  /// For `/bin/sh -c`.
  package var command: String
  /// Added to a small base environment (`PATH`, `HOME`, `LANG`); nothing else of the controller's reaches the command.
  package var environment: [String: String]
  /// `nil`: the folder of the pipeline's file, or the controller's own.
  package var directory: String?
  package var timeout: Interval

  package init(
    key: String, command: String, environment: [String: String] = [:], directory: String? = nil, timeout: Interval
  ) {
    self.key = key
    self.command = command
    self.environment = environment
    self.directory = directory
    self.timeout = timeout
  }
}

package enum CheckState: Hashable, Sendable {
  case running
  /// Exit status, 128 + signal when killed, 124 when it ran out of time; the last of what it printed, at most 8 KiB.
  case exited(status: Int, output: String)
  /// It was started, and died without leaving a status: the machine went down, or somebody killed it.
  case lost(output: String)
}
