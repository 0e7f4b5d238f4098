package import Engine
package import PipelineModel

/// Who declared or ended a freeze: the entry that says so.
package struct FreezeAuthor: Hashable, Sendable {
  package var sequence: Int64
  package var time: Timestamp
  package var by: Principal
  package var reason: String?

  package init(sequence: Int64, time: Timestamp, by: Principal, reason: String?) {
    self.sequence = sequence
    self.time = time
    self.by = by
    self.reason = reason
  }

  fileprivate var because: String { reason.map { " (reason: \($0))" } ?? "" }
}

/// Tells freezes, and changes that met one.
package enum FreezeTeller {
  /// `nil` of an entry about anything else.
  package static func sentence(of entry: Entry) -> Sentence? {
    guard case .freeze(let fact) = entry.fact else { return nil }
    switch fact {
    case .started(let freeze):
      return Sentence(
        time: entry.time, tone: .warning,
        text: "\(freeze.window(since: entry.time)); declared by \(entry.actor.phrase)\(because(entry))")
    case .ended(let freeze):
      return Sentence(
        time: entry.time, tone: .plain,
        text: "\(freeze.ending(at: entry.time)) by \(entry.actor.phrase)\(because(entry))")
    case .met(let freeze, let meeting):
      return Sentence(
        time: entry.time, tone: meeting.outcome.tone,
        text: "\(meeting.what), asked for by \(entry.actor.phrase), \(meeting.outcome.phrase) freeze \(freeze.number) "
          + "(\(freeze.title))\(because(entry))")
    case .refused(let act, let why):
      return Sentence(
        time: entry.time, tone: .warning,
        text: "\(entry.actor.phrase) asked to \(act.phrase), which was refused: \(why)")
    }
  }

  /// What a time line shows of an entry as it stands: not the freezes themselves, which stand there by when they begin and
  /// end.
  package static func moment(of entry: Entry) -> Moment? {
    guard case .freeze(let fact) = entry.fact, entry.isMoment, let sentence = sentence(of: entry) else { return nil }
    return Moment(
      sequence: entry.sequence, topic: fact.topic, services: fact.services, environment: fact.environment,
      sentence: sentence)
  }

  /// The beginning of a freeze, and its end when that has come.
  ///
  /// - Parameters:
  ///   - declared: who declared it.
  ///   - end: who ended it; `nil`: it goes by its window.
  ///   - now: what is later has not happened.
  package static func moments(
    of freeze: Freeze, declared: FreezeAuthor, ended end: FreezeAuthor?, now: Timestamp
  ) -> [Moment] {
    func moment(_ sequence: Int64, _ time: Timestamp, _ tone: Sentence.Tone, _ text: String) -> Moment {
      Moment(
        sequence: sequence, topic: .freeze, services: freeze.services, environment: freeze.environment,
        sentence: Sentence(time: time, tone: tone, text: text))
    }
    var moments: [Moment] = []
    if freeze.from <= min(now, end?.time ?? now) {
      moments.append(
        moment(
          declared.sequence, freeze.from, .warning,
          "\(freeze.window(since: freeze.from)); declared by \(declared.by.phrase)\(declared.because)"))
    }
    if let end {
      moments.append(
        moment(end.sequence, end.time, .plain, "\(freeze.ending(at: end.time)) by \(end.by.phrase)\(end.because)"))
    } else if let until = freeze.until, until <= now {
      moments.append(
        moment(declared.sequence, until, .plain, "freeze \(freeze.number) is over as declared: \(freeze.title)"))
    }
    return moments
  }

  private static func because(_ entry: Entry) -> String { entry.reason.map { " (reason: \($0))" } ?? "" }
}

extension Freeze {
  /// `freeze 3: Black Friday (checkout in production) until 2026-11-28T00:00:00.000Z; runs are refused but for security,
  /// emergency`
  fileprivate func window(since now: Timestamp) -> String {
    let beginning = from > now ? " from \(from.rfc3339)" : ""
    let end = until.map { " until \($0.rfc3339)" } ?? " until it is ended"
    let kinds = exceptions.map(\.rawValue).joined(separator: " and ")
    return "freeze \(number): \(title) (\(scope))\(beginning)\(end); runs are \(starts == .refuse ? "refused" : "held")"
      + (kinds.isEmpty ? "" : " but for \(kinds)")
  }

  fileprivate func ending(at time: Timestamp) -> String {
    time < from
      ? "freeze \(number) was called off before it began: \(title);"
      : "freeze \(number) was ended after \((time - from).rounded): \(title);"
  }

  /// `checkout, search in production`, `everything`
  package var scope: String {
    let what = services.isEmpty ? "everything" : services.joined(separator: ", ")
    return what + (environment.map { " in \($0)" } ?? "")
  }
}

extension FreezeMeeting.Outcome {
  /// Between what was wanted and the freeze.
  fileprivate var phrase: String {
    switch self {
    case .refused: "was refused by"
    case .held: "waits for the end of"
    case .passed: "goes past"
    }
  }

  fileprivate var tone: Sentence.Tone {
    switch self {
    case .refused, .passed: .warning
    case .held: .plain
    }
  }
}

extension FreezeAct {
  /// After "to".
  fileprivate var phrase: String {
    switch self {
    case .start(let plan): "freeze \(plan.services.isEmpty ? "everything" : plan.services.joined(separator: ", "))"
    case .end(let number): "end freeze \(number)"
    }
  }
}

extension FreezeFact {
  fileprivate var topic: Moment.Topic {
    switch self {
    case .started, .ended, .met: .freeze
    case .refused: .refusal
    }
  }
}
