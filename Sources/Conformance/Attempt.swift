package import PipelineModel

/// Does `work` and waits for it, but not for ever.
///
/// A port promises to return or to throw. What does neither within the bound, far above any deadline in use, is
/// complained of, and the rest goes on without it.
/// - Returns: `nil` when the bound was passed.
package func attempt<Value: Sendable>(
  within bound: Duration = .seconds(60), _ work: @escaping @Sendable () async throws(Failure) -> Value
) async -> Result<Value, Failure>? {
  let (outcomes, outcome) = AsyncStream.makeStream(of: Result<Value, Failure>?.self)
  let working = Task {
    do throws(Failure) {
      outcome.yield(.success(try await work()))
    } catch {
      outcome.yield(.failure(error))
    }
  }
  let waiting = Task {
    try await Task.sleep(for: bound)
    outcome.yield(nil)
  }
  defer {
    working.cancel()
    waiting.cancel()
  }
  for await result in outcomes { return result }
  return nil
}

extension Promise {
  private static let endless = "it neither returned nor threw within a minute"

  /// `work` succeeds, and what it gives is right.
  ///
  /// - Parameters:
  ///   - tries: how often it may fail in passing, where what came before breaks connections.
  ///   - judge: what is wrong with the value, or `nil`.
  package static func success<Value: Sendable>(
    _ name: String, tries: Int = 1, judge: @escaping @Sendable (Value) async -> String? = { _ in nil },
    _ work: @escaping @Sendable () async throws(Failure) -> Value
  ) -> Promise {
    Promise(
      name,
      complaint: {
        var outcome = await attempt(work)
        for _ in 1..<tries where outcome?.isTransient ?? false { outcome = await attempt(work) }
        return switch outcome {
        case nil: endless
        case .success(let value)?: await judge(value)
        case .failure(let failure)?: "it failed (\(failure.kind)): \(failure.message)"
        }
      })
  }

  /// `work` fails in one of the given ways, with a message that is fit for people.
  ///
  /// - Parameter mend: what to say when it does not fail.
  package static func failure<Value: Sendable>(
    _ kinds: Failure.Kind..., of name: String, hiding secrets: [String] = [], otherwise mend: String? = nil,
    _ work: @escaping @Sendable () async throws(Failure) -> Value
  ) -> Promise {
    let wanted = kinds.map(\.rawValue).joined(separator: " or ")
    return Promise("\(name) is \(wanted)") {
      switch await attempt(work) {
      case nil: return [endless]
      case .success(let value)?: return [mend ?? "it must fail, and gave \(value)"]
      case .failure(let failure)?:
        let isRight = kinds.contains(failure.kind)
        return (isRight ? [] : ["it is \(failure.kind): \(failure.message)"]) + unfit(failure, hiding: secrets)
      }
    }
  }

  /// `work`, begun and cancelled, returns or throws soon after.
  package static func cancellation<Value: Sendable>(
    of name: String, _ work: @escaping @Sendable () async throws(Failure) -> Value
  ) -> Promise {
    success("\(name), cancelled, comes to an end") { () async throws(Failure) in
      let task = Task {
        do throws(Failure) { _ = try await work() } catch {}
      }
      task.cancel()
      await task.value
    }
  }

  /// A question to the backend itself, by other means than the port, has this answer.
  package static func truth<Value: Sendable & Equatable>(
    _ name: String, is expected: Value, _ ask: @escaping @Sendable () async throws -> Value
  ) -> Promise {
    Promise(
      name,
      complaint: {
        do {
          let found = try await ask()
          return found == expected ? nil : "it is \(found), and should be \(expected)"
        } catch {
          return "the backend itself could not be asked: \(error)"
        }
      })
  }

  /// What is wrong with a message: it is one line, says something, and has no secret in it.
  package static func unfit(_ failure: Failure, hiding secrets: [String]) -> [String] {
    var complaints: [String] = []
    if failure.message.isEmpty { complaints.append("its message is empty") }
    if failure.message.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
      complaints.append("its message has control characters, or more than one line")
    }
    if secrets.contains(where: { !$0.isEmpty && failure.message.contains($0) }) {
      complaints.append("its message shows a secret")
    }
    return complaints
  }
}

extension Result where Failure == PipelineModel.Failure {
  fileprivate var isTransient: Bool {
    if case .failure(let failure) = self { failure.kind == .transient } else { false }
  }
}
