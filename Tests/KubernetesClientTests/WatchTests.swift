import BackendHTTP
import Foundation
import LiveRig
import PipelineModel
import PluginKit
import Synchronization
import Testing

@testable import KubernetesClient

/// A watch misses nothing, whatever becomes of the connection: driven against the fake API server.
@Suite(.serialized, .live(.python3)) struct WatchTests {
  private struct Setting {
    var api: KubernetesAPI
    var client: KubernetesClient
    var name: KubernetesName

    func set(_ number: Int) async throws {
      _ = try await client.merge(["metadata": ["annotations": ["number": .text("\(number)")]]], into: name)
    }
  }

  private func with(_ work: (Setting) async throws -> Void) async throws {
    try await Rig.with { rig in
      let api = try await KubernetesAPI(fakeIn: rig)
      let backend = HTTPBackend(
        name: "cluster", url: api.url, timeout: .seconds(60),
        secret: { _ throws(Failure) in throw Failure(.misconfigured, "none") })
      let setting = Setting(
        api: api, client: KubernetesClient(backend), name: KubernetesName(.httpRoutes, namespace: "shop", name: "shop"))
      _ = try await setting.client.create(
        KubernetesObject(["metadata": ["name": "shop"], "spec": ["rules": []]]), in: setting.name)
      try await work(setting)
    }
  }

  /// Watches until `last` is seen; what came before it may be skipped, but nothing comes out of order.
  private func watch(_ setting: Setting, quiet: Interval = .seconds(90), until last: Int) async throws -> [Int] {
    let seen = Mutex<[Int]>([])
    try await setting.client.watch(setting.name, quiet: quiet) { sight in
      guard case .present(let object) = sight else { return true }
      let number = object.json["metadata"]?["annotations"]?["number"]?.text.flatMap { Int($0) } ?? 0
      seen.withLock { $0.append(number) }
      return number < last
    }
    return seen.withLock { $0 }
  }

  private func watches(_ setting: Setting) async throws -> Int {
    try await setting.api.log().count { $0[2].contains("watch=true") }
  }

  @Test func `every change is seen, in its order`() async throws {
    try await with { setting in
      async let numbers = watch(setting, until: 20)
      try await Rig.wait(for: "the watch") { try await watches(setting) == 1 }
      for number in 1...20 { try await setting.set(number) }
      #expect(try await numbers == Array(0...20))
      #expect(try await watches(setting) == 1)
    }
  }

  @Test func `a watch that the server ends goes on where it was`() async throws {
    try await with { setting in
      try await setting.api.set(#"{"watchSeconds": 0.1}"#)
      async let numbers = watch(setting, until: 20)
      for number in 1...20 {
        try await setting.set(number)
        try await Rig.wait(for: "another watch") { [before = try await watches(setting)] in
          let now = try await watches(setting)
          return number == 20 || now > before
        }
      }
      let seen = try await numbers
      #expect(Set(seen).isSuperset(of: seen.first.map { $0...20 } ?? 0...20))
      #expect(seen == seen.sorted())
      // Only the first look was a reading.
      #expect(try await setting.api.log().count { $0[0] == "GET" && $0[1].hasSuffix("/shop") } == 1)
    }
  }

  @Test func `a place that is forgotten is read anew`() async throws {
    try await with { setting in
      try await setting.api.set(#"{"watchSeconds": 0.1, "bookmarks": 0}"#)
      async let numbers = watch(setting, until: 3)
      for number in 1...3 {
        try await setting.api.forget()
        try await setting.set(number)
      }
      let seen = try await numbers
      #expect(seen == seen.sorted())
      #expect(seen.last == 3)
    }
  }

  @Test func `bookmarks keep the place where others change`() async throws {
    try await with { setting in
      try await setting.api.set(#"{"watchSeconds": 0.3, "bookmarks": 0.05}"#)
      async let numbers = watch(setting, until: 1)
      let other = KubernetesName(.httpRoutes, namespace: "shop", name: "other")
      _ = try await setting.client.create(KubernetesObject(["metadata": ["name": "other"], "spec": [:]]), in: other)
      // A later watch begins where a bookmark has led.
      try await Rig.wait(for: "a watch from a later place") {
        let places = try await setting.api.log().filter { $0[2].contains("watch=true") }.compactMap {
          $0[2].split(separator: "resourceVersion=").last.flatMap { Int($0) }
        }
        guard let first = places.first, let last = places.last else { return false }
        return last > first
      }
      try await setting.set(1)
      #expect(try await numbers.last == 1)
    }
  }

  @Test func `a connection that is cut or falls silent is given up, and made anew`() async throws {
    try await with { setting in
      async let numbers = watch(setting, quiet: .seconds(2), until: 2)
      try await Rig.wait(for: "the watch") { try await watches(setting) >= 1 }
      let before = try await watches(setting)
      try await setting.api.drop()
      try await setting.set(1)
      try await Rig.wait(for: "another watch") { try await watches(setting) > before }
      try await setting.api.set(#"{"silent": true}"#)
      try await setting.set(2)
      let seen = try await numbers
      #expect(seen.last == 2)
      #expect(seen == seen.sorted())
    }
  }

  @Test func `an object that goes and comes again is seen to`() async throws {
    try await with { setting in
      let sights = Mutex<[Bool]>([])
      async let watching: Void = setting.client.watch(setting.name) { sight in
        let isPresent = sight != .absent
        return sights.withLock {
          $0.append(isPresent); return $0.count < 3
        }
      }
      try await Rig.wait(for: "the watch") { try await watches(setting) == 1 }
      _ = try await setting.client.delete(setting.name)
      _ = try await setting.client.create(
        KubernetesObject(["metadata": ["name": "shop"], "spec": [:]]), in: setting.name)
      try await watching
      #expect(sights.withLock { $0 } == [true, false, true])
    }
  }

  @Test func `a server that does not let us watch is told`() async throws {
    try await with { setting in
      try await setting.api.set(#"{"forbidden": true}"#)
      let failure = await #expect(throws: Failure.self) { try await watch(setting, until: 1) }
      #expect(failure?.kind == .misconfigured)
    }
  }
}
