package import Analysis
import Engine
package import PipelineModel

/// The sentences of comparisons of single values.
extension Teller {
  /// A look that said something; `nil` for all others.
  func sampled(_ site: GateSite, _ metric: Int, _ judgement: Judgement) -> Sentence? {
    guard let sampling = run.sampling(metric) else { return nil }
    for case .sampled(site, metric, let weighing) in entry.decisions {
      let name = plan.pipeline.metrics[metric].name
      let tone: Sentence.Tone = judgement == .fail ? .bad : .detail
      return say(tone, "\(judgement.phrase): \(weighing.sentence(name, sampling, judgement))")
    }
    return nil
  }
}

extension SampleWeighing {
  /// "latency: 99% quantile 0.41 of 4 100 canary values against 0.24 of 80 000 beside it: worse (99%, look 7)"
  package func sentence(_ name: String, _ sampling: SampleComparing, _ judgement: Judgement) -> String {
    let noun =
      switch sampling.rule.measure {
      case .quantile(let p): "\(Unit.percent.format(p)) quantile"
      case .mean: "mean"
      }
    let start = since > 1 ? "since look \(since), " : ""
    return "\(name): \(start)"
      + "\(noun) \(Unit.plain.format(canary.estimate)) of \(Weighing.count(canary.count)) canary values "
      + "against \(Unit.plain.format(control.estimate)) of \(Weighing.count(control.count)) beside it: "
      + conclusion(sampling, judgement)
  }

  private func conclusion(_ sampling: SampleComparing, _ judgement: Judgement) -> String {
    let rule = sampling.rule
    switch judgement {
    case .fail:
      var least = rule.tolerate
      if case .bounds(let atLeast, _) = strength { least = max(least, atLeast) }
      let ratio = least <= 1 ? "worse" : "at least \(Unit.plain.format(least))× worse"
      return "\(ratio) (\(Unit.percent.format(rule.confidence)), look \(look))"
    case .pass:
      var most = rule.detect
      if case .bounds(_, let below) = strength { most = min(most, below) }
      return "less than \(Unit.plain.format(most))× as bad (\(Unit.percent.format(rule.passConfidence)), look \(look))"
    case .inconclusive, .noData, .error: return "undecided, \(known(sampling)) (look \(look))"
    }
  }

  private func known(_ sampling: SampleComparing) -> String {
    switch strength {
    case .bounds(let atLeast, let below) where below.isFinite:
      "between \(Unit.plain.format(atLeast))× and \(Unit.plain.format(below))× as bad"
    case .bounds(let atLeast, _): "at least \(Unit.plain.format(atLeast))× as bad"
    case .evidence(let fail, let pass):
      "\(Weighing.strength(fail, sampling.alpha)) that it is worse, "
        + "\(Weighing.strength(pass, sampling.beta)) that it is not"
    case nil: "too few values to say anything, \(Weighing.count(sampling.rule.minimum)) of each are wanted"
    }
  }
}

extension SampleComparison {
  var limits: String {
    let most = tolerate == 1 ? "worse than beside it" : "more than \(Unit.plain.format(tolerate))× as bad as beside it"
    return "fail: \(most), pass: less than \(Unit.plain.format(detect))×"
  }
}
