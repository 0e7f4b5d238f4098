extension Metric: Formed {
  func write(to form: inout FormWriter) {
    form.write(
      name, provider, query, questions, fallback, split, range, interval, rule, critical, dryRun, onNoData, onError)
  }

  init(from form: inout FormReader) {
    let (name, provider): (String, String) = (form.read(), form.read())
    let (query, questions): (Template, [Question]) = (form.read(), form.read())
    let (fallback, split): (Fallback?, Split?) = (form.read(), form.read())
    self.init(
      name: name, provider: provider, query: query, range: form.read(), interval: form.read(), rule: form.read(),
      critical: form.read(), dryRun: form.read(), onNoData: form.read(), onError: form.read())
    self.questions = questions
    self.fallback = fallback
    self.split = split
  }
}

extension Metric.Split: Formed {
  func write(to form: inout FormWriter) {
    switch self {
    case .off: form.write(case: 0)
    case .tolerating(let factor): form.write(case: 1, factor)
    }
  }

  init(from form: inout FormReader) {
    switch form.byte() {
    case 0: self = .off
    case 1: self = .tolerating(form.read())
    default:
      form.fail()
      self = .off
    }
  }
}

extension Metric.Fallback: Formed {
  func write(to form: inout FormWriter) { form.write(provider, query) }
  init(from form: inout FormReader) { self.init(provider: form.read(), query: form.read()) }
}

extension Metric.Range: Formed {
  func write(to form: inout FormWriter) { form.write(over, step) }
  init(from form: inout FormReader) { self.init(over: form.read(), step: form.read()) }
}

extension Metric.Rule: Formed {
  func write(to form: inout FormWriter) {
    switch self {
    case .threshold(let threshold): form.write(case: 0, threshold)
    case .comparison(let comparison): form.write(case: 1, comparison)
    case .relative(let relative): form.write(case: 2, relative)
    case .rankSum(let settings): form.write(case: 3, settings)
    case .burnRate(let objective): form.write(case: 4, objective)
    case .budget(let objective, let change): form.write(case: 5, objective, change)
    case .samples(let samples): form.write(case: 6, samples)
    }
  }

  init(from form: inout FormReader) {
    switch form.byte() {
    case 0: self = .threshold(form.read())
    case 1: self = .comparison(form.read())
    case 2: self = .relative(form.read())
    case 3: self = .rankSum(form.read())
    case 4: self = .burnRate(form.read())
    case 5: self = .budget(form.read(), form.read())
    case 6: self = .samples(form.read())
    default:
      form.fail()
      self = .threshold(.init())
    }
  }
}

extension Metric.Threshold: Formed {
  func write(to form: inout FormWriter) { form.write(pass, fail, passText, failText) }

  init(from form: inout FormReader) {
    self.init(pass: form.read(), fail: form.read(), passText: form.read(), failText: form.read())
  }
}

extension Question: Formed {
  func write(to form: inout FormWriter) { form.write(role, text, interval) }
  init(from form: inout FormReader) { self.init(form.read(), form.read(), interval: form.read()) }
}

extension Question.Role: Formed {
  func write(to form: inout FormWriter) {
    switch self {
    case .bad(let side): form.write(case: 0, side)
    case .good(let side): form.write(case: 1, side)
    case .all(let side): form.write(case: 2, side)
    case .value(let side): form.write(case: 3, side)
    case .badOver(let window): form.write(case: 4, window)
    case .allOver(let window): form.write(case: 5, window)
    case .sum(let side): form.write(case: 6, side)
    case .squares(let side): form.write(case: 7, side)
    case .goodOver(let window): form.write(case: 8, window)
    case .ratioOver(let window): form.write(case: 9, window)
    }
  }

  init(from form: inout FormReader) {
    switch form.byte() {
    case 0: self = .bad(form.read())
    case 1: self = .good(form.read())
    case 2: self = .all(form.read())
    case 3: self = .value(form.read())
    case 4: self = .badOver(form.read())
    case 5: self = .allOver(form.read())
    case 6: self = .sum(form.read())
    case 7: self = .squares(form.read())
    case 8: self = .goodOver(form.read())
    case 9: self = .ratioOver(form.read())
    default:
      form.fail()
      self = .allOver(.zero)
    }
  }
}

