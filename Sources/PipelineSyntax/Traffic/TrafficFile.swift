import Analysis
import PipelineModel

/// Recorded traffic as text → what was counted, or everything that is wrong with it.
///
/// Either CSV with a line of names first, or JSON objects, one a line. Names: `time` (RFC 3339, or seconds since 1970) at
/// the end of an interval, `requests` and `bad` within it; `seconds`, its length, which else is the usual distance of two
/// lines; `metric`, the comparison it is about, else all.
package enum TrafficFile {
  package static func read(_ file: SourceFile) -> Parsed<UsualTraffic> {
    let sink = DiagnosticSink(path: file.path)
    var rows: [Row] = []
    if let source = SourceText(file.bytes, reportingTo: sink) { rows = self.rows(source, sink) }
    let traffic = sink.hasErrors ? nil : self.traffic(rows, sink)
    return Parsed(value: sink.hasErrors ? nil : traffic, diagnostics: sink.sorted())
  }

  /// One line, understood.
  private struct Row {
    var place: Place
    var time: Double
    var seconds: Double?
    var requests, bad: Double
    var metric: String?
  }

  private static let names: [String: [String]] = [
    "time": ["time", "timestamp", "at"], "seconds": ["seconds"], "requests": ["requests", "all", "total"],
    "bad": ["bad", "errors"], "metric": ["metric"],
  ]

  // MARK: Lines

  private static func rows(_ source: SourceText, _ sink: DiagnosticSink) -> [Row] {
    var header: [String]?
    var rows: [Row] = []
    for number in 1...max(1, source.lineCount) {
      let line = String(String.UnicodeScalarView(source.line(number))).trimmed
      let place = Place(line: number, column: 1)
      if line.isEmpty || line.hasPrefix("#") { continue }
      if line.hasPrefix("{") {
        guard let members = FlatObject.members(of: line) else {
          sink.error(
            "this is no JSON object of texts and numbers", at: place,
            help: "for example `{\"time\": \"2026-11-20T08:00:00Z\", \"requests\": 24000, \"bad\": 96}`")
          continue
        }
        if let row = row(members, at: place, sink) { rows.append(row) }
      } else if let header {
        let cells = cells(of: line)
        guard cells.count == header.count else {
          sink.error("\(cells.count) cells, and \(header.count) names in the first line", at: place)
          continue
        }
        if let row = row(Array(zip(header, cells)), at: place, sink) { rows.append(row) }
      } else {
        header = cells(of: line)
        if !isHeader(header ?? []) {
          sink.error(
            "the first line does not name `time`, `requests` and `bad`", at: place, help: "write `time,requests,bad`")
          return rows
        }
      }
    }
    return rows
  }

  private static func isHeader(_ cells: [String]) -> Bool {
    ["time", "requests", "bad"].allSatisfy { name in cells.contains { names[name]?.contains($0.lowercased()) == true } }
  }

  private static func cells(of line: String) -> [String] {
    let separator: Character = line.contains("\t") ? "\t" : line.contains(";") ? ";" : ","
    return line.split(separator: separator, omittingEmptySubsequences: false).map { cell in
      let cell = String(cell).trimmed
      return cell.count > 1 && cell.hasPrefix("\"") && cell.hasSuffix("\"") ? String(cell.dropFirst().dropLast()) : cell
    }
  }

  private static func row(_ members: [(String, String)], at place: Place, _ sink: DiagnosticSink) -> Row? {
    func text(_ name: String) -> String? {
      members.first { member in names[name]?.contains(member.0.lowercased()) == true }?.1
    }
    func count(_ name: String) -> Double? {
      guard let text = text(name) else {
        sink.error("no \(quote(name)) in this line", at: place)
        return nil
      }
      if let value = Double(text), value >= 0, value.isFinite { return value }
      sink.error("\(quote(text)) is no number of requests", at: place)
      return nil
    }
    guard let written = text("time") else {
      sink.error("no `time` in this line", at: place)
      return nil
    }
    guard let time = seconds(written) else {
      sink.error(
        "\(quote(written)) is no time", at: place, help: "write `2026-11-20T08:00:00Z`, or seconds since 1970")
      return nil
    }
    guard let requests = count("requests"), let bad = count("bad") else { return nil }
    if bad > requests {
      sink.error("more bad requests than requests", at: place)
      return nil
    }
    let length = text("seconds").flatMap { $0.isEmpty || $0 == "null" ? nil : $0 }
    guard let seconds = length.map({ Double($0) ?? .nan }) else {
      return Row(place: place, time: time, requests: requests, bad: bad, metric: text("metric"))
    }
    guard seconds > 0, seconds.isFinite else {
      sink.error(
        "\(quote(length ?? "")) is no length of an interval", at: place, help: "write a number of seconds, more than 0")
      return nil
    }
    return Row(place: place, time: time, seconds: seconds, requests: requests, bad: bad, metric: text("metric"))
  }

  private static func seconds(_ text: String) -> Double? {
    if let number = Double(text) { return number.isFinite ? number : nil }
    let bytes = Array(text.utf8)
    guard bytes.count >= 20 else { return nil }
    let whole = Array(bytes[..<19] + ".000Z".utf8)
    guard let time = whole.withUnsafeBufferPointer({ Timestamp(rfc3339: $0) }), let offset = offset(bytes[19...]) else {
      return nil
    }
    return Double(time.milliseconds) / 1000 - offset
  }

  /// Of what follows the second: a fraction, which is left out, and `Z` or `+01:00`, in seconds.
  private static func offset(_ text: ArraySlice<UInt8>) -> Double? {
    func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    var rest = text
    if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst().drop(while: isDigit) }
    if rest.elementsEqual("Z".utf8) { return 0 }
    let zone = Array(rest)
    guard zone.count == 6, zone[0] == UInt8(ascii: "+") || zone[0] == UInt8(ascii: "-"), zone[3] == UInt8(ascii: ":"),
      [zone[1], zone[2], zone[4], zone[5]].allSatisfy(isDigit)
    else { return nil }
    func pair(_ index: Int) -> Double { Double(zone[index] - 48) * 10 + Double(zone[index + 1] - 48) }
    return (zone[0] == UInt8(ascii: "-") ? -1 : 1) * (pair(1) * 3600 + pair(4) * 60)
  }

  // MARK: Traffic

  private static func traffic(_ rows: [Row], _ sink: DiagnosticSink) -> UsualTraffic? {
    var traffic = UsualTraffic()
    for name in Set(rows.map(\.metric)) {
      let own = rows.filter { $0.metric == name }.sorted { $0.time < $1.time }
      let distances = zip(own.dropFirst(), own).map { $0.time - $1.time }.filter { $0 > 0 }.sorted()
      let usual = distances.isEmpty ? nil : distances[distances.count / 2]
      guard own.allSatisfy({ ($0.seconds ?? usual ?? 0) > 0 }) else {
        sink.error(
          "how long an interval is cannot be told from one line", at: own.first?.place ?? .start,
          help: "add a second line, or a column `seconds`")
        return nil
      }
      let points = own.map { RecordedTraffic.Point(seconds: $0.seconds ?? usual ?? 0, all: $0.requests, bad: $0.bad) }
      guard let recorded = RecordedTraffic(points) else {
        sink.error(
          "there are no requests here, and nothing can be planned from that",
          at: own.first?.place ?? .start, help: "take a longer time on record")
        return nil
      }
      if let name { traffic.metrics[name] = .init(recorded) } else { traffic.common = .init(recorded) }
    }
    if traffic.common == nil, traffic.metrics.isEmpty {
      sink.error("no traffic in it", at: .start, help: "write `time,requests,bad`, and a line for each interval")
      return nil
    }
    return traffic
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

/// A JSON object whose values are texts without escapes, numbers, `true`, `false` or `null`, on one line.
private enum FlatObject {
  static func members(of line: String) -> [(String, String)]? {
    var rest = line[...]
    guard take("{", &rest), line.hasSuffix("}") else { return nil }
    var members: [(String, String)] = []
    if take("}", &rest) { return rest.isEmpty ? members : nil }
    repeat {
      guard let name = text(&rest), take(":", &rest), let value = text(&rest) ?? plain(&rest) else { return nil }
      members.append((name, value))
    } while take(",", &rest)
    return take("}", &rest) && rest.isEmpty ? members : nil
  }

  private static func skip(_ rest: inout Substring) { while rest.first?.isWhitespace == true { rest.removeFirst() } }

  private static func take(_ sign: Character, _ rest: inout Substring) -> Bool {
    skip(&rest)
    guard rest.first == sign else { return false }
    rest.removeFirst()
    skip(&rest)
    return true
  }

  private static func text(_ rest: inout Substring) -> String? {
    guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { return nil }
    let text = rest[rest.index(after: rest.startIndex)..<end]
    guard !text.contains("\\") else { return nil }
    rest = rest[rest.index(after: end)...]
    skip(&rest)
    return String(text)
  }

  private static func plain(_ rest: inout Substring) -> String? {
    let word = rest.prefix { $0.isLetter || $0.isNumber || "+-.".contains($0) }
    guard !word.isEmpty else { return nil }
    rest = rest[word.endIndex...]
    skip(&rest)
    return String(word)
  }
}
