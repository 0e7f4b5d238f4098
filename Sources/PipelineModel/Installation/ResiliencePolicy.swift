/// How the calls to a backend are guarded: how long one may take, when it is asked again, and when it is left alone.
package struct ResiliencePolicy: Hashable, Sendable {
  /// Of one try.
  package var timeout: Interval
  /// Of a call with all its tries and the pauses between them.
  package var deadline: Interval
  /// Of one call, the first included, where asking again is harmless.
  package var tries: Int
  /// Calls under way at a time.
  package var atOnce: Int
  /// Calls a second; `nil`: as many as are wanted.
  package var rate: Int?
  /// `nil`: it is asked however often it has failed.
  package var breaker: Breaker?
  /// Providers: one answer serves all who ask the same in the same interval.
  package var share: Bool

  /// After so many failures in a row a backend is left alone for a while.
  package struct Breaker: Hashable, Sendable {
    package var failures: Int
    /// Doubles with each try in vain, up to ten times this.
    package var pause: Interval
    package init(failures: Int = 5, pause: Interval = .seconds(10)) {
      self.failures = failures
      self.pause = pause
    }
  }

  package init(
    timeout: Interval, deadline: Interval, tries: Int = 3, atOnce: Int = 16, rate: Int? = nil,
    breaker: Breaker? = Breaker(), share: Bool = true
  ) {
    self.timeout = timeout
    self.deadline = deadline
    self.tries = tries
    self.atOnce = atOnce
    self.rate = rate
    self.breaker = breaker
    self.share = share
  }

  /// What a backend of a port gets that says nothing of it.
  package static func standard(of port: BackendKind.Port) -> ResiliencePolicy {
    switch port {
    case .metrics: ResiliencePolicy(timeout: .seconds(10), deadline: .seconds(15))
    case .traffic: ResiliencePolicy(timeout: .seconds(20), deadline: .seconds(25))
    case .deployment, .step: ResiliencePolicy(timeout: .minutes(1), deadline: .minutes(2))
    // The outbox tries again with growing pauses, and remembers over a restart how often it has.
    case .notification: ResiliencePolicy(timeout: .seconds(10), deadline: .seconds(10), tries: 1, breaker: nil)
    }
  }
}
