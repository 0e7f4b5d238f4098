import Controller
import Engine
import Foundation
import PipelineModel
import SQLiteStore

/// Leaves a request in the store and waits for its answer.
struct Asking {
  private let store: AskingStore
  private let access: StoreAccess
  private let identity: IdentityOptions

  init(_ access: StoreAccess, _ identity: IdentityOptions) throws {
    store = try access.asking()
    self.access = access
    self.identity = identity
  }

  /// - Returns: the run it concerned or began.
  /// - Throws: `Stop` 1 when it was refused, 2 when nobody answered.
  func ask(_ ask: Request.Ask, patience: Interval = .seconds(10), isAlive: () -> Bool = { true }) throws -> RunID? {
    try answer(to: ask, patience: patience, isAlive: isAlive).run
  }

  /// - Throws: `Stop` 1 when it was refused, 2 when nobody answered.
  func answer(
    to ask: Request.Ask, patience: Interval = .seconds(10), isAlive: () -> Bool = { true }
  ) throws -> Batch.Answered {
    try answer(to: put(ask), patience: patience, isAlive: isAlive)
  }

  /// Leaves it in the store, for whoever drives now or later.
  func put(_ ask: Request.Ask) throws -> Left {
    let request = Request(
      time: .wall, actor: identity.principal, origin: identity.origin, reason: identity.reason, ask: ask)
    do {
      return Left(number: try store.make(request), ask: ask)
    } catch {
      throw Stop.unknown(error.description)
    }
  }

  /// A request that lies in the store.
  struct Left {
    var number: Int64
    fileprivate var ask: Request.Ask
  }

  /// Whether somebody drives the store now.
  var isDriven: Bool { store.driver != nil }

  /// Whether it has been answered; waits for that as long as somebody drives the store.
  func isAnswered(_ left: Left, until deadline: ContinuousClock.Instant) throws -> Bool {
    try wait(for: left.number, until: deadline) { isDriven } != nil
  }

  /// - Throws: `Stop` 1 when it was refused, 2 when nobody answered.
  func answer(
    to left: Left, patience: Interval = .seconds(10), isAlive: () -> Bool = { true }
  ) throws -> Batch.Answered {
    guard let answer = try wait(for: left.number, until: .now + .milliseconds(patience.milliseconds), isAlive) else {
      throw unanswered(left.ask)
    }
    if let refusal = answer.refusal { throw Stop.negative(refusal) }
    return answer
  }

  private func wait(
    for number: Int64, until deadline: ContinuousClock.Instant, _ isAlive: () -> Bool
  ) throws -> Batch.Answered? {
    while ContinuousClock.now < deadline, isAlive() {
      if let answer = try store.answer(to: number) { return answer }
      if store.driver == nil, ContinuousClock.now > deadline - .seconds(8) { return nil }
      usleep(10_000)
    }
    return try store.answer(to: number)
  }

  private func unanswered(_ ask: Request.Ask) -> Stop {
    if let driver = store.driver {
      return .unknown(
        "the controller that drives this store (process \(driver.process) on \(driver.host)) has not answered yet; "
          + "the request stays in the store, and is done when it does")
    }
    if case .act(let run, _) = ask {
      return .unknown(
        "no controller drives this store now; the request stays in it, and is done as soon as one does: "
          + access.attach(run))
    }
    return .unknown("no controller drives this store; the request stays in it, and is done as soon as one does")
  }
}
