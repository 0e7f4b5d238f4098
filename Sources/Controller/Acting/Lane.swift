import PipelineModel
import Synchronization

/// The way to one backend: at most `width` calls at a time, so that a backend that hangs holds up nobody else.
///
/// A call that takes longer than its deadline is given up: its task is cancelled, its place is free again, and whoever
/// asked is told. What the call says after that is dropped.
final class Lane: Sendable {
  struct Job: Sendable {
    /// In real time, from the moment the job begins.
    var deadline: Duration
    var work: @Sendable () async -> Void
    var giveUp: @Sendable () -> Void
  }

  private struct Running {
    var task: Task<Void, Never>?
    var until: ContinuousClock.Instant
    var giveUp: @Sendable () -> Void
  }

  private struct State {
    var waiting: [Job] = []
    var next = 0
    var running: [Int: Running] = [:]
    var lastNumber = 0
    var isClosed = false

    mutating func takeNext() -> Job? {
      guard next < waiting.count else {
        waiting.removeAll(keepingCapacity: true)
        next = 0
        return nil
      }
      defer { next += 1 }
      return waiting[next]
    }
  }

  private let width: Int
  private let state = Mutex(State())

  init(width: Int) { self.width = width }

  /// Begins the job now, or when a place is free.
  func submit(_ job: Job) {
    let number: Int? = state.withLock { state in
      if state.isClosed { return nil }
      if state.running.count >= width {
        state.waiting.append(job)
        return nil
      }
      return Self.admit(job, &state)
    }
    if let number { start(job, number) }
  }

  /// Drops what waits, ends what runs, and then does the job: for a newer wish that makes the older ones pointless.
  func replace(with job: Job) {
    let tasks = state.withLock { state in
      state.waiting.removeAll()
      state.next = 0
      return state.running.values.compactMap(\.task)
    }
    for task in tasks { task.cancel() }
    submit(job)
  }

  /// Gives up what has passed its deadline.
  func sweep() {
    let now = ContinuousClock.now
    let late = state.withLock { state in
      let late = state.running.filter { $0.value.until < now }
      for number in late.keys { state.running[number] = nil }
      return late.sorted { $0.key < $1.key }.map(\.value)
    }
    for running in late {
      running.task?.cancel()
      running.giveUp()
    }
    while !late.isEmpty, startNext() {}
  }

  /// Ends everything and takes nothing more.
  func close() {
    let tasks = state.withLock { state in
      state.isClosed = true
      state.waiting.removeAll()
      state.next = 0
      return state.running.values.compactMap(\.task)
    }
    for task in tasks { task.cancel() }
  }

  private static func admit(_ job: Job, _ state: inout State) -> Int {
    state.lastNumber += 1
    state.running[state.lastNumber] = Running(until: .now + job.deadline, giveUp: job.giveUp)
    return state.lastNumber
  }

  private func start(_ job: Job, _ number: Int) {
    let task = Task.detached { [self] in
      await job.work()
      await drain(after: number)
    }
    state.withLock { $0.running[number]?.task = task }
  }

  /// Does what waits, one after the other, in the place that has become free.
  private func drain(after finished: Int) async {
    var number = finished
    while let (job, next) = takeOver(number) {
      await job.work()
      number = next
    }
  }

  private func takeOver(_ finished: Int) -> (Job, Int)? {
    state.withLock { state in
      // Given up by a sweep, which has handed the place on.
      guard let place = state.running.removeValue(forKey: finished), let job = state.takeNext() else { return nil }
      let number = Self.admit(job, &state)
      state.running[number]?.task = place.task
      return (job, number)
    }
  }

  private func startNext() -> Bool {
    let started: (Job, Int)? = state.withLock { state in
      guard state.running.count < width, let job = state.takeNext() else { return nil }
      return (job, Self.admit(job, &state))
    }
    guard let (job, number) = started else { return false }
    start(job, number)
    return true
  }
}
