import Foundation
import PipelineModel
import PluginKit

extension PluginConnection {
  /// Asks, and gives up after `limit`.
  ///
  /// - Throws: `Failure`, with the plugin's own kind where it gave one. Nothing secret is in its message.
  nonisolated func call<Params: Codable & Sendable, Result: Codable & Sendable>(
    _ method: Wire.Method, _ params: Params, within limit: Interval
  ) async throws(Failure) -> Result {
    let id = Self.nextID()
    let line = try encoded(Wire.Request(id: id, method: method, params: params))
    let answer: Answer?
    do {
      answer = try await PluginKit.within(limit) { await self.exchange(id, line, isChange: method.isChange) }
    } catch {
      throw Failure(.transient, "the call was given up")
    }
    switch answer {
    case nil: throw Failure(.transient, "the plugin \(plugin.name) did not answer within \(limit)")
    case .failure(let failure)?: throw failure.told(log.hidden(in: failure.message))
    case .success(let line)?: return try await judged(line)
    }
  }

  /// A plugin that is misconfigured may have a secret that was changed meanwhile.
  private nonisolated func judged<Result: Codable & Sendable>(_ line: [UInt8]) async throws(Failure) -> Result {
    do throws(Failure) {
      return try decoded(line)
    } catch {
      if error.kind == .misconfigured, !backend.settings.secretNames.isEmpty { await retire() }
      throw error
    }
  }

  nonisolated func encoded(_ message: some Encodable) throws(Failure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let line = try? encoder.encode(message) else {
      throw Failure(.rejected, "a number that JSON cannot write was to go to the plugin \(plugin.name)")
    }
    guard line.count <= plugin.manifest.limits.message else {
      throw Failure(
        .rejected,
        "a message of \(line.count) bytes is more than the plugin \(plugin.name) takes; its plugin.yaml says "
          + "\(plugin.manifest.limits.message)")
    }
    return [UInt8](line)
  }

  /// - Throws: what the plugin says went wrong, or that its answer has not the form of a result.
  nonisolated func decoded<Result: Codable & Sendable>(_ line: [UInt8]) throws(Failure) -> Result {
    let response: Wire.Response<Result>
    do {
      response = try JSONDecoder().decode(Wire.Response<Result>.self, from: Data(line))
    } catch {
      throw Failure(.transient, "the plugin \(plugin.name) answered what is no answer to that: \(Self.reason(error))")
    }
    if let problem = response.error {
      let said = log.hidden(in: problem.message).excerpt(500)
      throw Failure(
        problem.kind, "the plugin \(plugin.name) says: \(said.isEmpty ? "nothing" : said)",
        retryAfter: problem.retryAfter)
    }
    guard let result = response.result else {
      throw Failure(.transient, "the plugin \(plugin.name) answered without a result")
    }
    return result
  }

  private static func reason(_ error: any Error) -> String {
    let path = { (context: DecodingError.Context) in context.codingPath.map(\.stringValue).joined(separator: ".") }
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      return "\(path(context)) has no \"\(key.stringValue)\"".excerpt(200)
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context):
      return "\(path(context)): \(context.debugDescription)".excerpt(200)
    default: return "\(error)".excerpt(200)
    }
  }
}
