import Conformance
import Foundation
import PipelineModel
import PluginKit

extension KindTrial {
  /// As many calls as the limits allow at a time, or two to wait for each other.
  private var crowd: Int { min(100, max(2, plugin.manifest.limits.calls)) }

  /// Calls that are under way at the same time are each answered with what is theirs.
  ///
  /// - Parameter asks: asked in turn; each says what was wrong with its answer.
  func atOnce(_ asks: [@Sendable () async -> String?]) -> Promise {
    let crowd = crowd
    return Promise("\(crowd) calls at once are each answered rightly") {
      await withTaskGroup(of: String?.self) { group in
        for number in 0..<crowd { group.addTask { await asks[number % asks.count]() } }
        return await group.reduce(into: Set<String>()) { found, complaint in
          if let complaint { found.insert(complaint) }
        }.sorted()
      }
    }
  }

  /// What is wrong with what `work` gives, or with its failing.
  static func complaint<Value: Sendable>(
    _ what: String, _ work: @escaping @Sendable () async throws(Failure) -> Value,
    judge: @Sendable (Value) -> String? = { _ in nil }
  ) async -> String? {
    switch await attempt(work) {
    case nil: "\(what) neither returned nor threw within a minute"
    case .success(let value)?: judge(value).map { "\(what): \($0)" }
    case .failure(let failure)?: "\(what) failed (\(failure.kind)): \(failure.message)"
    }
  }

  /// What is wrong where `work` is not rejected.
  static func complaint<Value: Sendable>(
    unlessRejected what: String, _ work: @escaping @Sendable () async throws(Failure) -> Value
  ) async -> String? {
    switch await attempt(work) {
    case .failure(let failure)? where failure.kind == .rejected: nil
    case .failure(let failure)?: "\(what) must be rejected, and is \(failure.kind): \(failure.message)"
    case .success(let value)?: "\(what) must be rejected, and gave \(value)"
    case nil: "\(what) neither returned nor threw within a minute"
    }
  }
}

extension KindTrial {
  /// A call that is given up as soon as it has been asked is answered all the same, once, and so is the next.
  func givingUp<Params: Codable & Sendable>(
    _ method: Wire.Method, _ params: @escaping @Sendable () -> Params
  ) -> Promise {
    Promise("\(method.rawValue), given up, is answered all the same") {
      await givenUp(method, params()).complaints
    }
  }

  /// A call that takes minutes keeps no other from being answered, where several may be under way, and ends when it is
  /// given up.
  ///
  /// - Parameter meanwhile: another call, and what was wrong with its answer.
  func givingUpInFlight<Params: Codable & Sendable>(
    _ what: String, _ method: Wire.Method, _ params: @escaping @Sendable (_ within: Interval) -> Params,
    meanwhile: @escaping @Sendable () async -> String?
  ) -> Promise {
    let takesOthers = plugin.manifest.limits.calls > 1
    let within = takesOthers ? Interval.minutes(5) : .seconds(1)
    return Promise("\(what), given up under way, is answered within \(patience.grace)") {
      let outcome = await givenUp(method, params(within)) {
        if takesOthers { return await meanwhile().map { "beside it, \($0)" } }
        // One that takes a call at a time may wait until nobody does any more.
        try? await Task.sleep(for: .milliseconds(within.milliseconds))
        return nil
      }
      if outcome.wasEarly, takesOthers {
        return outcome.complaints + ["it was answered before a question that was asked after it: give one that is slow"]
      }
      return outcome.complaints
    }
  }

  private struct GivenUp {
    /// Answered before it was given up.
    var wasEarly = false
    var complaints: [String] = []
  }

  /// - Parameter meanwhile: before it is given up.
  private func givenUp(
    _ method: Wire.Method, _ params: some Codable & Sendable, meanwhile: () async -> String? = { nil }
  ) async -> GivenUp {
    let id = PluginConnection.nextID()
    guard let line = try? connection.encoded(Wire.Request(id: id, method: method, params: params)),
      let cancellation = try? connection.encoded(Wire.Cancellation(id: id))
    else { return GivenUp(complaints: ["its params cannot be written"]) }
    let (asked, signal) = AsyncStream.makeStream(of: Void.self)
    let call = Task { await connection.exchange(id, line) { signal.finish() } }
    for await _ in asked {}
    let complaint = await meanwhile()
    let wasEarly = await !connection.isUnderWay(id)
    var outcome = GivenUp(wasEarly: wasEarly, complaints: complaint.map { [$0] } ?? [])
    await connection.send(cancellation)
    let answer = try? await within(patience.grace) {
      await withTaskCancellationHandler {
        await call.value
      } onCancel: {
        call.cancel()
      }
    }
    switch answer {
    case .success?: outcome.complaints += await expectUnknownMethod("the next call")
    case .failure(let failure)?: outcome.complaints.append(connection.log.hidden(in: failure.message))
    case nil:
      outcome.complaints.append(
        "it was not answered within \(patience.grace): answer a call that was given up, too, with what came of it or "
          + "with the error \(Wire.Problem.cancelled)")
    }
    return outcome
  }
}
