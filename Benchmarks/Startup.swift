import Foundation

/// `headgate --help` from start to end, beside an empty Swift program, in turns.
///
/// The binary is the one built beside this one: `script/bench` builds both for release.
func measureStartup() throws -> [Figure] {
  let headgate = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    .appendingPathComponent("headgate").path
  let folder = try ScratchFolder()
  let empty = try emptyProgram(in: folder)
  var (own, peer): ([Double], [Double]) = ([], [])
  for _ in 0..<60 {
    peer.append(try milliseconds(of: empty, []))
    own.append(try milliseconds(of: headgate, ["--help"]))
  }
  return [
    Figure(
      name: "startup/headgate --help", value: own.median, unit: "ms",
      peer: ("an empty Swift program", peer.median), goal: "at most 15 ms more"),
    Figure(name: "startup/more than the peer", value: own.median - peer.median, unit: "ms", goal: "<= 15"),
  ]
}

/// Linked as `script/bench` links headgate: with Swift's libraries in it.
private func emptyProgram(in folder: ScratchFolder) throws -> String {
  let source = folder.file("empty.swift")
  try Data().write(to: URL(fileURLWithPath: source))
  let program = folder.file("empty")
  try run("/usr/bin/env", ["swiftc", "-O", "-static-stdlib", source, "-o", program])
  return program
}

private func milliseconds(of program: String, _ arguments: [String]) throws -> Double {
  try Spent.on { try run(program, arguments) }.seconds * 1000
}

private func run(_ program: String, _ arguments: [String]) throws {
  var process = pid_t()
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
  var words = ([program] + arguments).map { strdup($0) } + [nil]
  defer { for word in words { free(word) } }
  guard posix_spawn(&process, program, &actions, nil, &words, environ) == 0 else { throw CannotRun(program: program) }
  var status: Int32 = 0
  guard waitpid(process, &status, 0) == process, status == 0 else { throw CannotRun(program: program) }
}

private struct CannotRun: Error, CustomStringConvertible {
  var program: String
  var description: String { "\(program) could not be run to its end" }
}
