import ArgumentParser
import Controller
import Foundation
import PipelineModel
import PipelineSyntax

/// A point in time as people write it: a day, a day with a time and perhaps a zone, or how long ago.
///
///     2026-11-21                           the day's beginning in UTC
///     2026-11-21T13:05                     UTC; seconds and a fraction may follow
///     2026-11-21T14:05+01:00               with an offset, or Z
///     "2026-11-21 14:05 Europe/Berlin"     with the name of a zone
///     "2h ago", "1d12h ago", now
enum Instant: Hashable, Sendable {
  case at(Timestamp)
  case ago(Interval)

  init(written text: String) throws {
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
  func timestamp(now: Timestamp) -> Timestamp {
    switch self {
    case .at(let instant): instant
    case .ago(let span): Timestamp(milliseconds: now.milliseconds - span.milliseconds)
    }
  }

  /// By the wall clock.
  var timestamp: Timestamp { timestamp(now: .wall) }

  static let forms = """
    a day (2026-11-21), a time (2026-11-21T13:05, UTC unless it says otherwise: 2026-11-21T14:05+01:00, \
    "2026-11-21 14:05 Europe/Berlin"), how long ago ("2h ago"), or now
    """

  private static func span(_ text: String, _ whole: String) throws -> Interval {
    let parsed = Interval.read(text)
    guard let interval = parsed.interval else {
      throw ValidationError("\"\(whole)\" is not a time: \(parsed.problem ?? ""). Write for example \"2h ago\"")
    }
    return interval
  }

  private static func instant(_ words: String, _ whole: String) throws -> Timestamp {
    let match = words.wholeMatch(
      of: #/(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(\S+)?)?/#)
    guard let match else {
      let hint = Interval.read(words).interval == nil ? "" : " Did you mean \"\(words) ago\"?"
      throw ValidationError("\"\(whole)\" is not a time.\(hint) A time is \(forms)")
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
      throw ValidationError(
        "\"\(whole)\" is not a time: there is no such \(exists(parts) ? "time in \(zone.identifier)" : "date or time")")
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

  private static func zone(_ name: String, _ whole: String) throws -> TimeZone {
    if name == "Z" || name == "z" || name == "UTC" { return .gmt }
    if let offset = name.wholeMatch(of: #/([+-])(\d\d):?(\d\d)?/#) {
      let minutes = (Int(offset.2) ?? 0) * 60 + (offset.3.flatMap { Int($0) } ?? 0)
      if minutes <= 18 * 60, let zone = TimeZone(secondsFromGMT: minutes * (offset.1 == "-" ? -60 : 60)) {
        return zone
      }
    } else if TimeZone.knownTimeZoneIdentifiers.contains(name), let zone = TimeZone(identifier: name) {
      return zone
    }
    throw ValidationError(
      "\"\(whole)\": \(name) is not a time zone. Write Z, an offset such as +01:00, or a name such as Europe/Berlin")
  }
}

extension Instant: ExpressibleByArgument {
  init?(argument: String) {
    guard let instant = try? Instant(written: argument) else { return nil }
    self = instant
  }
}

extension String {
  /// What stands before a last word; `nil` when that is another.
  fileprivate func withoutSuffix(_ word: String) -> String? {
    guard hasSuffix(word), count > word.count else { return nil }
    return String(dropLast(word.count)).trimmingCharacters(in: .whitespaces)
  }
}

/// `--from` and `--to`.
struct PeriodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("From this instant on.", discussion: "It is \(Instant.forms).", valueName: "time"),
    transform: Instant.init(written:))
  var from: Instant?

  @Option(help: ArgumentHelp("Until before this instant.", valueName: "time"), transform: Instant.init(written:))
  var to: Instant?

  var start: Timestamp? { from?.timestamp }
  var end: Timestamp? { to?.timestamp }

  /// - Parameter now: what "ago" is counted from: a rehearsal's time runs ahead of the wall clock.
  /// - Throws: when the period ends before it begins.
  func range(now: Timestamp) throws -> (from: Timestamp?, to: Timestamp?) {
    let (from, to) = (from?.timestamp(now: now), to?.timestamp(now: now))
    if let from, let to, from >= to {
      throw Stop(
        code: .wrongUsage,
        description: "the period is empty: --from is \(from.rfc3339), --to is \(to.rfc3339)")
    }
    return (from, to)
  }
}

/// A length of time on the command line.
struct Span: ExpressibleByArgument {
  var interval: Interval

  init(_ interval: Interval) { self.interval = interval }

  init?(argument: String) {
    guard let interval = Interval.read(argument).interval else { return nil }
    self.interval = interval
  }

  init(written text: String) throws {
    let read = Interval.read(text)
    guard let interval = read.interval, interval > .zero else {
      throw ValidationError(read.problem ?? "\"\(text)\" is no time at all. Write for example 24h")
    }
    self.interval = interval
  }

  var defaultValueDescription: String { interval.description }
}
