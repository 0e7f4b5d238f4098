import Engine
import HeapModule
import PipelineModel

/// What is to happen later: effects that are not to begin yet, and runs that want to be woken.
///
/// Nothing is ever taken out early: whoever asks for what is due sees by the run's state whether it still matters.
struct Timers {
  enum Kind {
    case alarm
    case effect(EffectID, attempt: Int)
  }

  struct Timer: Comparable {
    var at: Timestamp
    /// Keeps those of one instant in the order they were set.
    var order: Int
    var run: RunID
    var kind: Kind

    static func < (a: Timer, b: Timer) -> Bool { (a.at, a.order) < (b.at, b.order) }
    static func == (a: Timer, b: Timer) -> Bool { a.order == b.order }
  }

  private var heap = Heap<Timer>()
  private var lastOrder = 0
  /// The alarm that counts for each run; others of the run are stale.
  private var alarms: [RunID: Timestamp] = [:]

  var next: Timestamp? { heap.min?.at }

  mutating func set(_ effect: Effect, of run: RunID) {
    insert(effect.notBefore, run, .effect(effect.id, attempt: effect.attempt))
  }

  /// Sets a run's one alarm; `nil`: it has none.
  mutating func setAlarm(_ instant: Timestamp?, of run: RunID) {
    guard alarms[run] != instant else { return }
    alarms[run] = instant
    if let instant { insert(instant, run, .alarm) }
  }

  /// The next one that is due and not stale.
  mutating func popDue(_ now: Timestamp) -> Timer? {
    while let first = heap.min, first.at <= now {
      heap.removeMin()
      guard case .alarm = first.kind else { return first }
      if alarms[first.run] == first.at {
        alarms[first.run] = nil
        return first
      }
    }
    return nil
  }

  private mutating func insert(_ at: Timestamp, _ run: RunID, _ kind: Kind) {
    lastOrder += 1
    heap.insert(Timer(at: at, order: lastOrder, run: run, kind: kind))
  }
}
