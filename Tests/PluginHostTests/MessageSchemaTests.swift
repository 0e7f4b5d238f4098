import Foundation
import PipelineModel
import PluginKit
import Testing

@testable import PluginHost

/// What goes over the wire is what the published schema of the protocol says.
@Suite struct MessageSchemaTests {
  private static let schema = Result { try MessageSchema(contentsOf: "\(Stage.plugins)/plugin-protocol.schema.json") }

  private func json(_ line: [UInt8]) throws -> JSON { try MessageSchema.json(line) }

  @Test func `the schema has every method, and no other`() throws {
    #expect(try Self.schema.get().methods == Set(Wire.Method.allCases.map(\.rawValue)))
  }

  @Test(.installed("python3")) func `everything a host and its plugins say to each other fits the schema`() async throws
  {
    let schema = try Self.schema.get()
    try await Stage.with(secrets: ["token": "sesame"]) { stage in
      let provider = try stage.rogue(["token": .secret("token")])
      for query in ["1", "nan", "settings", "code -32001"] { _ = try? await provider.ask(query) }
      _ = try? await provider.ask("late", timeout: .milliseconds(20))
      _ = try await provider.sample(
        MetricQuery(
          metric: "m", text: "2", range: .init(over: .minutes(5), step: .seconds(30)),
          at: Timestamp(milliseconds: 1_700_000_000_123)))
      await stage.host.close()
      var methods: [JSON: String] = [:]
      #expect(stage.lines.said.count > 12)
      for (direction, line) in stage.lines.said {
        let message = try json(line)
        #expect(schema.problems(of: message) == [], "\(message)")
        let id = message["id"] ?? .null
        if direction == .toPlugin { methods[id] = message["method"]?.text }
        if direction == .fromPlugin, let result = message["result"] {
          #expect(schema.problems(ofResult: result, of: try #require(methods[id])) == [], "\(message)")
        }
      }
    }
  }

  @Test func `the requests of every port fit the schema`() throws {
    let schema = try Self.schema.get()
    let change = WeightChange(route: "shop", candidate: .green, weight: Weight(basisPoints: 3333), key: "41/7")
    let deployment = Deployment(
      service: "shop", environment: "production", version: "1", slot: .blue, key: "41/3")
    let notice = Notice(
      key: "k", thread: "41", event: .gateFailed, severity: .critical, alarm: .firing, run: RunID(41), pipeline: "p",
      service: "s", environment: "e", version: "1", time: Timestamp(milliseconds: 1), title: "t", runbook: "https://x",
      fields: [.init(name: "a", value: "b")])
    let plain = Notice(
      key: "k", thread: "41", event: .test, pipeline: "p", service: "s", environment: "e", version: "1",
      time: Timestamp(milliseconds: 1), title: "t")
    let step = StepRequest(
      step: "smoke", stage: "smoke tests", key: "41/9",
      with: Settings(["paths": .list([.text("/")]), "pause": .duration(.seconds(2))]), values: ["version": "1"],
      timeout: .minutes(5))
    let messages: [any Encodable] = [
      Wire.Request(id: 1, method: .setWeight, params: Wire.SetWeight(change, within: .seconds(20))),
      Wire.Request(id: 1, method: .mirror, params: Wire.SetWeight(change, within: .seconds(20))),
      Wire.Request(
        id: 2, method: .readBack, params: Wire.ReadBack(route: "shop", candidate: .blue, within: .seconds(20))),
      Wire.Request(id: 3, method: .deployStart, params: Wire.Deploy(deployment, within: .minutes(4))),
      Wire.Request(id: 4, method: .deployPoll, params: Wire.Deploy(deployment, within: .minutes(4))),
      Wire.Request(id: 5, method: .deployStop, params: Wire.Deploy(deployment, within: .minutes(4))),
      Wire.Request(id: 6, method: .notify, params: Wire.Notify(notice)),
      Wire.Request(id: 7, method: .notify, params: Wire.Notify(plain)),
      Wire.Request(id: 8, method: .stepStart, params: Wire.StepStart(step, within: .seconds(30))),
      Wire.Request(id: 9, method: .stepPoll, params: Wire.StepKey(key: "41/9", within: .seconds(30))),
      Wire.Request(id: 10, method: .stepCancel, params: Wire.StepKey(key: "41/9", within: .seconds(30))),
      Wire.Cancellation(id: 7),
    ]
    for message in messages {
      let value = try json([UInt8](try JSONEncoder().encode(message)))
      #expect(schema.problems(of: value) == [], "\(value)")
    }
  }

  @Test(arguments: [
    #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#,
    #"{"id":1,"result":{}}"#, #"{"jsonrpc":"2.0","id":1,"result":5}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"$/cancel","params":{"id":1}}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"metrics.sample","params":{"metric":"m"}}"#,
  ])
  func `the schema says no to what is no message`(text: String) throws {
    #expect(try Self.schema.get().problems(of: json([UInt8](text.utf8))) != [])
  }
}
