package import PipelineModel

/// The flags of one environment: a flagd definition, unchanged, and beside it what we keep about each flag.
///
///     {
///       "environment": "production",
///       "fractional": "v2",
///       "contracts": {
///         "new-checkout": {
///           "owner": "checkout", "purpose": "The new checkout, by steps", "expires": "2027-01-31T00:00:00.000Z",
///           "endState": "on", "services": ["checkout"], "revision": 7, "rollout": 41,
///           "approvals": [{"by": "person:ada", "at": "2026-11-21T13:05:00.123Z", "proposal": "sha256:…"}]
///         }
///       },
///       "definition": {"flags": {"new-checkout": {"state": "ENABLED", "variants": {"on": true, "off": false}}}}
///     }
package struct FlagDocument: Sendable {
  package var environment: String
  /// Pinned: a change would put people into other buckets.
  package var generation: Generation
  package var flags: FlagSet
  /// By the keys of the flags.
  package var contracts: [String: FlagContract]
}

/// What was agreed about a flag.
package struct FlagContract: Hashable, Sendable {
  /// Team or person to ask.
  package var owner: String?
  package var purpose: String?
  /// From then on the flag is overdue.
  package var expires: Timestamp?
  /// Variant that everybody has when the flag has done its work.
  package var endState: String?
  /// Services that read it.
  package var services: [String]
  /// Counts changes, from 1; 0 of what was never recorded.
  package var revision: Int64
  /// Run that ramps it.
  package var rollout: RunID?
  package var approvals: [Approval]

  /// Somebody's consent to one proposal; another proposal has another hash.
  package struct Approval: Hashable, Sendable {
    package var by: Principal
    package var at: Timestamp
    /// `sha256:` and 64 hexadecimal digits.
    package var proposal: String

    package init(by: Principal, at: Timestamp, proposal: String) {
      self.by = by
      self.at = at
      self.proposal = proposal
    }
  }

  package init(
    owner: String? = nil, purpose: String? = nil, expires: Timestamp? = nil, endState: String? = nil,
    services: [String] = [], revision: Int64 = 0, rollout: RunID? = nil, approvals: [Approval] = []
  ) {
    self.owner = owner
    self.purpose = purpose
    self.expires = expires
    self.endState = endState
    self.services = services
    self.revision = revision
    self.rollout = rollout
    self.approvals = approvals
  }

  package func isOverdue(at now: Timestamp) -> Bool { expires.map { $0 <= now } ?? false }
}

/// A document and everything there is to say about it.
package struct FlagDocumentReading: Sendable {
  /// `nil` when the text is not such a document at all.
  package var document: FlagDocument?
  /// In the order of their places.
  package var problems: [FlagProblem]

  package var hasErrors: Bool { problems.contains { $0.severity == .error } }
}
