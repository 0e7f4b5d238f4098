import Foundation

/// Wakes a thread that sleeps, and one that is about to.
///
/// The sleeper counts its time by a clock that nobody sets. `DispatchSemaphore` waits for an instant of the wall clock on
/// Linux: set back by an hour under a sleeper, that clock would keep him for the hour.
// The lock and the condition are C's, at addresses that never change, and guard the flag.
final class Bell: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let rung = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var hasRung = false

  init() {
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(rung, &attributes)
    pthread_condattr_destroy(&attributes)
    pthread_mutex_init(lock, nil)
  }

  deinit {
    pthread_cond_destroy(rung)
    pthread_mutex_destroy(lock)
    rung.deallocate()
    lock.deallocate()
  }

  func ring() {
    pthread_mutex_lock(lock)
    hasRung = true
    pthread_cond_signal(rung)
    pthread_mutex_unlock(lock)
  }

  /// Returns once it has rung since the last wait, or when the time is over.
  func wait(atMost time: Duration) {
    var end = timespec(monotonicIn: time)
    pthread_mutex_lock(lock)
    while !hasRung, pthread_cond_timedwait(rung, lock, &end) == 0 {}
    hasRung = false
    pthread_mutex_unlock(lock)
  }
}

extension timespec {
  /// An instant of the monotonic clock, at most thirty years from now.
  fileprivate init(monotonicIn time: Duration) {
    self.init()
    clock_gettime(CLOCK_MONOTONIC, &self)
    let (seconds, attoseconds) = time.components
    let nanoseconds = tv_nsec + Int(attoseconds / 1_000_000_000)
    tv_sec += Int(min(seconds, 1_000_000_000)) + nanoseconds / 1_000_000_000
    tv_nsec = nanoseconds % 1_000_000_000
  }
}
