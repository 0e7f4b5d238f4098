import BackendHTTP
import Foundation
import PipelineModel
import PluginKit
import Synchronization

/// Caddy's admin API: the whole configuration, and a change of it on condition that it is still the same.
final class CaddyAdmin: Sendable {
  private let backend: HTTPBackend
  /// What this Caddy has been found to hash with.
  private let hash = Mutex(CaddyHash.fnv1a)

  init(_ backend: HTTPBackend) { self.backend = backend }

  var timeout: Interval { backend.timeout }

  func configuration() async throws(Failure) -> CaddyConfiguration {
    try await backend.send(HTTPCall(.get, "/config/"), "caddy did not tell its configuration at \(backend.url)") {
      reply throws(Failure) in
      guard reply.status == 200 else { throw refusal(reply) }
      return CaddyConfiguration(body: reply.body)
    }
  }

  enum Outcome: Sendable {
    case done
    /// It is not the configuration that was read any more; or it is hashed another way.
    case changed
  }

  /// Something to put into the place of what has an `@id`, or of a part of it.
  struct Change: Sendable {
    var id: String
    /// Empty, or behind a slash.
    var path: String
    /// JSON.
    var content: Data
  }

  /// Puts other upstreams into a handler if the configuration is still `read`.
  func set(_ upstreams: Data, of route: CaddyRoute, ifStill read: CaddyConfiguration) async throws(Failure) -> Outcome {
    try await make(Change(id: route.id, path: "/upstreams", content: upstreams), ifStill: read)
  }

  /// Makes a change if the configuration is still `read`.
  func make(_ change: Change, ifStill read: CaddyConfiguration) async throws(Failure) -> Outcome {
    let etag = "\"/config/ \(hash.withLock { $0 }.text(of: read.body))\""
    let call = HTTPCall(
      .patch, "/id/\(HTTPCall.escaped(change.id))\(change.path)", headers: [.init("If-Match", etag)]
    ).sending(change.content, as: "application/json")
    return try await backend.send(call, "caddy did not take a change at \(backend.url)") {
      reply throws(Failure) in
      if reply.status == 412 { return .changed }
      guard reply.isSuccess else { throw refusal(reply) }
      return .done
    }
  }

  /// From now on the other way of hashing, after a condition was not met by a configuration that has not changed.
  func hashOtherwise() { hash.withLock { $0 = $0 == .fnv1a ? .xxh64 : .fnv1a } }

  private func refusal(_ reply: HTTPReply) -> Failure {
    struct Said: Decodable { var error: String }
    let said = (try? JSONDecoder().decode(Said.self, from: reply.body))?.error
    // Caddy says 500 for a configuration that it cannot use, and for one that is no JSON.
    if reply.status == 500, let said { return Failure(.rejected, "HTTP 500: \(reply.quoted(said, 300))") }
    return reply.refusal(said.map { reply.quoted($0, 300) })
  }
}
