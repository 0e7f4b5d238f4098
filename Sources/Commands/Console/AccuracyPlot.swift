import Foundation
import Simulation

/// The lab's figures as an SVG picture: false alarms by kind of traffic, bad releases caught, and those that begin late.
struct AccuracyPlot {
  let report: AccuracyReport

  private static let colours = ["#0b6e4f", "#7fb69f", "#c1666b", "#d4a373", "#4a6fa5", "#8e7dbe"]
  private static let width = 860.0
  private static let height = 230.0

  var svg: String {
    let rules = names(\.rule)
    let kinds = names(\.traffic)
    let ratios = Array(Set(report.cells.map(\.ratio))).sorted().filter { $0 > 1 }
    let above = chart(
      "Healthy releases rolled back", groups: kinds, rules, top: 30,
      value: { kind, rule in find(kind, 1, rule)?.share })
    let first = kinds.first ?? ""
    let below = chart(
      "Bad releases caught, \(first) errors", groups: ratios.map { "×\(plain($0))" }, rules, top: 60 + Self.height,
      value: { group, rule in ratios.first { "×\(plain($0))" == group }.flatMap { find(first, $0, rule)?.share } })
    let late = chart(
      "Twice as bad, by when it begins", groups: names(\.onset), rules, top: 90 + 2 * Self.height,
      value: { onset, rule in find(first, 2, rule, from: onset)?.share })
    let legend = rules.enumerated().map { index, rule in
      let x = 60 + Double(index % 3) * 260
      let y = 140 + 3 * Self.height + Double(index / 3) * 20
      return "<rect x=\"\(x)\" y=\"\(y - 10)\" width=\"12\" height=\"12\" fill=\"\(colour(index))\"/>"
        + "<text x=\"\(x + 18)\" y=\"\(y)\">\(rule)</text>"
    }
    let size = "width=\"\(Int(Self.width))\" height=\"\(Int(3 * Self.height + 180))\""
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) font-family=\"sans-serif\" font-size=\"12\">"
      + "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>" + above + below + late + legend.joined() + "</svg>\n"
  }

  private func chart(
    _ title: String, groups: [String], _ rules: [String], top: Double,
    value: (String, String) -> AccuracyReport.Share?
  ) -> String {
    let (left, bottom) = (60.0, top + Self.height - 30)
    let room = bottom - top - 20
    var text = "<text x=\"\(left)\" y=\"\(top)\" font-weight=\"bold\">\(title)</text>"
    for line in [0.0, 0.25, 0.5, 0.75, 1] {
      let y = bottom - line * room
      text += "<line x1=\"\(left)\" x2=\"\(Self.width - 20)\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#ddd\"/>"
      text += "<text x=\"\(left - 8)\" y=\"\(y + 4)\" text-anchor=\"end\">\(Int(line * 100))%</text>"
    }
    let group = (Self.width - left - 20) / Double(max(1, groups.count))
    let bar = group * 0.8 / Double(max(1, rules.count))
    for (place, name) in groups.enumerated() {
      let start = left + (Double(place) + 0.1) * group
      text += label(name, x: start + group * 0.4, y: bottom + 14, width: group)
      for (index, rule) in rules.enumerated() {
        guard let share = value(name, rule) else { continue }
        text += self.bar(share, x: start + Double(index) * bar, width: bar * 0.9, bottom, room, colour(index))
      }
    }
    return text
  }

  /// A name below its group, in lines of so much.
  private func label(_ name: String, x: Double, y: Double, width: Double) -> String {
    var lines: [String] = []
    for word in name.split(separator: " ") {
      if let line = lines.last, Double(line.count + word.count) * 6 < width {
        lines[lines.count - 1] = "\(line) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines.enumerated().map { number, line in
      "<text x=\"\(x)\" y=\"\(y + Double(number) * 12)\" text-anchor=\"middle\" font-size=\"10\">\(line)</text>"
    }.joined()
  }

  /// A bar with its confidence interval.
  private func bar(
    _ share: AccuracyReport.Share, x: Double, width: Double, _ bottom: Double, _ room: Double, _ colour: String
  ) -> String {
    let (height, middle) = (share.value * room, x + width / 2)
    return "<rect x=\"\(x)\" y=\"\(bottom - height)\" width=\"\(width)\" height=\"\(height)\" fill=\"\(colour)\"/>"
      + "<line x1=\"\(middle)\" x2=\"\(middle)\" y1=\"\(bottom - share.low * room)\" "
      + "y2=\"\(bottom - share.high * room)\" stroke=\"black\"/>"
  }

  private func colour(_ index: Int) -> String { Self.colours[index % Self.colours.count] }
  private func find(
    _ kind: String, _ ratio: Double, _ rule: String, from onset: String = LabOnset.start.rawValue
  ) -> AccuracyReport.Cell? {
    report.cells.first { $0.traffic == kind && $0.ratio == ratio && $0.rule == rule && $0.onset == onset }
  }
  private func plain(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }

  /// In the order they come.
  private func names(_ name: KeyPath<AccuracyReport.Cell, String>) -> [String] {
    report.cells.reduce(into: []) { names, cell in
      if !names.contains(cell[keyPath: name]) { names.append(cell[keyPath: name]) }
    }
  }
}
