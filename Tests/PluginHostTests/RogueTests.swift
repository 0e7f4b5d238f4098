import Foundation
import Glibc
import PipelineModel
import PluginKit
import Testing

@testable import PluginHost

/// Whatever a plugin does, the host answers in time, says what happened, and goes on with the next process.
@Suite(.installed("python3")) struct RogueTests {
  @Test(arguments: [
    ("crash", "the plugin rogue ended with 3: segmentation of everything"),
    ("die", "the plugin rogue was ended by signal 9"),
    ("rubbish 1000", "the plugin rogue wrote lines that are no messages"),
    ("flood", "the plugin rogue wrote lines that are no messages"),
    ("endless", "the plugin rogue wrote a message of more than 65536 bytes; `limits: { message: … }` allows more"),
    ("close", "the plugin rogue was ended by signal 9"),
  ])
  func `a plugin that breaks is ended, told of, and started anew`(query: String, message: String) async throws {
    try await Stage.with { stage in
      let provider = try stage.rogue()
      #expect(try await provider.ask("1") == .number(1))
      let failure = try await provider.failure(query)
      #expect(failure.message == "subject could not answer errors: \(message)")
      #expect(failure.kind == (query == "endless" ? .rejected : .transient))
      #expect(try await provider.askUntilAnswered("2") == .number(2))
    }
  }

  @Test(arguments: [
    ("twice", Answer.number(1)), ("other", .number(2)), ("rubbish 10", .text("after rubbish")),
    ("partial", .text("in parts")), ("bytes", .text("after bytes")), ("noise 5000", .text("after noise")),
    (
      "nan",
      .list([
        .number(.infinity), .number(-.infinity), .text("Nan"), .null, .bool(true),
        .object([.init(name: "a", value: .number(2)), .init(name: "b", value: .number(1))]),
      ])
    ),
  ])
  func `a plugin that is only untidy is understood, and goes on`(query: String, expected: Answer) async throws {
    try await Stage.with { stage in
      let provider = try stage.rogue()
      var answer = try await provider.ask(query)
      if query == "nan", case .list(let values) = answer, case .number(let first)? = values.first {
        #expect(first.isNaN)
        answer = .list(Array(values.dropFirst()))
      }
      #expect(answer == expected)
      let before = try await provider.ask("environment")
      #expect(try await provider.ask("2") == .number(2))
      #expect(try await provider.ask("environment") == before)
    }
  }

  @Test(arguments: ["wrong", "empty", "both", "deep"])
  func `an answer of another form is a failure of that call`(query: String) async throws {
    try await Stage.with { stage in
      let provider = try stage.rogue()
      let failure = try await provider.failure(query, timeout: .seconds(3))
      #expect(failure.kind == .transient)
      #expect(try await provider.askUntilAnswered("2") == .number(2))
    }
  }

  @Test(arguments: [
    (-32001, Failure.Kind.transient), (-32002, .rejected), (-32003, .misconfigured), (-32601, .misconfigured),
    (-32602, .rejected), (-32603, .transient), (5, .transient),
  ])
  func `the code of an error says what kind of failure it is`(code: Int, kind: Failure.Kind) async throws {
    try await Stage.with { stage in
      let failure = try await stage.rogue().failure("code \(code)")
      #expect(failure == Failure(kind, "subject could not answer errors: the plugin rogue says: so it is"))
    }
  }

  @Test func `a call that takes too long is given up and cancelled, and its late answer is dropped`() async throws {
    try await Stage.with { stage in
      let provider = try stage.rogue()
      _ = try await provider.ask("1")
      let failure = try await provider.failure("late", timeout: .milliseconds(100))
      #expect(failure.kind == .transient)
      #expect(failure.message.hasSuffix("the plugin rogue did not answer within 100ms"))
      #expect(try await provider.ask("2") == .number(2))
      #expect(await eventually { stage.lines.said.count { $0.direction == .fromPlugin } == 4 })
      let said = stage.lines.said.map { String(decoding: $0.line, as: UTF8.self) }
      #expect(said.contains { $0.contains("$/cancel") }, "\(said)")
      #expect(try await provider.ask("3") == .number(3))
    }
  }

  @Test func `a hung plugin is ended by force, and the next call finds a new one`() async throws {
    try await Stage.with { stage in
      let provider = try stage.rogue()
      guard case .list(let pids) = try await provider.ask("children") else { throw NoAnswer() }
      let failure = try await provider.failure("hang", timeout: .milliseconds(100))
      #expect(failure.kind == .transient)
      #expect(await eventually { pids.allSatisfy { !isAlive($0) } })
      #expect(try await provider.askUntilAnswered("2") == .number(2))
    }
  }

  @Test func `one slow call does not hold up the others`() async throws {
    try await Stage.with { stage in
      let provider = try stage.rogue()
      let slow = Task { try await provider.ask("ignore", timeout: .minutes(10)) }
      // More than may be under way at once.
      let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
        for number in 0..<50 { group.addTask { try await provider.ask("\(number)") } }
        return try await group.reduce(into: Set<Answer>()) { $0.insert($1) }
      }
      #expect(answers == Set((0..<50).map { .number(Double($0)) }))
      slow.cancel()
      _ = await slow.result
    }
  }

  @Test func `memory is limited`() async throws {
    try await Stage.with { stage in
      let failure = try await stage.rogue().failure("memory")
      #expect(failure.message.contains("MemoryError"))
    }
  }

  private struct NoAnswer: Error {}
}

/// Whether the process of that number runs.
func isAlive(_ pid: Answer) -> Bool {
  guard case .number(let number) = pid else { return false }
  guard let stat = try? String(contentsOfFile: "/proc/\(Int(number))/stat", encoding: .utf8),
    let name = stat.lastIndex(of: ")")
  else { return false }
  return stat[name...].split(separator: " ").dropFirst().first != "Z"
}
