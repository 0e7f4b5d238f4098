package import PipelineModel

extension Wire {
  /// `metrics.sample`
  package struct Sample: Codable, Sendable {
    /// Name of the metric in its pipeline.
    package var metric: String
    package var query: String
    /// The instant of the look, in seconds since 1970.
    package var at: Double
    /// The time the question is about, in seconds: what `${interval}` stood for.
    package var interval: Double
    /// Absent: the value now.
    package var range: Range?
    /// Seconds until nobody waits any more.
    package var within: Double

    package struct Range: Codable, Sendable {
      /// Seconds back from `at`, and between two points.
      package var over: Double
      package var step: Double
      package init(over: Double, step: Double) {
        self.over = over
        self.step = step
      }
    }

    package init(_ query: MetricQuery, within: Interval) {
      metric = query.metric
      self.query = query.text
      at = Double(query.at.milliseconds) / 1000
      interval = query.interval.seconds
      range = query.range.map { Range(over: $0.over.seconds, step: $0.step.seconds) }
      self.within = within.seconds
    }
  }

  package struct Sampled: Codable, Sendable {
    package var answer: JSON
    /// What is to be known of an answer that is not the whole one.
    package var warnings: [String]?

    package init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: CodingKeys.self)
      // Absent is a slip, `null` is a missing value.
      answer = try members.decode(JSON.self, forKey: .answer)
      warnings = try members.decodeIfPresent([String].self, forKey: .warnings)
    }

    package init(answer: JSON, warnings: [String]? = nil) {
      self.answer = answer
      self.warnings = warnings
    }

    private enum CodingKeys: String, CodingKey { case answer, warnings }
  }
}

extension Answer {
  /// Numbers that JSON cannot write come as the texts `NaN`, `+Inf`, `-Inf`. Members are sorted by name.
  package init(_ json: JSON) {
    switch json {
    case .null: self = .null
    case .bool(let bool): self = .bool(bool)
    case .number(let number): self = .number(number)
    case .text("NaN"): self = .number(.nan)
    case .text("+Inf"): self = .number(.infinity)
    case .text("-Inf"): self = .number(-.infinity)
    case .text(let text): self = .text(text)
    case .list(let values): self = .list(values.map(Answer.init))
    case .object(let members):
      self = .object(members.sorted { $0.key < $1.key }.map { Member(name: $0.key, value: Answer($0.value)) })
    }
  }
}
