import Controller
import Engine
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// What was compiled from a text is given back to the compiler that made it, and to no other; an audit holds it against
// the text.

@Suite struct KeptPipelineTests {
  private let folder: Folder
  private let now = Timestamp(milliseconds: 1_795_266_300_000)

  init() throws {
    folder = try Folder()
    let store = try Store.openForDriving(folder.store)
    let entries = (1...2).map { number in
      Entry(
        sequence: Int64(number), time: now, run: nil, fact: .defined(pipeline: "p", path: "p.yaml", text: "\(number)"))
    }
    try store.append(Batch(entries: entries, compiled: (1...2).map { kept(definition: $0, wait: $0) }))
    store.close()
  }

  /// Its texts are the minutes that a pipeline waits.
  private struct Minutes: PipelineCompiler {
    var edition: String?
    func compile(text: String, path: String) throws(Refusal) -> Pipeline { .waiting(Int64(text) ?? 0) }
    func bind(_ given: [Start.Binding], to pipeline: Pipeline) throws(Refusal) -> [Start.Binding] { given }
  }

  private func kept(definition: Int64, wait: Int64, edition: String = "one") -> CompiledPipeline {
    CompiledPipeline(definition: definition, edition: edition, pipeline: .waiting(wait))
  }

  private func change(_ sql: String) throws -> String {
    let copy = try folder.copy(folder.store, to: "changed.db")
    try DatabaseQueue(path: copy).write { try $0.execute(sql: sql) }
    return copy
  }

  @Test func `what was kept with a definition is there after a restart, for its own edition only`() throws {
    let store = try Store.openForDriving(folder.store)
    #expect(try store.pipeline(definedBy: 1, edition: "one") == .waiting(1))
    #expect(try store.pipeline(definedBy: 2, edition: "one") == .waiting(2))
    #expect(try store.pipeline(definedBy: 1, edition: "two") == nil)
    #expect(try store.pipeline(definedBy: 3, edition: "one") == nil)
  }

  @Test func `what another edition keeps takes the place of what was there`() throws {
    let store = try Store.openForDriving(folder.store)
    try store.keep([kept(definition: 1, wait: 9, edition: "two")])
    #expect(try store.pipeline(definedBy: 1, edition: "two") == .waiting(9))
    #expect(try store.pipeline(definedBy: 1, edition: "one") == nil)
  }

  @Test(arguments: [
    "UPDATE forms SET form = zeroblob(length(form)) WHERE definition = 1",
    "UPDATE forms SET form = substr(form, 1, 20) WHERE definition = 1",
    "UPDATE forms SET digest = zeroblob(32) WHERE definition = 1",
    "UPDATE forms SET form = (SELECT form FROM forms WHERE definition = 2), "
      + "digest = (SELECT digest FROM forms WHERE definition = 2) WHERE definition = 1",
    "DELETE FROM forms WHERE definition = 1",
  ])
  func `a row that is not as it was written is as none`(sql: String) throws {
    let store = try Store.openForDriving(try change(sql))
    #expect(try store.pipeline(definedBy: 1, edition: "one") == nil)
    #expect(try store.pipeline(definedBy: 2, edition: "one") == .waiting(2))
  }

  @Test func `an audit finds what is not what its text says`() throws {
    let compiler = Minutes(edition: "one")
    #expect(try Audit.verify(folder.store, compiler: compiler).isWhole)
    let changed = try change(
      "UPDATE forms SET form = (SELECT form FROM forms WHERE definition = 1) WHERE definition = 2")
    let finding = try Audit.verify(changed, compiler: compiler).finding
    #expect(finding?.description == "entry 2: the pipeline that is kept beside it is not what its text says")
    #expect(try Audit.verify(changed, compiler: Minutes(edition: "two")).isWhole, "nobody would use it")
  }

  @Test func `nothing is kept of a batch that was not written`() throws {
    let store = try Store.openForDriving(folder.store)
    try store.withDatabase { try $0.execute(sql: "UPDATE head SET epoch = epoch + 1") }
    let entry = Entry(sequence: 3, time: now, run: nil, fact: .defined(pipeline: "p", path: "p.yaml", text: "3"))
    #expect(throws: JournalFailure.self) {
      try store.append(Batch(entries: [entry], compiled: [kept(definition: 3, wait: 3)]))
    }
    #expect(try store.pipeline(definedBy: 3, edition: "one") == nil)
  }
}

extension Pipeline {
  fileprivate static func waiting(_ minutes: Int64) -> Pipeline {
    Pipeline(
      name: "p", target: Target(service: "s", environment: "e"),
      stages: [Stage(name: "wait", work: .wait(.minutes(minutes)))])
  }
}
