import Foundation
import Glibc
import PipelineModel
import PluginKit
import Testing

@testable import PluginHost

/// Random bytes, halves of lines, floods and sudden ends: the host goes on, and leaves neither descriptors nor processes.
///
/// `FUZZ_SEED` and `FUZZ_MUTATIONS` choose the seeds; the seeds used are printed.
@Suite(.installed("python3")) struct FuzzTests {
  @Test func `whatever a plugin writes, nothing of it is left and nothing is hung`() async {
    // In a process of its own, since others count and use descriptors, too.
    await #expect(processExitsWith: .success) {
      setenv("ROGUE_DECLARED", Leftovers.mark, 1)
      let (first, count) = Seeds.chosen
      print("plugin fuzz seeds from FUZZ_SEED=\(first) on, \(count) of them")
      try await Self.round(seed: first)
      // What the process library keeps for itself is there by now, and what the plugin began is gone.
      _ = await eventually { Leftovers.now.marked == 0 && Leftovers.now.children == 0 }
      let before = Leftovers.now
      for start in stride(from: 0, to: count, by: 4) {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for offset in start..<min(start + 4, count) { group.addTask { try await Self.round(seed: first + offset) } }
          try await group.waitForAll()
        }
      }
      let isClean = await eventually { Leftovers.now == before }
      precondition(isClean, "before \(before), after \(Leftovers.now)")
    }
  }

  @Test func `when the host is killed, even a plugin that hangs is gone soon after`() async {
    let mark = "killed-\(getpid())"
    setenv("HEADGATE_TEST_MARK", mark, 1)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      setenv("ROGUE_DECLARED", getenv("HEADGATE_TEST_MARK").map { String(cString: $0) } ?? "", 1)
      let stage = try Stage()
      let provider = try stage.rogue()
      guard case .list = try await provider.ask("children") else { return }
      let hung = Task { try? await provider.ask("hang", timeout: .hours(1)) }
      while stage.lines.said.last?.direction != .toPlugin { await Task.yield() }
      kill(getpid(), SIGKILL)
      _ = await hung.value
    }
    #expect(await eventually { Leftovers.marked(by: "ROGUE_DECLARED=\(mark)") == 0 })
  }

  /// A few questions to one host, the answers to which nobody knows; each comes to an end within its time.
  private static func round(seed: Int) async throws {
    try await Stage.with { stage in
      let provider = try stage.rogue()
      for question in 0..<3 { _ = try? await provider.ask("fuzz \(seed * 3 + question)", timeout: .seconds(1)) }
    }
  }

  /// Open descriptors and children of this process, and whatever a plugin has begun, whoever its parent is by now.
  private struct Leftovers: Equatable, CustomStringConvertible {
    var descriptors: Int
    var children: Int
    var marked: Int

    /// In the environment of plugins and of all that they begin.
    static let mark = "marked-\(getpid())"

    static var now: Leftovers {
      let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? -1
      let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap(Int32.init) ?? []
      return Leftovers(
        descriptors: descriptors, children: processes.count { parent(of: $0) == getpid() },
        marked: marked(by: mark))
    }

    /// Processes other than this one that have it in their environment.
    static func marked(by mark: String) -> Int {
      let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap(Int32.init) ?? []
      return processes.count { $0 != getpid() && isMarked($0, by: mark) }
    }

    private static func isMarked(_ pid: Int32, by mark: String) -> Bool {
      guard let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
      return environment.firstRange(of: Data(mark.utf8)) != nil
    }

    private static func parent(of pid: Int32) -> Int32? {
      guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
        let name = stat.lastIndex(of: ")")
      else { return nil }
      let fields = stat[name...].split(separator: " ")
      return fields.count > 2 ? Int32(fields[2]) : nil
    }

    var description: String { "\(descriptors) descriptors, \(children) children, \(marked) descendants" }
  }

  private enum Seeds {
    static var chosen: (first: Int, count: Int) {
      let environment = ProcessInfo.processInfo.environment
      return (
        environment["FUZZ_SEED"].flatMap(Int.init) ?? Int.random(in: 0..<1_000_000),
        environment["FUZZ_MUTATIONS"].flatMap(Int.init) ?? 24
      )
    }
  }

  @Test func `lines come out the same however they are cut into pieces`() {
    let text = Array("one\ntwo\r\n\nthree\nrest".utf8)
    for size in 1...text.count {
      var splitter = LineSplitter(limit: 10)
      var lines: [[UInt8]] = []
      for start in stride(from: 0, to: text.count, by: size) {
        text[start..<min(start + size, text.count)].withUnsafeBytes { lines += splitter.lines(in: $0) }
      }
      #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["one", "two", "", "three"])
      #expect(!splitter.hasOverflowed)
    }
  }

  @Test(arguments: [("0123456789\n", false), ("01234567890\n", true), ("01234567890", true), ("a\n01234567890", true)])
  func `a line beyond the limit is noticed, ended or not`(text: String, overflows: Bool) {
    var splitter = LineSplitter(limit: 10)
    _ = Array(text.utf8).withUnsafeBytes { splitter.lines(in: $0) }
    #expect(splitter.hasOverflowed == overflows)
  }
}
