import Foundation
import KubernetesClient
import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import KubernetesPlugin

/// What only an API server that does as it is told can show: conflicts at will, refusals, and gateways that say no.
@Suite(.serialized, .live(.python3)) struct KubernetesFaultTests {
  @Test func `a conflict is read again and made again`() async throws {
    try await Setting.with(fake: true) { setting in
      try await setting.api.set(#"{"touch": 3}"#)
      try await setting.router.setWeight(setting.change(25))
      let patches = try await setting.api.log().count { $0[0] == "PATCH" }
      #expect(patches == 4)
      #expect(try await setting.router.weight(of: .green, on: "shop") == .percent(25))
    }
  }

  @Test func `conflicts without end come to an end`() async throws {
    try await Setting.with(fake: true) { setting in
      try await setting.api.set(#"{"touch": 1000}"#)
      let failure = await #expect(throws: Failure.self) { try await setting.router.setWeight(setting.change(25)) }
      #expect(failure?.kind == .transient)
      #expect(failure?.message.contains("somebody else changed it in between, 5 times") == true)
      #expect(try await setting.api.log().count { $0[0] == "PATCH" } == 5)
    }
  }

  @Test(arguments: [
    ("{\"tokens\": [\"other\"]}", Failure.Kind.misconfigured, "does not accept the credentials, or they have expired"),
    ("{\"forbidden\": true}", .misconfigured, "a Role must grant it"),
    ("{\"fail\": [{\"status\": 500, \"times\": 9}]}", .transient, "HTTP 500"),
    ("{\"fail\": [{\"status\": 429, \"times\": 9}]}", .transient, "HTTP 429"),
    ("{\"fail\": [{\"status\": 503, \"times\": 9, \"body\": \"<html>\"}]}", .transient, "HTTP 503"),
    ("{\"fail\": [{\"status\": 200, \"times\": 9, \"body\": \"hello\"}]}", .misconfigured, "no JSON"),
    ("{\"fail\": [{\"status\": 422, \"times\": 9, \"verb\": \"PATCH\"}]}", .rejected, "HTTP 422"),
    ("{\"truncate\": 9}", .transient, "could not read"),
    ("{\"delay\": 60}", .transient, "no answer within 700ms"),
    ("{\"drip\": 0.2}", .transient, "no answer within 700ms"),
  ])
  func `a server that refuses is told for what it is`(knobs: String, kind: Failure.Kind, part: String) async throws {
    try await Setting.with(fake: true) { setting in
      try await setting.api.set(knobs)
      let isSlow = part.contains("700ms")
      let router = try setting.router(timeout: isSlow ? .milliseconds(700) : .seconds(60))
      let failure = await #expect(throws: Failure.self) { try await router.setWeight(setting.change(25)) }
      #expect(failure?.kind == kind, "\(failure?.message ?? "")")
      #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "")")
      #expect(failure?.message.contains("first") != true)
    }
  }

  @Test func `an invalid weight is the server's to refuse, in its own words`() async throws {
    try await Setting.with(fake: true) { setting in
      let answer = await #expect(throws: Failure.self) {
        try await setting.client.merge(
          ["spec": ["rules": [["backendRefs": [["name": "blue", "weight": -1]]]]]], into: setting.name)
      }
      #expect(answer?.kind == .rejected)
      #expect(answer?.message.contains("spec.rules[0].backendRefs[0].weight: Invalid value: -1") == true)
    }
  }

  @Test(arguments: [
    (
      #"{"accepted": "False", "message": "no such listener"}"#, Failure.Kind.rejected,
      "the gateway edge says Accepted is False: Accepted no such listener"
    ),
    ("null", .transient, "after 700ms no gateway has taken it up"),
    (#"{"delay": 60}"#, .transient, "after 700ms no gateway has taken it up"),
  ])
  func `a change is done when the gateways have it, and not before`(gateway: String, kind: Failure.Kind, part: String)
    async throws
  {
    try await Setting.with(gateway: gateway, fake: true) { setting in
      let router = try kind == .transient ? setting.router(patience: .milliseconds(700)) : setting.router()
      let failure = await #expect(throws: Failure.self) { try await router.setWeight(setting.change(25)) }
      #expect(failure?.kind == kind)
      #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "")")
      #expect(try await setting.router.weight(of: .green, on: "shop") == .percent(25))
      try await setting.router(waits: false).setWeight(setting.change(50))
    }
  }

  @Test func `a rollback does not wait for a Service that has gone`() async throws {
    try await Setting.with(fake: true) { setting in
      try await setting.router.setWeight(setting.change(25))
      try await setting.api.set(##"{"gateway": {"resolved": "False", "message": "Service green not found"}}"##)
      try await setting.router(waits: false).setWeight(setting.change(50))
      try await said("Service green not found", setting)
      let patient = try setting.router(patience: .milliseconds(700))
      let failure = await #expect(throws: Failure.self) { try await patient.setWeight(setting.change(50)) }
      #expect(failure?.kind == .transient)
      #expect(failure?.message.contains("after 700ms the gateway edge says ResolvedRefs is False") == true)
      try await setting.router.setWeight(setting.change(0))
      #expect(try await setting.router.weight(of: .green, on: "shop") == Weight.none)
    }
  }

  @Test func `all traffic goes to a Service that is there though the old one has gone, and to no other`() async throws {
    try await Setting.with(gateway: #"{"delay": 0.02, "looks": true}"#, fake: true) { setting in
      try await setting.createService("blue")
      try await setting.createService("green")
      try await setting.router.setWeight(setting.change(50))
      try await setting.deleteService("blue")
      try await refused(setting.change(75), setting)
      try await setting.router.setWeight(setting.change(100))
      #expect(try await setting.router.weight(of: .green, on: "shop") == .all)
      try await refused(setting.change(100, .blue), setting)
    }
  }

  /// The change is not done for the gateway does not find blue's Service, and it has said so before anybody waits for it.
  private func refused(_ change: WeightChange, _ setting: Setting) async throws {
    try await setting.router(waits: false).setWeight(change)
    try await said("Service blue not found", setting)
    let patient = try setting.router(patience: .milliseconds(700))
    let failure = await #expect(throws: Failure.self) { try await patient.setWeight(change) }
    #expect(failure?.message.contains("Service blue not found") == true, "\(failure?.message ?? "")")
  }

  /// Waits until the gateway has a word about the object as it is now.
  private func said(_ message: String, _ setting: Setting) async throws {
    try await Rig.wait(for: "the gateway's word") {
      let object = try await setting.object()
      return object.status["parents"]?.list?.contains {
        $0["conditions"]?.list?.contains {
          $0["message"]?.text == message && $0["observedGeneration"]?.integer == object.generation
        } ?? false
      } ?? false
    }
  }

  @Test func `a gateway that saw an older change has not seen this one`() async throws {
    try await Setting.with(fake: true) { setting in
      try await setting.router.setWeight(setting.change(25))
      try await setting.api.set(#"{"gateway": null}"#)
      let failure = await #expect(throws: Failure.self) {
        try await setting.router(patience: .milliseconds(700)).setWeight(setting.change(50))
      }
      #expect(failure?.message.hasSuffix("after 700ms the gateway edge has not seen the change") == true)
    }
  }

  @Test func `one rule that somebody changed is a drift, and setting it again mends it`() async throws {
    try await Setting.with(fake: true) { setting in
      try await setting.addSplit()
      try await setting.router.setWeight(setting.change(25))
      #expect(try await setting.router.drift(from: .percent(25), of: .green, on: "shop") == nil)
      try await setting.reset()
      #expect(try await setting.router.drift(from: .percent(25), of: .green, on: "shop") == Weight.none)
      #expect(try await setting.router.drift(from: .percent(75), of: .blue, on: "shop") == .all)
      #expect(try await setting.router.drift(from: .none, of: .green, on: "shop") == .percent(25))
      try await setting.router.setWeight(setting.change(25))
      #expect(try await setting.router.drift(from: .percent(25), of: .green, on: "shop") == nil)
    }
  }

  @Test func `an API server that drops the share of copies is found out, and copies nothing`() async throws {
    try await Setting.with(fake: true) { setting in
      try await setting.api.set(#"{"prune": ["fraction"]}"#)
      let router = try #require(setting.router as? any MirroringRouter)
      let failure = await #expect(throws: Failure.self) { try await router.setMirror(setting.change(5)) }
      #expect(failure?.kind == .rejected)
      #expect(failure?.message.hasSuffix("whose Gateway API is older, so it is taken out again") == true)
      #expect(try await router.mirror(to: .green, on: "shop") == Weight.none)
      // All of them need no share.
      try await router.setMirror(setting.change(100))
      #expect(try await router.mirror(to: .green, on: "shop") == .all)
    }
  }

  @Test func `a gateway is waited for through lost watches and forgotten places`() async throws {
    try await Setting.with(gateway: "null", fake: true) { setting in
      async let change: Void = setting.router.setWeight(setting.change(25))
      func isWatched(_ times: Int) async throws -> Bool {
        try await setting.api.log().count { $0[2].contains("watch=true") } >= times
      }
      try await Rig.wait(for: "a watch") { try await isWatched(1) }
      try await setting.api.drop()
      try await Rig.wait(for: "a second watch") { try await isWatched(2) }
      try await setting.api.set(#"{"watchSeconds": 0.2}"#)
      try await setting.api.drop()
      try await Rig.wait(for: "watches that the server ends") { try await isWatched(5) }
      try await setting.api.forget()
      try await setting.api.set(#"{"gateway": {"delay": 0.1}}"#)
      // Somebody else's change of something else, which the gateway takes up with all the rest.
      _ = try await setting.client.merge(["spec": ["hostnames": ["shop.example", "two.example"]]], into: setting.name)
      try await change
    }
  }
}
