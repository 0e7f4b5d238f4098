import Foundation
package import PipelineModel

/// How a metric's numbers are written: as its author wrote the limits.
package enum Unit: Hashable, Sendable {
  case plain, percent, seconds, bytes

  /// Taken from the first number with a unit in the metric's rule.
  package init(of metric: Metric) {
    switch metric.rule {
    case .threshold(let threshold):
      self = Self.written(in: (threshold.passText ?? "") + " " + (threshold.failText ?? ""))
    case .comparison, .relative, .rankSum, .samples: self = .plain
    case .burnRate, .budget: self = .percent
    }
  }

  private static func written(in text: String) -> Unit {
    var previousIsDigit = false
    var suffix = ""
    for character in text + " " {
      if character.isNumber || (character == "." && previousIsDigit) {
        previousIsDigit = true
        suffix = ""
      } else if previousIsDigit || !suffix.isEmpty, character == "%" || character.isLetter {
        suffix.append(character)
        previousIsDigit = false
      } else {
        if let unit = units[suffix] { return unit }
        previousIsDigit = false
        suffix = ""
      }
    }
    return .plain
  }

  private static let units: [String: Unit] = [
    "%": .percent, "ms": .seconds, "s": .seconds, "us": .seconds, "m": .seconds, "h": .seconds,
    "KiB": .bytes, "MiB": .bytes, "GiB": .bytes, "TiB": .bytes,
  ]

  /// A value in base units, with three significant digits.
  package func format(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    switch self {
    case .plain: return Self.digits(value)
    case .percent: return Self.digits(value * 100) + "%"
    case .seconds: return abs(value) < 1 ? Self.digits(value * 1000) + "ms" : Self.digits(value) + "s"
    case .bytes: return Self.bytes(value)
    }
  }

  private static func bytes(_ value: Double) -> String {
    for (name, size) in [("TiB", 0x1p40), ("GiB", 0x1p30), ("MiB", 0x1p20), ("KiB", 0x1p10)] where abs(value) >= size {
      return digits(value / size) + name
    }
    return digits(value) + "B"
  }

  private static func digits(_ value: Double) -> String {
    if abs(value) >= 1e15 { return "\(value)" }
    if abs(value) >= 1000 { return String(Int64(value.rounded())) }
    let places = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : abs(value) >= 0.01 || value == 0 ? 2 : 4
    var text = String(format: "%.\(places)f", value)
    if text.contains(".") {
      while text.hasSuffix("0") { text.removeLast() }
      if text.hasSuffix(".") { text.removeLast() }
    }
    return text
  }
}
