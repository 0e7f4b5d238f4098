package import PipelineModel

/// How a client asked for a flag.
package enum EvaluationWay: String, Hashable, Sendable, CaseIterable {
  /// For this flag, where it is needed.
  case single
  /// With all others, to have them at hand.
  case bulk
}

/// Counts of evaluations, and who was given what, kept in memory until they are written down.
///
/// Memory is bounded: what would go beyond is not kept, and how much was lost is counted.
package struct EvaluationTally: Sendable {
  /// One answer to one flag.
  package struct Answer: Hashable, Sendable {
    package var environment: String
    package var flag: String
    /// Empty where the client was to use its own default.
    package var variant: String
    package var reason: Resolution.Reason
    package var way: EvaluationWay
  }

  /// Somebody who was given a variant.
  package struct Exposure: Hashable, Sendable {
    package var environment: String
    package var flag: String
    package var variant: String
    package var way: EvaluationWay
    /// The targeting key.
    package var subject: String
  }

  /// Instants and number of something that happened at least once.
  package struct Occasions: Hashable, Sendable {
    package var first: Timestamp
    package var last: Timestamp
    package var count: Int64

    package init(first: Timestamp, last: Timestamp, count: Int64) {
      self.first = first
      self.last = last
      self.count = count
    }

    fileprivate mutating func add(_ now: Timestamp) {
      first = min(first, now)
      last = max(last, now)
      count += 1
    }

    fileprivate mutating func add(_ others: Occasions) {
      first = min(first, others.first)
      last = max(last, others.last)
      count += others.count
    }
  }

  package private(set) var answers: [Answer: Occasions] = [:]
  package private(set) var exposures: [Exposure: Occasions] = [:]
  /// How often the definitions of all flags were taken, by environment: who takes them evaluates for himself.
  package private(set) var documents: [String: Occasions] = [:]
  /// Evaluations that are in no count.
  package private(set) var lostAnswers: Int64 = 0
  /// Exposures that are in no list.
  package private(set) var lostExposures: Int64 = 0

  private let most: (answers: Int, exposures: Int)

  /// - Parameters:
  ///   - answers: different ones that are counted at most.
  ///   - exposures: different ones that are kept at most; 0 to keep none, and lose none.
  package init(answers: Int = 50_000, exposures: Int = 100_000) { most = (answers, exposures) }

  package var isEmpty: Bool {
    answers.isEmpty && exposures.isEmpty && documents.isEmpty && lostAnswers == 0 && lostExposures == 0
  }

  /// Whether it should be written down soon.
  package var isHalfFull: Bool {
    answers.count * 2 > most.answers || (most.exposures > 0 && exposures.count * 2 > most.exposures)
  }

  /// Counts one evaluation.
  ///
  /// Somebody is exposed who is known and was given a variant. Asking for all flags at once exposes to those alone that a
  /// rule chose for the user: the others are the same for everybody, and most of them nobody looks at.
  package mutating func add(
    _ resolution: Resolution, of flag: String, in environment: String, to subject: String?, way: EvaluationWay,
    at now: Timestamp
  ) {
    let variant = resolution.variant ?? ""
    count(
      Answer(environment: environment, flag: flag, variant: variant, reason: resolution.reason, way: way), at: now)
    guard most.exposures > 0, let subject, !subject.isEmpty, resolution.variant != nil else { return }
    guard way == .single || resolution.reason == .targetingMatch else { return }
    expose(Exposure(environment: environment, flag: flag, variant: variant, way: way, subject: subject), at: now)
  }

  /// Counts one taking of all definitions of an environment.
  package mutating func addDocument(of environment: String, at now: Timestamp) {
    if documents[environment]?.add(now) != nil { return }
    documents[environment] = Occasions(first: now, last: now, count: 1)
  }

  private mutating func count(_ answer: Answer, at now: Timestamp) {
    if answers[answer]?.add(now) != nil { return }
    guard answers.count < most.answers else { return lostAnswers += 1 }
    answers[answer] = Occasions(first: now, last: now, count: 1)
  }

  private mutating func expose(_ exposure: Exposure, at now: Timestamp) {
    if exposures[exposure]?.add(now) != nil { return }
    guard exposures.count < most.exposures else { return lostExposures += 1 }
    exposures[exposure] = Occasions(first: now, last: now, count: 1)
  }

  /// Adds what was drained and could not be written down.
  package mutating func takeBack(_ drained: EvaluationTally) {
    lostAnswers += drained.lostAnswers
    lostExposures += drained.lostExposures
    for (environment, occasions) in drained.documents {
      if documents[environment]?.add(occasions) == nil { documents[environment] = occasions }
    }
    for (answer, occasions) in drained.answers {
      if answers[answer]?.add(occasions) != nil { continue }
      if answers.count < most.answers { answers[answer] = occasions } else { lostAnswers += occasions.count }
    }
    for (exposure, occasions) in drained.exposures {
      if exposures[exposure]?.add(occasions) != nil { continue }
      if exposures.count < most.exposures { exposures[exposure] = occasions } else { lostExposures += occasions.count }
    }
  }

  /// Hands over what there is, and begins anew.
  package mutating func drain() -> EvaluationTally {
    let drained = self
    self = EvaluationTally(answers: most.answers, exposures: most.exposures)
    return drained
  }
}
