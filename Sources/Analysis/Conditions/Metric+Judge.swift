package import PipelineModel

extension Metric.Rule {
  /// What an answer says under this rule.
  package func judge(_ answer: Answer) -> Judgement {
    switch self {
    case .threshold(let threshold): threshold.judge(answer)
    }
  }

  /// Why an answer is judged `error`, in words; `nil` when it is not.
  package func fault(in answer: Answer) -> String? {
    switch self {
    case .threshold(let threshold): threshold.fault(in: answer)
    }
  }
}

extension Metric.Threshold {
  /// `fail` wins over `pass`; with one of the two given, its opposite is the other; with both and neither met,
  /// inconclusive. What cannot be known is `noData`, a type fault `error`.
  package func judge(_ answer: Answer) -> Judgement {
    (try? evaluate(answer)) ?? .error
  }

  package func fault(in answer: Answer) -> String? {
    do {
      _ = try evaluate(answer)
      return nil
    } catch {
      return error.description
    }
  }

  private func evaluate(_ answer: Answer) throws(TypeFault) -> Judgement {
    let failed = try fail?.truth(of: answer)
    if failed == .yes { return .fail }
    return Judgement(failed: failed, passed: try pass?.truth(of: answer))
  }
}

extension Judgement {
  /// What the two conditions of a threshold say together; `nil` for one that is not there.
  init(failed: Truth?, passed: Truth?) {
    if failed == .yes {
      self = .fail
    } else if failed == .unknown || passed == .unknown {
      self = .noData
    } else {
      switch (passed, failed) {
      case (.yes, _), (nil, .no): self = .pass
      case (.no, nil): self = .fail
      case (.no, _): self = .inconclusive
      case (nil, _), (.unknown, _): self = .noData
      }
    }
  }
}
