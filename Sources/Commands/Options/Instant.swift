import ArgumentParser
import ControlAPI
import Controller
import PipelineModel

extension Instant: ExpressibleByArgument {
  package init?(argument: String) {
    guard let instant = try? Instant(written: argument) else { return nil }
    self = instant
  }

  /// As an option has it that says what is wrong with its value.
  static func given(_ text: String) throws -> Instant {
    do throws(Mistake) {
      return try Instant(written: text)
    } catch {
      throw ValidationError(error.description)
    }
  }

  /// By the wall clock.
  var timestamp: Timestamp { timestamp(now: .wall) }
}

/// `--from` and `--to`.
struct PeriodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("From this instant on.", discussion: "It is \(Instant.forms).", valueName: "time"),
    transform: Instant.given)
  var from: Instant?

  @Option(help: ArgumentHelp("Until before this instant.", valueName: "time"), transform: Instant.given)
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
