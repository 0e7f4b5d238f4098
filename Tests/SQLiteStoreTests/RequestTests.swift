import Controller
import Engine
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// Another process asks, the driver sees it once, answers, and the asker sees the answer.

@Suite struct RequestTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  static let acts: [Act] = [
    .approve(roles: ["release-manager", "ü \"x\""]), .approve(roles: []), .reject, .pause, .resume, .promote(.step),
    .promote(.all), .abort, .rollback,
  ]

  static let incidents: [Request.Ask] = [
    .incident(
      .open(
        IncidentReport(
          title: "no \"checkout\"", services: ["ü", "web"], environment: "production", severity: .minor,
          since: Timestamp(milliseconds: 7)))),
    .incident(.open(IncidentReport(title: "t", services: []))),
    .incident(.close(3, at: nil)), .incident(.close(3, at: Timestamp(milliseconds: 9))),
  ]

  @Test func `everything that can be asked comes out as it went in, in order`() throws {
    let store = try Store.openForDriving(folder.store)
    let asking = try Store.openForAsking(folder.store)
    #expect(try store.requests() == [])
    let start = StartRequest(
      text: "pipeline: a\n\u{0}\u{1F}ü", path: "a.yaml", parameters: [.init(name: "version", value: "")], again: true)
    let asks = Self.acts.map { Request.Ask.act(RunID(7), $0) } + [.start(start)] + Self.incidents
    var made: [Request] = []
    for ask in asks {
      var request = Request(
        time: Timestamp(milliseconds: 5), actor: .person("a:b"), origin: "cli", reason: made.isEmpty ? nil : "",
        ask: ask)
      request.id = try asking.make(request)
      made.append(request)
    }
    #expect(try store.requests() == made)
    #expect(made.map(\.id) == made.map(\.id).sorted())
  }

  @Test(arguments: [
    ("person:eve", "teleport", "{}"), ("person:eve", "act", "{"), ("person:eve", "flag", ""), ("", "incident", "{}"),
    ("nobody", "act", #"{"run":1,"act":"pause"}"#),
  ])
  func `a request that cannot be read does not keep the others from being heard`(
    _ actor: String, _ kind: String, _ payload: String
  ) throws {
    let store = try Store.openForDriving(folder.store)
    try DatabaseQueue(path: folder.store).write { db in
      try db.execute(
        sql: "INSERT INTO requests (time, actor, origin, kind, payload) VALUES (1, ?, 'cli', ?, ?)",
        arguments: [actor, kind, payload])
    }
    let pause = Request(
      time: Timestamp(milliseconds: 5), actor: .person("alice"), origin: "cli", reason: nil, ask: .act(RunID(7), .pause)
    )
    let heard = try Store.openForAsking(folder.store).make(pause)
    #expect(try store.requests().map(\.id) == [heard - 1, heard])
    #expect(try store.requests().map(\.ask) == [.unreadable(kind: kind), pause.ask])
  }

  @Test func `a request is seen until it is answered, also by the next driver`() throws {
    var store = try Store.openForDriving(folder.store)
    let asking = try Store.openForAsking(folder.store)
    let ids = try (1...3).map { number in
      try asking.make(
        Request(
          time: Timestamp(milliseconds: number), actor: .person("alice"), origin: "cli", reason: nil,
          ask: .act(RunID(number), .abort)))
    }
    #expect(try store.requests().map(\.id) == ids)
    #expect(try asking.answer(to: ids[0]) == nil)
    var deployments = Deployments(after: store.head)
    deployments.answer(ids[0], RunID(1))
    deployments.answer(ids[2], nil, refusal: "there is no run 3", entry: 17)
    try store.append(deployments.take())
    #expect(try store.requests().map(\.id) == [ids[1]])
    store.close()
    store = try Store.openForDriving(folder.store)
    #expect(try store.requests().map(\.id) == [ids[1]])
    #expect(try asking.answer(to: ids[0]) == Batch.Answered(request: ids[0], run: RunID(1), refusal: nil))
    #expect(try asking.answer(to: ids[1]) == nil)
    #expect(try asking.answer(to: ids[2])?.refusal == "there is no run 3")
    #expect(try asking.answer(to: ids[2])?.entry == 17)
  }
}
