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
    let passed = try pass?.truth(of: answer)
    if failed == .unknown || passed == .unknown { return .noData }
    switch (passed, failed) {
    case (.yes, _), (nil, .no): return .pass
    case (.no, nil): return .fail
    case (.no, _): return .inconclusive
    case (nil, _), (.unknown, _): return .noData
    }
  }
}
