import Foundation
import LiveRig
import PipelineModel
import PluginKit
import Testing

/// An adapter that speaks HTTP, ready to be asked one thing.
struct Adapter: Sendable, CustomTestStringConvertible {
  var name: String
  var testDescription: String { name }
  /// What a server in order answers to a request, as `RawServer.http` writes it.
  var good: @Sendable (String) -> String
  /// Asks a server, within a deadline; what came of it, for people.
  var ask: @Sendable (_ url: String, _ deadline: Interval) async throws(Failure) -> String
  /// Whether success is told by the status alone, so that no body can be false.
  var readsNoBody = false
  /// Whether it speaks no TLS.
  var isPlain = false
  /// Whether it asks again by itself, until its time is over.
  var asksAgain = false

  /// A metric provider.
  ///
  /// - Parameters:
  ///   - query: one that `answer` is an answer to.
  ///   - answer: body of a good answer, with a text in it.
  static func provider(
    _ factory: BackendFactory<any MetricProvider>, _ query: String, answer: String,
    _ more: [String: Settings.Value] = [:]
  ) -> Adapter {
    Adapter(name: "\(factory.kind.port) \(factory.kind.name)", good: { _ in RawServer.http(200, answer) }) {
      url, deadline throws(Failure) in
      let provider = try factory.make(backend(factory.kind.name, url, more), context)
      let question = MetricQuery(
        metric: "errors", text: query, at: Timestamp(milliseconds: 1_700_000_000_000), timeout: deadline)
      return "\(try await provider.sample(question))"
    }
  }

  /// A router that is asked for a weight; a server in order gives green a quarter.
  static func router(
    _ factory: BackendFactory<any TrafficRouter>, route: [String: Settings.Value],
    _ more: [String: Settings.Value] = [:], asking weight: Weight = .percent(25),
    good: @escaping @Sendable (String) -> String
  ) -> Adapter {
    Adapter(name: "\(factory.kind.port) \(factory.kind.name)", good: good) { url, deadline throws(Failure) in
      var settings = more.merging(["timeout": .duration(deadline)]) { _, new in new }
      settings["routes"] = .map(Settings(["shop": .map(Settings(route))]))
      let router = try factory.make(backend(factory.kind.name, url, settings), context)
      try await router.setWeight(WeightChange(route: "shop", candidate: .green, weight: weight, key: "key"))
      return "\(try await router.weight(of: .green, on: "shop"))"
    }
  }

  /// A notifier, which has done its work when the receiver answers with a good status.
  static func notifier(
    _ factory: BackendFactory<any Notifier>, _ more: [String: Settings.Value] = [:], alarm: Notice.Alarm? = .firing
  ) -> Adapter {
    let ask: @Sendable (String, Interval) async throws(Failure) -> String = { url, deadline throws(Failure) in
      let notifier = try factory.make(backend(factory.kind.name, url, more), context)
      try await notifier.send(
        Notice(
          key: "key", thread: "thread", event: .rollback, severity: .warning, alarm: alarm, pipeline: "shop",
          service: "shop", environment: "production", version: "v2", time: Timestamp(milliseconds: 1_700_000_000_000),
          title: "rolling back", timeout: deadline))
      return "delivered"
    }
    let name = "\(factory.kind.port) \(factory.kind.name)"
    return Adapter(name: name, good: { _ in RawServer.http(200, "\"ok\"") }, ask: ask, readsNoBody: true)
  }

  /// As `headgate.yaml` would have it: the settings all such backends share, and its own.
  static func backend(_ kind: String, _ url: String, _ more: [String: Settings.Value]) -> Backend {
    var settings = more.merging(["url": .text(url), "timeout": .duration(.minutes(5))]) { own, _ in own }
    if url.hasPrefix("https:") { settings["tls"] = .map(Settings(["ca": .text(TLSFixture.authority)])) }
    return Backend(name: kind, kind: kind, settings: Settings(settings))
  }

  static let context = BackendContext(
    secret: { _ in "hunter2" }, stateDirectory: FileManager.default.temporaryDirectory.path, baseDirectory: "/",
    now: { Timestamp(milliseconds: 1_700_000_000_000) })
}
