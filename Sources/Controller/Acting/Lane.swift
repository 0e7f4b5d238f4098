import DequeModule
import Engine
import PipelineModel
import Synchronization

/// Does the calls of lanes, and hands over what comes of them.
protocol Caller: Sendable {
  associatedtype Call: Sendable
  associatedtype Answer: Sendable

  func answer(_ call: Call) async -> Answer
  /// Hands an answer over. Called once for a call, or `giveUp` is.
  func report(_ answer: Answer, to call: Call)
  /// Tells whoever asked that nothing will come of a call. It may be under way still.
  func giveUp(_ call: Call, after deadline: Interval)
}

/// The way to one backend: at most `width` calls at a time, so that a backend that hangs holds up nobody else.
///
/// A call that takes longer than its deadline is given up: its task is cancelled, its place is free again, and whoever
/// asked is told. Until then it keeps its place, also while it is being cancelled: with a width of 1 a call and the one
/// after it overlap only when the first has been given up.
///
/// A call that was given up may still do what it was asked, later than what was asked after it. When it returns at last,
/// the lane's newest wish is done once more, so that the newest wish always has the last word.
final class Lane<C: Caller>: Sendable {
  struct Job: Sendable {
    var call: C.Call
    /// In real time, from the moment the job begins.
    var deadline: Interval
    /// How long it may wait for a place; `nil`: as long as it takes.
    var patience: Interval?
    /// It has been done before, and whoever asked has been told.
    fileprivate private(set) var isRepeated = false

    init(call: C.Call, deadline: Interval, patience: Interval? = nil) {
      self.call = call
      self.deadline = deadline
      self.patience = patience
    }

    fileprivate var repeated: Job {
      var job = self
      job.isRepeated = true
      return job
    }
  }

  private struct Waiting {
    var job: Job
    var number: Int
    var until: ContinuousClock.Instant?

    func isLate(_ now: ContinuousClock.Instant) -> Bool { until.map { $0 < now } ?? false }
  }

  private struct Running {
    var job: Job
    var number: Int
    var task: Task<Void, Never>
    var until: ContinuousClock.Instant

    init(_ job: Job, _ number: Int, on task: Task<Void, Never>) {
      self.job = job
      self.number = number
      self.task = task
      until = .now + job.deadline.duration
    }
  }

  private struct State {
    var waiting: Deque<Waiting> = []
    /// Few, so a list is the quickest.
    var running: [Running] = []
    /// Jobs are numbered in the order they were asked for.
    var lastNumber = 0
    var wish: (number: Int, job: Job, aim: String?)?
    var isClosed = false
  }

  /// What a cancelled call gets to come to its end before the newer wish goes ahead without waiting for it.
  private static var grace: Duration { .seconds(5) }

  private let width: Int
  private let caller: C
  private let state = Mutex(State())

  init(width: Int, _ caller: C) {
    self.width = width
    self.caller = caller
  }

  /// Calls under way that have not been given up.
  var running: Int { state.withLock { $0.running.count } }

  /// Begins each job now, or when a place is free.
  func submit(_ jobs: [Job]) {
    state.withLock { state in for job in jobs { enqueue(job, &state) } }
  }

  /// Begins the job if nothing is under way; forgets it otherwise.
  func submitIfIdle(_ job: Job) {
    state.withLock { state in
      if state.running.isEmpty, state.waiting.isEmpty { enqueue(job, &state) }
    }
  }

  /// Drops what waits, cancels what runs, and does the job as soon as that has ended: for a newer wish that makes the
  /// older ones pointless. Wishes of the same aim leave each other alone.
  func replace(with job: Job, aim: String? = nil) {
    let dropped: Deque<Waiting> = state.withLock { state in
      defer {
        enqueue(job, &state)
        state.wish = (state.lastNumber, job, aim)
      }
      if aim != nil, aim == state.wish?.aim { return [] }
      return Self.cancelAll(&state)
    }
    for waiting in dropped { giveUp(waiting.job) }
  }

  /// Gives up what has passed its deadline, or has waited longer than it may.
  func sweep(_ now: ContinuousClock.Instant = .now) {
    let late: [Job] = state.withLock { state in
      let running = state.running.filter { $0.until < now }.sorted { $0.number < $1.number }
      for late in running { late.task.cancel() }
      state.running.removeAll { $0.until < now }
      let waiting = state.waiting.filter { $0.isLate(now) }
      if !waiting.isEmpty { state.waiting.removeAll { $0.isLate(now) } }
      fill(&state)
      return running.map(\.job) + waiting.map(\.job)
    }
    for job in late { giveUp(job) }
  }

  /// Drops what waits, cancels what runs, and takes nothing more. Nobody is told.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.waiting.removeAll()
      state.wish = nil
      for running in state.running { running.task.cancel() }
    }
  }

  private func giveUp(_ job: Job) {
    if !job.isRepeated { caller.giveUp(job.call, after: job.deadline) }
  }

  // MARK: With the state locked

  private static func cancelAll(_ state: inout State) -> Deque<Waiting> {
    if !state.running.isEmpty {
      let grace = ContinuousClock.now + grace
      for index in state.running.indices {
        state.running[index].task.cancel()
        state.running[index].until = min(state.running[index].until, grace)
      }
    }
    defer { state.waiting.removeAll() }
    return state.waiting
  }

  private func enqueue(_ job: Job, _ state: inout State) {
    guard !state.isClosed else { return }
    state.lastNumber += 1
    if state.running.count < width, state.waiting.isEmpty { return start(job, state.lastNumber, &state) }
    let until = job.patience.map { ContinuousClock.now + $0.duration }
    state.waiting.append(Waiting(job: job, number: state.lastNumber, until: until))
  }

  /// A task does one job after the other while there are any.
  private func start(_ job: Job, _ number: Int, _ state: inout State) {
    let task = Task.detached { [self] in
      var next: (job: Job, number: Int)? = (job, number)
      while let (job, number) = next {
        next = ended(number, of: job, with: await caller.answer(job.call))
      }
    }
    state.running.append(Running(job, number, on: task))
  }

  private func fill(_ state: inout State) {
    while state.running.count < width, let next = state.waiting.popFirst() { start(next.job, next.number, &state) }
  }

  /// Hands the answer over, unless the call was given up, before its place is free.
  ///
  /// - Returns: the job to do next on the same task. None when the task was cancelled: it would pass its cancellation on.
  private func ended(_ number: Int, of job: Job, with answer: C.Answer) -> (job: Job, number: Int)? {
    state.withLock { state in
      guard let index = state.running.firstIndex(where: { $0.number == number }) else {
        // Its place has been handed on.
        if let wish = state.wish, wish.number > number { enqueue(wish.job.repeated, &state) }
        return nil
      }
      if !job.isRepeated { caller.report(answer, to: job.call) }
      let task = state.running[index].task
      guard !task.isCancelled, let next = state.waiting.popFirst() else {
        state.running.remove(at: index)
        fill(&state)
        return nil
      }
      state.running[index] = Running(next.job, next.number, on: task)
      return (next.job, next.number)
    }
  }
}

extension Interval {
  fileprivate var duration: Duration { .milliseconds(milliseconds) }
}
