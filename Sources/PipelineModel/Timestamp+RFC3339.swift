extension Timestamp {
  /// Length of the only form we write: `2026-11-21T13:05:00.123Z`.
  package static let rfc3339Length = 24

  /// `true` for instants of the years 0000 to 9999.
  package var hasRFC3339Form: Bool { -62_167_219_200_000...253_402_300_799_999 ~= milliseconds }

  /// Appends `2026-11-21T13:05:00.123Z`; years 0000 to 9999.
  package func appendRFC3339(to bytes: inout [UInt8]) {
    let (day, rest) = milliseconds.quotientAndRemainderFloored(by: 86_400_000)
    let date = CivilDate(daysSinceEpoch: day)
    func digits(_ value: Int64, _ count: Int) {
      var scale = [1, 10, 100, 1000][count - 1] as Int64
      while scale > 0 {
        bytes.append(UInt8(ascii: "0") + UInt8(value / scale % 10))
        scale /= 10
      }
    }
    digits(min(max(date.year, 0), 9999), 4)
    bytes.append(UInt8(ascii: "-"))
    digits(date.month, 2)
    bytes.append(UInt8(ascii: "-"))
    digits(date.day, 2)
    bytes.append(UInt8(ascii: "T"))
    digits(rest / 3_600_000, 2)
    bytes.append(UInt8(ascii: ":"))
    digits(rest / 60_000 % 60, 2)
    bytes.append(UInt8(ascii: ":"))
    digits(rest / 1000 % 60, 2)
    bytes.append(UInt8(ascii: "."))
    digits(rest % 1000, 3)
    bytes.append(UInt8(ascii: "Z"))
  }

  /// Reads exactly the form that `appendRFC3339` writes; `nil` for anything else.
  package init?(rfc3339 bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count == Self.rfc3339Length else { return nil }
    // Anything but a digit makes `strange` 10 or more.
    var strange: UInt8 = 0
    @inline(__always) func digits(_ start: Int, _ count: Int) -> Int64 {
      var value: Int64 = 0
      for index in start..<start + count {
        let digit = bytes[index] &- 48
        strange = max(strange, digit)
        value = value * 10 + Int64(digit)
      }
      return value
    }
    guard bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), bytes[19] == UInt8(ascii: "."),
      bytes[23] == UInt8(ascii: "Z")
    else { return nil }
    let (year, month, day) = (digits(0, 4), digits(5, 2), digits(8, 2))
    let (hour, minute, second, fraction) = (digits(11, 2), digits(14, 2), digits(17, 2), digits(20, 3))
    guard strange < 10, 1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second < 60 else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    let days = date.daysSinceEpoch
    // The 31st of a shorter month would be a day of the next.
    guard day <= 28 || CivilDate(daysSinceEpoch: days) == date else { return nil }
    self.init(milliseconds: days * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction)
  }

  /// `2026-11-21T13:05:00.123Z`
  package var rfc3339: String {
    var bytes: [UInt8] = []
    appendRFC3339(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A day of the proleptic Gregorian calendar.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days` and `days_from_civil`.
struct CivilDate: Equatable {
  var year, month, day: Int64

  init(year: Int64, month: Int64, day: Int64) {
    self.year = year
    self.month = month
    self.day = day
  }

  init(daysSinceEpoch: Int64) {
    let (era, dayOfEra) = (daysSinceEpoch + 719_468).quotientAndRemainderFloored(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  var daysSinceEpoch: Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = shifted.quotientAndRemainderFloored(by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension Int64 {
  /// Quotient rounded down, so that the remainder is never negative; `divisor` > 0.
  func quotientAndRemainderFloored(by divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
