import KubernetesClient
import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import KubernetesPlugin

/// What only an API server that does as it is told can show to a deployer.
@Suite(.serialized, .live(.python3)) struct KubernetesDeployerFaultTests {
  @Test func `a conflict is read again and made again, up to an end`() async throws {
    try await DeployerSetting.with(fake: true) { setting in
      let deployer = try setting.deployer()
      try await setting.api.set(#"{"touch": 3}"#)
      try await deployer.start(setting.deployment("3.9", key: "k"))
      #expect(try await setting.settled(setting.deployment("3.9", key: "k"), by: deployer) == .ready)
      #expect(try await setting.rollouts() == 1)
      try await setting.api.set(#"{"touch": 1000}"#)
      let failure = await #expect(throws: Failure.self) {
        try await deployer.start(setting.deployment("3.9", key: "other"))
      }
      #expect(failure?.kind == .transient)
      #expect(failure?.message.contains("in between, 5 times") == true)
    }
  }

  @Test(arguments: [
    (#"{"tokens": ["other"]}"#, Failure.Kind.misconfigured, "does not accept the credentials, or they have expired"),
    (#"{"forbidden": true}"#, .misconfigured, "a Role must grant it"),
    (#"{"fail": [{"status": 500, "times": 9}]}"#, .transient, "HTTP 500"),
    (#"{"fail": [{"status": 422, "times": 9}]}"#, .rejected, "HTTP 422"),
    (#"{"truncate": 9}"#, .transient, "could not read"),
    (#"{"delay": 60}"#, .transient, "no answer within 700ms"),
  ])
  func `a server that refuses is told for what it is`(knobs: String, kind: Failure.Kind, part: String) async throws {
    try await DeployerSetting.with(fake: true) { setting in
      let isSlow = part.contains("700ms")
      let deployer = try setting.deployer(["timeout": .duration(isSlow ? .milliseconds(700) : .seconds(60))])
      try await setting.api.set(knobs)
      let shop = setting.deployment("3.9", key: "k")
      let works: [() async throws -> Void] = [
        { try await deployer.start(shop) }, { try await deployer.stop(shop) },
        { _ = try await deployer.state(of: shop) },
      ]
      for work in works {
        let failure = await #expect(throws: Failure.self) { try await work() }
        #expect(failure?.kind == kind, "\(failure?.message ?? "")")
        #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "")")
        #expect(failure?.message.contains("first") != true)
      }
    }
  }

  @Test func `what the server finds wrong is told in its own words`() async throws {
    try await DeployerSetting.with(fake: true) { setting in
      _ = try await setting.client.merge(["spec": ["minReadySeconds": 30]], into: setting.green)
      let failure = await #expect(throws: Failure.self) {
        try await setting.deployer().start(setting.deployment("3.9", key: "k"))
      }
      #expect(failure?.kind == .rejected)
      #expect(failure?.message.contains("spec.progressDeadlineSeconds: Invalid value: 5") == true)
    }
  }

  @Test func `it is starting until its controller has seen the change, and while it is paused`() async throws {
    try await DeployerSetting.with(rollout: "null", fake: true) { setting in
      let deployer = try setting.deployer()
      let shop = setting.deployment("3.9", key: "k")
      try await deployer.start(shop)
      #expect(try await deployer.state(of: shop) == .starting("its controller has not seen the change"))
      _ = try await setting.client.merge(["spec": ["paused": true]], into: setting.green)
      try await setting.api.set(#"{"rollout": {"delay": 0.01}}"#)
      try await Rig.wait(for: "the controller") {
        try await deployer.state(of: shop) == .starting("it is paused; `kubectl rollout resume` lets it go on")
      }
      _ = try await setting.client.merge(["spec": ["paused": false]], into: setting.green)
      #expect(try await setting.settled(shop, by: deployer) == .ready)
    }
  }

  @Test func `it is stopped when no pod is left, and not before`() async throws {
    try await DeployerSetting.with(fake: true) { setting in
      let deployer = try setting.deployer(["stopTimeout": .duration(.milliseconds(500))])
      let shop = setting.deployment("3.9", key: "k")
      try await deployer.start(shop)
      #expect(try await setting.settled(shop, by: deployer) == .ready)
      try await setting.api.set(#"{"rollout": null}"#)
      let failure = await #expect(throws: Failure.self) { try await deployer.stop(shop) }
      #expect(failure?.kind == .transient)
      #expect(failure?.message.hasSuffix("is scaled to 0, and after 500ms pods are left: 2") == true)
      let before = try await watches(setting)
      async let stop: Void = try setting.deployer().stop(shop)
      try await Rig.wait(for: "another watch") { try await watches(setting) > before }
      try await setting.api.set(#"{"rollout": {"delay": 0.01}}"#)
      try await stop
      #expect(try await setting.object().status["replicas"] == nil)
    }
  }

  @Test func `it is not stopped as long as nobody has said that no pod is left`() async throws {
    try await DeployerSetting.with(fake: true) { setting in
      let shop = setting.deployment("3.9", key: "k")
      let deployer = try setting.deployer()
      try await deployer.start(shop)
      #expect(try await setting.settled(shop, by: deployer) == .ready)
      try await setting.api.set(#"{"rollout": null}"#)
      // No watch says a word in so short a time.
      let hasty = try setting.deployer(["stopTimeout": .duration(.milliseconds(1))])
      let failure = await #expect(throws: Failure.self) { try await hasty.stop(shop) }
      #expect(failure?.kind == .transient)
      #expect(failure?.message.contains("pods are left: 2") == true, "\(failure?.message ?? "")")
    }
  }

  private func watches(_ setting: DeployerSetting) async throws -> Int {
    try await setting.api.log().count { $0[2].contains("watch=true") }
  }
}
