import Controller
import Engine
import Foundation
import Logging
import PipelineModel
import SQLiteStore
import Synchronization
import TestSupport
import Testing

// A controller that takes up runs compiles nothing that the same build compiled before it, and everything that another did.

@Suite struct RecompilingTests {
  private final class Compiler: PipelineCompiler {
    let edition: String?
    private let inner = FixedCompiler(.canary())
    private let count = Mutex(0)

    init(_ edition: String?) { self.edition = edition }

    var compiled: Int { count.withLock { $0 } }

    func compile(text: String, path: String) throws(Refusal) -> Pipeline {
      count.withLock { $0 += 1 }
      return try inner.compile(text: text, path: path)
    }

    func bind(_ given: [Start.Binding], to pipeline: Pipeline) throws(Refusal) -> [Start.Binding] {
      try inner.bind(given, to: pipeline)
    }
  }

  private final class Nobody: EffectSink {
    func perform(_ orders: [WorkOrder]) {}
    func readBack(_ run: RunID, plan: Plan, start: Start, route: Int, state: RouteState) {}
    func sweep() {}
    func forgetStrays(where isStray: (String) -> Bool) {}
  }

  private let now = Timestamp(milliseconds: 1_795_266_300_000)

  /// Drives a store for a moment: takes up what is there, and starts a run if it is to.
  private func drive(_ path: String, _ compiler: Compiler, starting: Bool = false) throws -> Run? {
    let store = try Store.openForDriving(path)
    defer { store.close() }
    let conductor = try Conductor(journal: store, compiler: compiler, sink: Nobody(), log: Logger(label: "test"))
    try conductor.resume(now: now)
    if starting {
      let start = Request(
        id: 1, time: now, actor: .person("ann"), origin: "test", reason: nil, ask: .start("canary", version: "v2"))
      try conductor.turn([.request(start)], now: now)
    }
    return conductor.run(RunID(1))
  }

  @Test func `the same build compiles a text once, another once more`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kept-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("headgate.db").path
    let first = Compiler("one")
    let begun = try #require(try drive(path, first, starting: true))
    #expect(first.compiled == 1)

    for (edition, compiled) in [("one", 0), ("two", 1), ("two", 0), ("one", 1)] {
      let compiler = Compiler(edition)
      let resumed = try #require(try drive(path, compiler))
      #expect(compiler.compiled == compiled, "\(edition)")
      #expect(resumed.plan.pipeline == begun.plan.pipeline)
      #expect(resumed.pending == begun.pending)
    }
    let forgetful = Compiler(nil)
    #expect(try drive(path, forgetful) != nil)
    #expect(forgetful.compiled == 1)
  }
}
