package import PipelineModel

/// Something that changed what users meet: a share of traffic moved, or a flag served otherwise than before.
package struct ExposureChange: Hashable, Sendable {
  /// The entry of the journal that it is from.
  package var sequence: Int64
  package var time: Timestamp
  package var origin: Origin
  /// Empty: nobody said which.
  package var services: [String]
  package var environment: String?
  /// Shares of traffic or of users that met the new thing before and after, 0 … 1; `nil`: nobody can tell.
  package var before: Double
  package var after: Double?
  package var subjects: Subjects
  package var text: String

  /// Whose share it is of.
  package enum Subjects: String, Hashable, Sendable {
    case requests, users
  }

  package enum Origin: Hashable, Sendable {
    case run(RunID)
    case flag(key: String, environment: String)
  }

  package init(
    sequence: Int64, time: Timestamp, origin: Origin, services: [String], environment: String?, before: Double,
    after: Double?, subjects: Subjects = .requests, text: String
  ) {
    self.sequence = sequence
    self.time = time
    self.origin = origin
    self.services = services
    self.environment = environment
    self.before = before
    self.after = after
    self.subjects = subjects
    self.text = text
  }

  /// The share of traffic or users for which it could have mattered: those who met the new thing then, or who were
  /// moved away from it. What nobody can tell may have been all.
  package var exposure: Double { after.map { min(1, max($0, abs($0 - before))) } ?? 1 }
}
