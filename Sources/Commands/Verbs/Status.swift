import ArgumentParser
import ControlAPI
import Controller
import Engine
import Foundation
import Narrative
import PipelineModel
import SQLiteStore

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "What is rolling out now, and what each gate sees.",
    discussion: """
      EXAMPLES
        headgate status
        headgate status 41 --format json
      """)

  @Argument(help: "Only this run.")
  var number: Int64?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let access = try StoreAccess(store)
    let store = try access.reading()
    let records = try selected(store)
    let details = try records.map { try RunDetail($0, store) }
    if output.isJSON { return try Console.json(try report(details, store)) }
    try show(details, store, access)
  }

  private func selected(_ store: ReadingStore) throws -> [RunRecord] {
    if let number {
      return [try store.existing(RunID(number))]
    }
    return try store.unfinished()
  }

  private func report(_ details: [RunDetail], _ store: ReadingStore) throws -> StatusReport {
    StatusReport(
      runs: details, backends: try store.health().map(BackendStatus.init),
      driver: store.driver.map { .init(process: Int($0.process), host: $0.host, since: $0.since.rfc3339) },
      requests: try store.requests().map(WaitingRequest.init))
  }

  private func show(_ details: [RunDetail], _ store: ReadingStore, _ access: StoreAccess) throws {
    if details.isEmpty { Console.print("nothing is rolling out") }
    for detail in details {
      for line in detail.lines { Console.print(line) }
      Console.print("")
    }
    for backend in try store.health() { Console.print(Console.styled(backend.line, .yellow)) }
    for request in try store.requests() { Console.print(Console.styled(request.line, .yellow)) }
    if let driver = store.driver {
      Console.print("driven by process \(driver.process) on \(driver.host) since \(driver.since.rfc3339)")
    } else if let first = details.first(where: { $0.run.endedAt == nil }) {
      let way = access.attach(RunID(first.run.run))
      Console.print(Console.styled("no controller drives this store: nothing advances. Go on with: \(way)", .yellow))
    }
  }
}

extension BackendStatus {
  fileprivate init(_ health: BackendHealth) {
    self.init(
      port: health.port.rawValue, name: health.name, state: health.state.rawValue, since: health.since.rfc3339,
      until: health.until?.rfc3339, reason: health.reason)
  }
}

extension WaitingRequest {
  fileprivate init(_ request: Request) {
    self.init(
      asked: request.ask.words, by: request.actor.description, at: request.time.rfc3339, reason: request.reason)
  }
}

extension Request {
  /// `asked for by bob at 2026-11-21T14:02:11.000Z, done as soon as a controller drives: roll back run 3 (reason: OPS-7)`
  fileprivate var line: String {
    let because = reason.map { " (reason: \($0))" } ?? ""
    return
      "asked for by \(actor.phrase) at \(time.rfc3339), done as soon as a controller drives: \(ask.words)\(because)"
      .onOneLine
  }
}

extension BackendHealth {
  /// `metrics prom: circuit open since 14:02:11Z, asked again at 14:02:43Z: connection refused`
  fileprivate var line: String {
    let again =
      switch state {
      case .open: until.map { ", asked again at \($0.clock)" } ?? ""
      case .halfOpen: ", being asked again now"
      case .closed: ""
      }
    return "\(port.rawValue) \(name): circuit open since \(since.clock)\(again)\(reason.map { ": \($0)" } ?? "")"
  }
}

extension Timestamp {
  fileprivate var clock: String { String(rfc3339.dropFirst(11).prefix(8)) + "Z" }
}

extension RunDetail {
  init(_ record: RunRecord, _ store: ReadingStore) throws {
    let now = try store.now()
    let (chronicle, sentences, _) = try store.chronicle(of: record)
    let stopped = try StoppedFlags(of: record, chronicle.plan, in: store)
    var summary = RunSummary(record, now: now)
    if !stopped.isEmpty, chronicle.plan.isRamp { summary.weight = 0 }
    self.init(
      run: summary, runbook: chronicle.plan.pipeline.runbook,
      held: (record.status == .held ? sentences.last { $0.text.hasPrefix("held") }?.text : nil) ?? chronicle.run?.need,
      routes: stopped.corrected(chronicle.routes(now: now)), retries: chronicle.otherRetries(now: now),
      // What a gate made of people who were given nothing says nothing.
      gates: stopped.isEmpty ? chronicle.gates(now: now) : [], notes: stopped.notes, timeline: [])
  }

  var lines: [String] {
    let head = "run \(run.run)  \(run.pipeline)  \(run.version) to \(run.service) in \(run.environment)"
    let stage = run.stage.map { ", stage \"\($0)\"" } ?? ""
    let weight = Weight(basisPoints: Int((run.weight * 100).rounded()))
    var lines = [
      Console.styled(head.onOneLine, .bold),
      "  \(run.status)\(stage), weight \(weight), \(run.took), by \(run.startedBy)",
    ]
    if let held { lines.append("  " + Console.styled(held, .yellow)) }
    lines += notes.map { "  " + Console.styled($0, .yellow) }
    if run.endedAt == nil { lines += routes.map(\.line) + retries.map(\.line) }
    for gate in gates { lines += gate.lines }
    return lines
  }
}
