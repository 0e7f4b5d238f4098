/// Work that is done by a runner of `headgate.yaml`: a stage of one's own.
package struct StepCall: Hashable, Sendable {
  package var step: StepName
  /// What the step is to work with; what each means, the step's schema says.
  package var with: [StepArgument]
  /// Longest one try may take.
  package var timeout: Interval
  /// Tries after the first.
  package var retries: Int

  package init(step: StepName, with: [StepArgument] = [], timeout: Interval = .minutes(30), retries: Int = 0) {
    self.step = step
    self.with = with
    self.timeout = timeout
    self.retries = retries
  }
}

/// A step of a runner, written `runner/step`, for example `qa/smoke`.
package struct StepName: Hashable, Sendable, CustomStringConvertible {
  package var runner: String
  package var step: String
  package init(runner: String, step: String) {
    self.runner = runner
    self.step = step
  }
  package var description: String { "\(runner)/\(step)" }
}

/// A value under `with:`, by its name.
package struct StepArgument: Hashable, Sendable {
  package var name: String
  package var value: Value

  /// As it is written: what a text stands for is known when the schema is, and when its places are filled.
  package indirect enum Value: Hashable, Sendable {
    case text(Template)
    case list([Value])
    case map([StepArgument])
  }

  package init(name: String, value: Value) {
    self.name = name
    self.value = value
  }
}

/// What a runner can be asked to do.
package struct StepKind: Hashable, Sendable {
  package var name: String
  package var about: String
  /// Of `with:`; none of it is a secret, those belong to the runner's own settings.
  package var with: SettingsSchema

  package init(name: String, about: String, with: SettingsSchema = SettingsSchema([])) {
    self.name = name
    self.about = about
    self.with = with
  }
}

/// What came of a step that has ended.
package enum StepEnd: String, Hashable, Sendable, CaseIterable {
  case passed, failed
  /// It has ended and cannot say: never counts as passed.
  case inconclusive
}
