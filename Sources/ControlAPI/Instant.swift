import Foundation
package import PipelineModel

/// A point in time as people write it: a day, a day with a time and perhaps a zone, or how long ago.
///
///     2026-11-21                           the day's beginning in UTC
///     2026-11-21T13:05                     UTC; seconds and a fraction may follow
///     2026-11-21T14:05+01:00               with an offset, or Z
///     "2026-11-21 14:05 Europe/Berlin"     with the name of a zone
///     "2h ago", "1d12h ago", now
package enum Instant: Hashable, Sendable {
  case at(Timestamp)
  case ago(Interval)

  /// Why a text is no time, and how one is written.
  package struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
  }

  package init(written text: String) throws(Mistake) {
    let words = text.trimmingCharacters(in: .whitespaces)
    if words == "now" {
      self = .ago(.zero)
    } else if let span = words.withoutSuffix("ago") {
      self = .ago(try Self.span(span, text))
    } else {
      self = .at(try Self.instant(words, text))
    }
  }

  /// - Parameter now: what "ago" is counted from.
  package func timestamp(now: Timestamp) -> Timestamp {
    switch self {
    case .at(let instant): instant
    case .ago(let span): Timestamp(milliseconds: now.milliseconds - span.milliseconds)
    }
  }

  package static let forms = """
    a day (2026-11-21), a time (2026-11-21T13:05, UTC unless it says otherwise: 2026-11-21T14:05+01:00, \
    "2026-11-21 14:05 Europe/Berlin"), how long ago ("2h ago"), or now
    """

  private static func span(_ text: String, _ whole: String) throws(Mistake) -> Interval {
    let parsed = Interval.read(text)
    guard let interval = parsed.interval else {
      throw Mistake(description: "\"\(whole)\" is not a time: \(parsed.problem ?? ""). Write for example \"2h ago\"")
    }
    return interval
  }

  private static func instant(_ words: String, _ whole: String) throws(Mistake) -> Timestamp {
    let match = words.wholeMatch(
      of: #/(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(\S+)?)?/#)
    guard let match else {
      let hint = Interval.read(words).interval == nil ? "" : " Did you mean \"\(words) ago\"?"
      throw Mistake(description: "\"\(whole)\" is not a time.\(hint) A time is \(forms)")
    }
    func number(_ digits: Substring?) -> Int { digits.flatMap { Int($0) } ?? 0 }
    var parts = DateComponents()
    (parts.year, parts.month, parts.day) = (number(match.1), number(match.2), number(match.3))
    (parts.hour, parts.minute, parts.second) = (number(match.4), number(match.5), number(match.6))
    let zone = try zone(match.8.map(String.init) ?? "Z", whole)
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    parts.calendar = calendar
    // A calendar would take 30 February for 2 March, and a clock time that a change to summer time skips for another.
    guard let date = calendar.date(from: parts), parts.isValidDate(in: calendar) else {
      throw Mistake(
        description:
          "\"\(whole)\" is not a time: there is no such \(exists(parts) ? "time in \(zone.identifier)" : "date or time")"
      )
    }
    let fraction = Double("0.\(match.7 ?? "0")") ?? 0
    return Timestamp(milliseconds: Int64(((date.timeIntervalSince1970 + fraction) * 1000).rounded()))
  }

  private static func exists(_ parts: DateComponents) -> Bool {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    var parts = parts
    parts.calendar = calendar
    return parts.isValidDate(in: calendar)
  }

  private static func zone(_ name: String, _ whole: String) throws(Mistake) -> TimeZone {
    if name == "Z" || name == "z" || name == "UTC" { return .gmt }
    if let offset = name.wholeMatch(of: #/([+-])(\d\d):?(\d\d)?/#) {
      let minutes = (Int(offset.2) ?? 0) * 60 + (offset.3.flatMap { Int($0) } ?? 0)
      if minutes <= 18 * 60, let zone = TimeZone(secondsFromGMT: minutes * (offset.1 == "-" ? -60 : 60)) {
        return zone
      }
    } else if TimeZone.knownTimeZoneIdentifiers.contains(name), let zone = TimeZone(identifier: name) {
      return zone
    }
    throw Mistake(
      description:
        "\"\(whole)\": \(name) is not a time zone. Write Z, an offset such as +01:00, or a name such as Europe/Berlin")
  }
}

extension String {
  /// What stands before a last word; `nil` when that is another.
  fileprivate func withoutSuffix(_ word: String) -> String? {
    guard hasSuffix(word), count > word.count else { return nil }
    return String(dropLast(word.count)).trimmingCharacters(in: .whitespaces)
  }
}
