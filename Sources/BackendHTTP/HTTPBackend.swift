package import PipelineModel
import PluginKit

/// A backend that is asked by HTTP: its address, and all that every request to it has in common.
package struct HTTPBackend: Sendable {
  package var name: String
  /// Without user, query and trailing slash, so it can stand in messages.
  package var url: String
  /// Upper limit for one request and its answer together.
  package var timeout: Interval
  package var headers: [HTTPCall.Field]
  package var credentials: HTTPCredentials
  /// `nil`: the system's authorities, no certificate of our own.
  package var tls: HTTPTLS?
  package var secret: HTTPCredentials.SecretReader
  /// The most of an answer that is read.
  package var largestAnswer: Int

  package init(
    name: String, url: String, timeout: Interval = .seconds(10), headers: [HTTPCall.Field] = [],
    credentials: HTTPCredentials = .none, tls: HTTPTLS? = nil, secret: @escaping HTTPCredentials.SecretReader,
    largestAnswer: Int = 1 << 20
  ) {
    self.name = name
    self.url = url
    self.timeout = timeout
    self.headers = headers
    self.credentials = credentials
    self.tls = tls
    self.secret = secret
    self.largestAnswer = largestAnswer
  }

  /// Sends one request and reads the whole answer. No redirect is followed, and nothing is tried twice but a GET or HEAD
  /// whose connection was closed before an answer came: a server may close one that has been idle in the very moment it is
  /// used again.
  ///
  /// - Parameters:
  ///   - limit: longest for secrets, connecting, sending and the whole answer together; `timeout` where that is shorter.
  ///   - attempt: what every failure's message begins with, without a colon: "prom could not answer errors at http://…".
  ///   - read: makes the answer a value. Any status comes here; `HTTPReply.refusal` judges those nobody wants.
  /// - Throws: what `read` throws; `transient` when nobody answers in time or the connection fails, `misconfigured` when
  ///   the two cannot understand or trust each other, `rejected` when the answer is larger than `largestAnswer`. Secrets
  ///   are blotted out of every message.
  package func send<Value: Sendable>(
    _ call: HTTPCall, within limit: Interval? = nil, _ attempt: String,
    reading read: (HTTPReply) throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let limit = min(limit ?? timeout, timeout)
    let end = ContinuousClock.now + .milliseconds(limit.milliseconds)
    var secrets = HiddenSecrets()
    do throws(Failure) {
      let ready = try await prepared(call, limit)
      secrets = ready.secrets
      return try read(try await reply(to: ready, until: end, limit))
    } catch {
      throw error.told(secrets.hidden(in: "\(attempt): \(error.message)"))
    }
  }

  private func reply(to ready: PreparedCall, until end: ContinuousClock.Instant, _ limit: Interval)
    async throws(Failure) -> HTTPReply
  {
    let reply: HTTPReply?
    do {
      reply = try await within(Self.rest(until: end)) { [largestAnswer] in
        do {
          return try await ready.reply(atMost: largestAnswer)
        } catch {
          guard ready.isHarmlessTwice, wasClosedBeforeAnAnswer(error) else { throw error }
          return try await ready.reply(atMost: largestAnswer)
        }
      }
    } catch {
      throw transportFailure(error)
    }
    guard let reply else { throw Failure(.transient, "no answer within \(limit)") }
    return reply
  }

  /// The call with everything that is read anew for it.
  func prepared(_ call: HTTPCall, _ limit: Interval) async throws(Failure) -> PreparedCall {
    let ready: PreparedCall?
    do {
      ready = try await within(limit) { try await PreparedCall(call, to: self) }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.transient, "the question was cancelled")
    }
    guard let ready else { throw Failure(.transient, "its secrets could not be read within \(limit)") }
    return ready
  }

  private static func rest(until end: ContinuousClock.Instant) -> Interval {
    let rest = (end - .now).components
    return .milliseconds(max(0, rest.seconds * 1000 + rest.attoseconds / 1_000_000_000_000_000))
  }
}
