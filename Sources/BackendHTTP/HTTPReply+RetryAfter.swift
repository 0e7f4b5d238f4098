import Foundation
package import PipelineModel

extension HTTPReply {
  /// How long the server asks to be left alone, from `Retry-After` in seconds or as a date; at most a day.
  package var retryAfter: Interval? { retryAfter(now: Date()) }

  func retryAfter(now: Date) -> Interval? {
    guard let text = header("Retry-After") else { return nil }
    let longest: Int64 = 86_400
    if let seconds = Int64(text), seconds >= 0 { return .seconds(min(seconds, longest)) }
    guard let date = Self.date(text) else { return nil }
    return .seconds(min(max(0, Int64(date.timeIntervalSince(now).rounded(.up))), longest))
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`, as RFC 9110 has it in 5.6.7.
  private static func date(_ text: String) -> Date? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), let year = Int(words[3]), 1970...9999 ~= year,
      let month = months.firstIndex(of: String(words[2]))
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3, 1...31 ~= day, clock.allSatisfy({ 0...60 ~= $0 }), let zone = TimeZone(secondsFromGMT: 0)
    else { return nil }
    return Calendar(identifier: .gregorian).date(
      from: DateComponents(
        timeZone: zone, year: year, month: month + 1, day: day, hour: clock[0], minute: clock[1], second: clock[2]))
  }
}
