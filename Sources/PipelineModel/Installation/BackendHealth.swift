/// Whether a backend is asked at all, as its guard sees it.
package struct BackendHealth: Hashable, Sendable {
  package enum State: String, Hashable, Sendable, CaseIterable {
    /// Calls go through.
    case closed
    /// It has failed too often and is left alone for a while.
    case open
    /// One call is under way to see whether it is back.
    case halfOpen
  }
  package var port: BackendKind.Port
  package var name: String
  package var state: State
  /// Since when it is not simply asked; for `closed`, since when it is again.
  package var since: Timestamp
  /// When it is asked again; of `open` only.
  package var until: Timestamp?
  /// What it last failed with.
  package var reason: String?

  package init(
    port: BackendKind.Port, name: String, state: State, since: Timestamp, until: Timestamp? = nil,
    reason: String? = nil
  ) {
    self.port = port
    self.name = name
    self.state = state
    self.since = since
    self.until = until
    self.reason = reason
  }
}
