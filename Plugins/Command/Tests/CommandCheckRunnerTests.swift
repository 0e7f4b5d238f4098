import FoundationEssentials
import Glibc
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import CommandPlugin

/// Check commands outlive the controller, run once for a key, and what became of them is told rightly.
@Suite struct CommandCheckRunnerTests {
  @Test func `the command runner keeps the promises of a check runner`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    await verifyCheckRunner(
      CheckRunnerHarness(directory: folder.path) { CommandCheckRunner(root: "\(folder.path)/checks") })
  }

  @Test func `many starts of one key at once run the command once`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let request = CheckRequest(
      key: "run 7/effect 3", command: "echo ran >>ran.txt", directory: folder.path, timeout: .minutes(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 1...8 {
        group.addTask { try await CommandCheckRunner(root: "\(folder.path)/checks").start(request) }
      }
      try await group.waitForAll()
    }
    let runner = CommandCheckRunner(root: "\(folder.path)/checks")
    #expect(try await eventually { try await runner.state(of: request.key) == .exited(status: 0, output: "") })
    #expect(folder.text("ran.txt") == "ran\n")
  }

  @Test func `a command that was killed with its supervisor is lost, and stays lost`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let runner = CommandCheckRunner(root: "\(folder.path)/checks")
    let request = CheckRequest(key: "k", command: "sleep 600", directory: folder.path, timeout: .seconds(20))
    try await runner.start(request)
    let files = try CheckFolder(root: "\(folder.path)/checks", key: "k")
    // The command leads a group of its own once it has left the supervisor's.
    #expect(await eventually { files.group.map { $0.isAlive && getpgid($0.pid) == $0.pid } ?? false })
    let supervisor = try #require(files.supervisor)
    let group = try #require(files.group)
    #expect(getsid(supervisor.pid) != getsid(0))
    kill(-supervisor.pid, SIGKILL)
    #expect(await eventually { !supervisor.isAlive })
    #expect(try await runner.state(of: "k") == .running)
    kill(-group.pid, SIGKILL)
    #expect(await eventually { !group.isAlive })
    #expect(try await runner.state(of: "k") == .lost(output: ""))
    try await runner.start(request)
    #expect(try await runner.state(of: "k") == .lost(output: ""))
  }

  @Test func `a mark of an earlier boot, or of another process with the number, is not alive`() throws {
    let boot = try #require(FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id"))
    let now = String(decoding: boot, as: UTF8.self)
    #expect(ProcessMark(text: "\(getpid()) 1 \(now)")?.isAlive == false)
    #expect(ProcessMark(text: "\(getpid()) 1 other-boot")?.isAlive == false)
    #expect(ProcessMark(text: "cancelled") == nil)
    #expect(ProcessMark(text: "-1 5 x") == nil)
  }

  @Test func `a command sees a small environment and nothing of the controller's`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    setenv("HEADGATE_TEST_SECRET", "hunter2", 1)
    let runner = CommandCheckRunner(root: "\(folder.path)/checks")
    try await runner.start(
      CheckRequest(
        key: "env", command: "env | cut -d= -f1 | sort | tr '\\n' ' '", environment: ["VERSION": "v2"],
        directory: folder.path, timeout: .minutes(1)))
    var output = ""
    _ = try await eventually {
      if case .exited(0, let text)? = try await runner.state(of: "env") { output = text }
      return !output.isEmpty
    }
    let allowed = ["HOME", "LANG", "OLDPWD", "PATH", "PWD", "SHLVL", "VERSION", "_"]
    let seen = output.split(separator: " ").map(String.init)
    #expect(seen.contains("VERSION"))
    #expect(seen.filter { !allowed.contains($0) } == [])
  }

  @Test func `a command ends although a process that left its session still holds its output`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let runner = CommandCheckRunner(root: "\(folder.path)/checks")
    try await runner.start(
      CheckRequest(
        key: "stray", command: "setsid sleep 300 & echo $! >stray.txt; echo done", directory: folder.path,
        timeout: .minutes(10)))
    #expect(try await eventually { try await runner.state(of: "stray") == .exited(status: 0, output: "done\n") })
    if let pid = folder.text("stray.txt").flatMap({ Int32($0.trimmed) }), pid > 1 { kill(pid, SIGKILL) }
  }

  @Test func `output that is no text is kept within its limit`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let runner = CommandCheckRunner(root: "\(folder.path)/checks")
    try await runner.start(
      CheckRequest(
        key: "k", command: "head -c 9000 /dev/zero | tr '\\0' '\\377'", directory: folder.path, timeout: .minutes(1)))
    var output = ""
    _ = try await eventually {
      if case .exited(0, let text)? = try await runner.state(of: "k") { output = text }
      return !output.isEmpty
    }
    #expect((8000...8192).contains(output.utf8.count))
  }

  @Test func `a folder that is not there is refused with its name`() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let runner = CommandCheckRunner(root: "\(folder.path)/checks")
    await #expect(
      throws: Failure(.rejected, "could not start `true`: there is no folder \(folder.path)/nowhere")
    ) {
      try await runner.start(
        CheckRequest(key: "k", command: "true", directory: "\(folder.path)/nowhere", timeout: .minutes(1)))
    }
    #expect(try await runner.state(of: "k") == nil)
  }

  @Test func `keys become file names that differ when the keys do`() throws {
    let names = try ["a/b", "a%2Fb", "..", ".", "a b", "ä"].map { key in
      try CheckFolder(root: "/r", key: key).path
    }
    #expect(names == ["/r/a%2Fb", "/r/a%252Fb", "/r/%2E.", "/r/%2E", "/r/a%20b", "/r/%C3%A4"])
    #expect(throws: Failure.self) { try CheckFolder(root: "/r", key: "") }
    #expect(throws: Failure.self) { try CheckFolder(root: "/r", key: String(repeating: "x", count: 201)) }
  }
}
