import Foundation
import Logging
import PipelineModel
import PluginKit
import Synchronization

/// Speaks with the program that serves one backend: starts it at the first call and again when it has ended, matches
/// answers with calls, gives up those that take too long.
actor PluginConnection {
  typealias Answer = Result<[UInt8], Failure>
  /// Of a line, for tests that look at everything that is said.
  enum Direction: Sendable { case toPlugin, fromPlugin }
  typealias Listener = @Sendable (Direction, [UInt8]) -> Void

  let plugin: InstalledPlugin
  let kind: BackendKind
  let backend: Backend
  let context: BackendContext
  let listener: Listener?
  /// How long the program may take to end when it is asked to.
  private let farewell: Interval
  let log: PluginLog
  private var machine: ChildMachine
  private var calls: [ChildMachine.Call: Waiting] = [:]
  private var present: Life?
  private static let ids = Atomic<Int>(1)

  private struct Waiting {
    var line: [UInt8]
    var answer: CheckedContinuation<Answer, Never>
    /// A change, which may still come about when nobody waits for it any more.
    var isChange: Bool
    /// Given up while this life was at it: it is over when the life answers it or ends.
    var abandonedIn: Int?
  }

  /// A process, from before it is made until it has ended.
  struct Life {
    var number: Int
    var greeting: Int
    var input: AsyncStream<[UInt8]>.Continuation
    var work: Task<Void, Never>
  }

  init(
    _ plugin: InstalledPlugin, kind: BackendKind, backend: Backend, context: BackendContext, listener: Listener? = nil,
    farewell: Interval = .seconds(2)
  ) {
    self.plugin = plugin
    self.kind = kind
    self.backend = backend
    self.context = context
    self.listener = listener
    self.farewell = farewell
    log = PluginLog(plugin: plugin.name, backend: backend.name)
    machine = ChildMachine(name: "the plugin \(plugin.name)", limits: plugin.manifest.limits)
  }

  static func nextID() -> Int { ids.wrappingAdd(1, ordering: .relaxed).oldValue }

  // MARK: Calls

  /// Sends a line, and waits for the one that answers it, or until the caller is cancelled.
  ///
  /// A change that was begun and given up is waited for until it is answered or its process has ended, which takes no
  /// longer than the grace: a later change must not be overtaken by it.
  ///
  /// - Parameter asked: called when the line is on its way, or waits for others to be answered.
  func exchange(
    _ id: Int, _ line: [UInt8], isChange: Bool = false, asked: @Sendable () -> Void = {}
  ) async -> Answer {
    await withTaskCancellationHandler {
      await withCheckedContinuation { answer in
        calls[id] = Waiting(line: line, answer: answer, isChange: isChange)
        perform(machine.called(id, at: .now))
        asked()
      }
    } onCancel: {
      Task { await giveUp(id) }
    }
  }

  /// Whether the call still has no answer; answers are taken in the order they come.
  func isUnderWay(_ id: Int) -> Bool { calls[id] != nil }

  private func giveUp(_ id: Int) {
    let action = machine.gaveUp(id)
    // Only what was asked is to be cancelled.
    if calls[id]?.isChange == true, action.cancel != nil, let life = present?.number {
      calls[id]?.abandonedIn = life
    } else {
      settleGivenUp(id)
    }
    perform(action)
  }

  private func settleGivenUp(_ id: Int) {
    calls.removeValue(forKey: id)?.answer.resume(returning: .failure(Failure(.transient, "the call was given up")))
  }

  private func graceOver(_ id: Int, in life: Int) { perform(machine.graceOver(id, in: life)) }

  // MARK: What the process does

  func greeted(_ life: Int, by line: [UInt8]) {
    let action = machine.greeted(in: life)
    if action.isUnasked { note(unasked: line) }
    perform(action)
  }

  func refused(_ failure: Failure, in life: Int) { perform(machine.refused(failure, in: life)) }

  func ended(_ failure: Failure, in life: Int) {
    if present?.number == life { present = nil }
    for (id, _) in calls.filter({ $0.value.abandonedIn == life }) { settleGivenUp(id) }
    perform(machine.ended(failure, in: life, at: .now))
  }

  func spoke(_ line: [UInt8]?, in life: Int) {
    guard machine.listens(in: life) else { return }
    guard let line else { return perform(machine.overflowed(in: life)) }
    listener?(.fromPlugin, line)
    guard let envelope = try? JSONDecoder().decode(Wire.Envelope.self, from: Data(line)) else {
      log.note("a plugin wrote a line that is no message", line)
      return perform(machine.rubbish("lines that are no messages", in: life))
    }
    guard envelope.isResponse, let id = envelope.id else {
      log.note("a plugin wrote a message that answers nothing", line)
      return perform(machine.rubbish("messages that answer nothing", in: life))
    }
    if id == present?.greeting { return hear(greeting: line, in: life) }
    answered(id, line, in: life)
  }

  /// It has no use for its settings: the next call starts it with what the secrets are by then.
  func retire() { perform(machine.retire()) }

  private func answered(_ id: Int, _ line: [UInt8], in life: Int) {
    let action = machine.answered(id, in: life)
    if let call = action.deliver { calls.removeValue(forKey: call)?.answer.resume(returning: .success(line)) }
    if action.isUnasked { note(unasked: line) }
    if calls[id]?.abandonedIn == life { settleGivenUp(id) }
    perform(action)
  }

  private func note(unasked line: [UInt8]) {
    log.note("a plugin answered a call that was none, or was answered before", line)
  }

  // MARK: Doing what the machine says

  private func perform(_ action: ChildMachine.Action) {
    if let life = action.begin { begin(life) }
    for call in action.send {
      if let waiting = calls[call] { send(waiting.line) }
    }
    if let call = action.cancel { cancel(call) }
    for call in action.fail {
      calls.removeValue(forKey: call)?.answer.resume(
        returning: .failure(action.failure ?? Failure(.transient, "the plugin ended")))
    }
    if action.isFatal { present?.work.cancel() }
  }

  private func begin(_ number: Int) {
    let (lines, input) = AsyncStream.makeStream(of: [UInt8].self)
    let greeting = Self.nextID()
    let work = Task { await live(number, greeting, lines) }
    present = Life(number: number, greeting: greeting, input: input, work: work)
  }

  func send(_ line: [UInt8]) {
    listener?(.toPlugin, line)
    present?.input.yield(line + [UInt8(ascii: "\n")])
  }

  private static let grace = Duration.seconds(5)

  private func cancel(_ call: Int) {
    guard let life = present?.number else { return }
    if let line = try? encoded(Wire.Cancellation(id: call)) { send(line) }
    Task {
      try? await Task.sleep(for: Self.grace)
      graceOver(call, in: life)
    }
  }

  // MARK: The end

  /// Asks the program to end, and makes it when it takes too long. Nothing of it runs on return, and nothing is started again.
  ///
  /// - Parameter saying: by `shutdown`; otherwise only by the end of its standard input.
  /// - Returns: whether it went by itself.
  @discardableResult
  func close(saying: Bool = true) async -> Bool {
    perform(machine.close())
    guard let life = present else { return true }
    let request = Wire.Request(id: Self.nextID(), method: .shutdown, params: Wire.Nothing())
    if saying, let line = try? encoded(request) { send(line) }
    life.input.finish()
    let force = Task {
      try await Task.sleep(for: .milliseconds(farewell.milliseconds))
      life.work.cancel()
    }
    await life.work.value
    force.cancel()
    return !life.work.isCancelled
  }
}