extension Comparison: Formed {
  func write(to form: inout FormWriter) {
    form.write(
      tolerate, detect, confidence, passConfidence, share, dispersion, limit, negligible, missing,
      requests, usualRate)
  }

  init(from form: inout FormReader) {
    self.init(
      tolerate: form.read(), detect: form.read(), confidence: form.read(), passConfidence: form.read(),
      share: form.read(), dispersion: form.read(), limit: form.read(), negligible: form.read(),
      missing: form.read(), requests: form.read(), usualRate: form.read())
  }
}

extension Comparison.Dispersion: Formed {
  func write(to form: inout FormWriter) {
    switch self {
    case .none: form.write(case: 0)
    case .estimated: form.write(case: 1)
    case .given(let index): form.write(case: 2, index)
    }
  }

  init(from form: inout FormReader) {
    switch form.byte() {
    case 0: self = .none
    case 1: self = .estimated
    case 2: self = .given(form.read())
    default:
      form.fail()
      self = .none
    }
  }
}

extension Relative: Formed {
  func write(to form: inout FormWriter) { form.write(threshold, minimum) }
  init(from form: inout FormReader) { self.init(threshold: form.read(), minimum: form.read()) }
}

extension RankSum: Formed {
  func write(to form: inout FormWriter) {
    form.write(
      tolerance, confidence, direction, allowedDecrease, allowedIncrease, effect, missing, outlierFactor,
      outlierMeasure, groups, mustPass, criticalDecrease, criticalIncrease, mustHaveData)
  }

  init(from form: inout FormReader) {
    self.init(
      tolerance: form.read(), confidence: form.read(), direction: form.read(), allowedDecrease: form.read(),
      allowedIncrease: form.read(), effect: form.read(), missing: form.read(), outlierFactor: form.read(),
      outlierMeasure: form.read(), groups: form.read(), mustPass: form.read(), criticalDecrease: form.read(),
      criticalIncrease: form.read(),
      mustHaveData: form.read())
  }
}

extension SampleComparison: Formed {
  func write(to form: inout FormWriter) {
    form.write(
      measure, worse, tolerate, detect, confidence, passConfidence, share, minimum, sharpestAt)
  }

  init(from form: inout FormReader) {
    self.init(
      form.read(), worse: form.read(), tolerate: form.read(), detect: form.read(), confidence: form.read(),
      passConfidence: form.read(), share: form.read(), minimum: form.read(), sharpestAt: form.read())
  }
}

extension SampleComparison.Measure: Formed {
  func write(to form: inout FormWriter) {
    switch self {
    case .quantile(let p): form.write(case: 0, p)
    case .mean: form.write(case: 1)
    }
  }

  init(from form: inout FormReader) {
    switch form.byte() {
    case 0: self = .quantile(form.read())
    case 1: self = .mean
    default:
      form.fail()
      self = .mean
    }
  }
}

extension Scoring: Formed {
  func write(to form: inout FormWriter) { form.write(pass, marginal, weights) }
  init(from form: inout FormReader) { self.init(pass: form.read(), marginal: form.read(), weights: form.read()) }
}

extension Scoring.Weighted: Formed {
  func write(to form: inout FormWriter) { form.write(group, percent) }
  init(from form: inout FormReader) { self.init(group: form.read(), percent: form.read()) }
}

extension Objective: Formed {
  func write(to form: inout FormWriter) { form.write(name, target, window, rules, policy, missing) }

  init(from form: inout FormReader) {
    self.init(
      name: form.read(), target: form.read(), window: form.read(), rules: form.read(), policy: form.read(),
      missing: form.read())
  }
}

extension Objective.BurnRule: Formed {
  func write(to form: inout FormWriter) { form.write(factor, long, short) }
  init(from form: inout FormReader) { self.init(factor: form.read(), long: form.read(), short: form.read()) }
}

extension BudgetPolicy: Formed {
  func write(to form: inout FormWriter) { form.write(freezeBelow, rebuilt) }
  init(from form: inout FormReader) { self.init(freezeBelow: form.read(), rebuilt: form.read()) }
}
