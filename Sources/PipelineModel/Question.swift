/// One of the texts of a metric whose rule needs several answers.
package struct Question: Hashable, Sendable {
  package var role: Role
  package var text: Template
  /// What `${interval}` stands for in it; `nil`: as for the metric.
  package var interval: Interval?

  /// What the answer is.
  package enum Role: Hashable, Sendable {
    /// Of requests within the interval.
    case bad(Side), good(Side), all(Side)
    /// A number, or a series for rules that want one.
    case value(Side)
    /// Of the single values within the interval: their sum, and the sum of their squares.
    case sum(Side), squares(Side)
    /// Of all versions, over a window of an objective.
    case badOver(Interval), goodOver(Interval), allOver(Interval)
    /// The share of bad requests of all versions, over a window of an objective.
    case ratioOver(Interval)
  }

  package enum Side: String, Hashable, Sendable, CaseIterable {
    case canary, control
  }

  package init(_ role: Role, _ text: Template, interval: Interval? = nil) {
    self.role = role
    self.text = text
    self.interval = interval
  }

  /// Name of its part in the answer: `canary.bad`, `all.1h`.
  package var name: String {
    switch role {
    case .bad(let side): "\(side.rawValue).bad"
    case .good(let side): "\(side.rawValue).good"
    case .all(let side): "\(side.rawValue).all"
    case .value(let side): "\(side.rawValue)"
    case .sum(let side): "\(side.rawValue).sum"
    case .squares(let side): "\(side.rawValue).squares"
    case .badOver(let window): "bad.\(window)"
    case .goodOver(let window): "good.\(window)"
    case .allOver(let window): "all.\(window)"
    case .ratioOver(let window): "ratio.\(window)"
    }
  }
}
