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
    do {
      return Self.judgement(pass: try pass?.truth(of: answer), fail: try fail?.truth(of: answer))
    } catch {
      return .error
    }
  }

  package func fault(in answer: Answer) -> String? {
    do {
      _ = try pass?.truth(of: answer)
      _ = try fail?.truth(of: answer)
      return nil
    } catch {
      return error.description
    }
  }

  private static func judgement(pass: Truth?, fail: Truth?) -> Judgement {
    if fail == .yes { return .fail }
    if fail == .unknown || pass == .unknown { return .noData }
    switch (pass, fail) {
    case (.yes, _): return .pass
    case (nil, .no): return .pass
    case (.no, nil): return .fail
    case (.no, _): return .inconclusive
    case (nil, _), (.unknown, _): return .noData
    }
  }
}
