import DequeModule
import PipelineModel
import Synchronization

/// The way to one backend: at most `width` calls at a time, so that a backend that hangs holds up nobody else.
///
/// A call that takes longer than its deadline is given up: its task is cancelled, its place is free again, and whoever
/// asked is told. Until then it keeps its place, also while it is being cancelled: with a width of 1 a call and the one
/// after it overlap only when the first has been given up.
///
/// A call that was given up may still do what it was asked, later than what was asked after it. When it returns at last,
/// the lane's newest wish is done once more, so that the newest wish always has the last word.
final class Lane: Sendable {
  struct Job: Sendable {
    /// In real time, from the moment the job begins.
    var deadline: Duration
    /// How long it may wait for a place; `nil`: as long as it takes.
    var patience: Duration?
    var work: @Sendable () async -> Void
    /// Tells whoever asked that nothing will come of it. `work` may be under way still.
    var giveUp: @Sendable () -> Void
  }

  private struct Waiting {
    var job: Job
    var number: Int
    var until: ContinuousClock.Instant?

    func isLate(_ now: ContinuousClock.Instant) -> Bool { until.map { $0 < now } ?? false }
  }

  private struct Running {
    var task: Task<Void, Never>
    var until: ContinuousClock.Instant
    var giveUp: @Sendable () -> Void
  }

  private struct State {
    var waiting: Deque<Waiting> = []
    var running: [Int: Running] = [:]
    /// Jobs are numbered in the order they were asked for.
    var lastNumber = 0
    var wish: (number: Int, job: Job, aim: String?)?
    var isClosed = false
  }

  /// What a cancelled call gets to come to its end before the newer wish goes ahead without waiting for it.
  private static let grace = Duration.seconds(5)

  private let width: Int
  private let state = Mutex(State())

  init(width: Int) { self.width = width }

  /// Calls under way that have not been given up.
  var running: Int { state.withLock { $0.running.count } }

  /// Begins the job now, or when a place is free.
  func submit(_ job: Job) {
    state.withLock { enqueue(job, &$0) }
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
      let grace = ContinuousClock.now + Self.grace
      for (number, running) in state.running {
        running.task.cancel()
        state.running[number]?.until = min(running.until, grace)
      }
      defer { state.waiting.removeAll() }
      return state.waiting
    }
    for waiting in dropped { waiting.job.giveUp() }
  }

  /// Gives up what has passed its deadline, or has waited longer than it may.
  func sweep(_ now: ContinuousClock.Instant = .now) {
    let late = state.withLock { state in
      let late = state.running.filter { $0.value.until < now }.sorted { $0.key < $1.key }
      for (number, running) in late {
        running.task.cancel()
        state.running[number] = nil
      }
      var giveUps = late.map(\.value.giveUp)
      if state.waiting.contains(where: { $0.isLate(now) }) {
        giveUps += state.waiting.filter { $0.isLate(now) }.map(\.job.giveUp)
        state.waiting.removeAll { $0.isLate(now) }
      }
      fill(&state)
      return giveUps
    }
    for giveUp in late { giveUp() }
  }

  /// Drops what waits, cancels what runs, and takes nothing more. Nobody is told.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.waiting.removeAll()
      state.wish = nil
      for running in state.running.values { running.task.cancel() }
    }
  }

  // MARK: With the state locked

  private func enqueue(_ job: Job, _ state: inout State) {
    guard !state.isClosed else { return }
    state.lastNumber += 1
    if state.running.count < width, state.waiting.isEmpty { return start(job, state.lastNumber, &state) }
    let until = job.patience.map { ContinuousClock.now + $0 }
    state.waiting.append(Waiting(job: job, number: state.lastNumber, until: until))
  }

  /// A task does one job after the other while there are any.
  private func start(_ job: Job, _ number: Int, _ state: inout State) {
    let task = Task.detached { [self] in
      var next: (job: Job, number: Int)? = (job, number)
      while let (job, number) = next {
        await job.work()
        next = ended(number)
      }
    }
    state.running[number] = Running(task: task, until: .now + job.deadline, giveUp: job.giveUp)
  }

  private func fill(_ state: inout State) {
    while state.running.count < width, let next = state.waiting.popFirst() { start(next.job, next.number, &state) }
  }

  /// The job to do next on the same task. None when the task was cancelled: it would pass its cancellation on.
  private func ended(_ number: Int) -> (job: Job, number: Int)? {
    state.withLock { state in
      guard let place = state.running.removeValue(forKey: number) else {
        // It was given up, and its place has been handed on.
        if let wish = state.wish, wish.number > number { enqueue(wish.job, &state) }
        return nil
      }
      guard !place.task.isCancelled, let next = state.waiting.popFirst() else {
        fill(&state)
        return nil
      }
      state.running[next.number] = Running(
        task: place.task, until: .now + next.job.deadline, giveUp: next.job.giveUp)
      return (next.job, next.number)
    }
  }
}
