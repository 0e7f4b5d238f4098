import Controller
import Engine
import Foundation
import Logging
import PipelineModel
import PipelineSyntax
import SQLiteStore

/// Runs that a controller left in the middle: a process of its own drives them, and is killed while it writes.
struct InFlight {
  /// First argument of the process that drives.
  static let argument = "drive-until-killed"

  private let path: String
  private let runs: Int

  /// The runs of a store at `path`.
  init(_ runs: Int, in path: String) {
    self.path = path
    self.runs = runs
  }

  /// `nil`: this process is not to drive.
  init?(_ arguments: some Collection<String>) {
    let arguments = Array(arguments)
    guard arguments.count == 3, arguments[0] == Self.argument, let runs = Int(arguments[2]) else { return nil }
    self.init(runs, in: arguments[1])
  }

  /// On return a controller that had all runs in flight, each with ten looks behind it, was killed with `SIGKILL`.
  func leave() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [Self.argument, path, "\(runs)"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let ready = output.fileHandleForReading.availableData
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    guard !ready.isEmpty, process.terminationReason == .uncaughtSignal else {
      throw Unexpected("the process that was to drive \(runs) runs ended by itself")
    }
  }

  /// Drives, says when every run has ten looks behind it, and goes on looking until it is killed.
  func drive() throws -> Never {
    let store = try Store.openForDriving(path)
    let conductor = try Conductor(
      journal: store, compiler: ParsingCompiler(), sink: NoSink(), log: Logger(label: "bench"))
    try conductor.resume(now: .noon)
    try conductor.start(runs) { Request.start($0, text: Services.slowText($0)) }
    var look: Int64 = 0
    while true {
      look += 1
      try conductor.look(look, at: runs)
      if look == 10 { try FileHandle.standardOutput.write(contentsOf: Data("in flight\n".utf8)) }
    }
  }
}

extension Timestamp {
  /// When the runs that are measured begin.
  static let noon = Timestamp(milliseconds: 1_795_266_300_000)
}

extension Conductor {
  /// Starts runs and lets their first shift be done.
  func start(_ runs: Int, _ request: (Int) -> Request) throws {
    try inTurns(runs, now: .noon) { .request(request($0)) }
    try inTurns(runs, now: .noon) { .fact(RunID(Int64($0)), .shifted(EffectID(1))) }
  }

  /// Lets every run be measured once, in turns, as it comes when many runs go on at once.
  func look(_ look: Int64, at runs: Int) throws {
    try inTurns(runs, now: .noon + .minutes(look)) {
      .fact(RunID(Int64($0)), .measured(EffectID(Int(look) + 1), .answer(.number(0.01))))
    }
  }

  private func inTurns(_ runs: Int, now: Timestamp, _ inbound: (Int) -> Inbound) throws {
    for first in stride(from: 1, through: runs, by: 1000) {
      try turn((first...min(runs, first + 999)).map(inbound), now: now)
    }
  }
}

/// The real syntax, as the controller of a real store has it.
struct ParsingCompiler: PipelineCompiler {
  /// This one is killed and started again as it is.
  let edition: String? = "bench"

  func compile(text: String, path: String) throws(Refusal) -> Pipeline {
    let parsed = PipelineParser().parse(text, path: path)
    guard let pipeline = parsed.value else {
      throw Refusal(parsed.diagnostics.map(\.description).joined(separator: "\n"))
    }
    return pipeline
  }

  func bind(_ given: [Start.Binding], to pipeline: Pipeline) throws(Refusal) -> [Start.Binding] {
    let binding = pipeline.bind(Dictionary(given.map { ($0.name, $0.value) }) { $1 })
    guard let values = binding.values else {
      throw Refusal(binding.problems.map(\.description).joined(separator: "\n"))
    }
    return values.sorted { $0.key < $1.key }.map { Start.Binding(name: $0.key, value: $0.value) }
  }
}
