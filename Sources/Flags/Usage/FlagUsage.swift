package import PipelineModel

/// How one flag of one environment was asked for since an instant.
package struct FlagUsage: Hashable, Sendable {
  package var environment: String
  package var flag: String
  /// Evaluations for this flag alone: somebody looks at it.
  package var single: Int64
  /// Evaluations with all other flags: nobody may look at it.
  package var bulk: Int64
  /// Times that each variant was given, in either way; an empty name where the client was to use its own default.
  package var variants: [String: Int64]
  /// Of evaluations for this flag alone; `nil`: there were none.
  package var last: Timestamp?

  package init(
    environment: String, flag: String, single: Int64 = 0, bulk: Int64 = 0, variants: [String: Int64] = [:],
    last: Timestamp? = nil
  ) {
    self.environment = environment
    self.flag = flag
    self.single = single
    self.bulk = bulk
    self.variants = variants
    self.last = last
  }
}

/// Somebody who was given a variant.
package struct FlagExposure: Hashable, Sendable {
  /// The targeting key, or its hash.
  package var subject: String
  package var variant: String
  package var way: EvaluationWay
  /// The first and the last occasion known to lie between the instants that were asked about; `nil`: there were some
  /// before and after, within an hour of each other, and perhaps between.
  package var first: Timestamp?
  package var last: Timestamp?
  /// Occasions between: so many at least, and `atMost` at most.
  package var count: Int64
  package var atMost: Int64

  package var isCertain: Bool { count > 0 }

  package init(
    subject: String, variant: String, way: EvaluationWay, first: Timestamp?, last: Timestamp?, count: Int64,
    atMost: Int64
  ) {
    self.subject = subject
    self.variant = variant
    self.way = way
    self.first = first
    self.last = last
    self.count = count
    self.atMost = atMost
  }
}
