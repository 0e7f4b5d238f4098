import Logging
import PipelineModel
import PluginKit
import Synchronization
import Testing

@testable import Controller

// Notices are tried five times with growing pauses, given up for good only where trying again is in vain, and never
// under way twice.

@Suite final class CourierTests {
  private let outbox = ListedOutbox()
  private var now = Timestamp(milliseconds: 1_000_000)

  private func courier(_ notifiers: [String: any Notifier]) -> Courier {
    Courier(outbox: outbox, notifiers: notifiers, log: Logger(label: "test"), chance: { 0.5 })
  }

  private func notice(_ key: String, run: Int64 = 1, to notifier: String = "chat") -> AddressedNotice {
    AddressedNotice(
      notifier: notifier,
      notice: Notice(
        key: key, thread: "s-\(run)", event: .rollback, run: RunID(run), pipeline: "p", service: "s",
        environment: "e", version: "v", time: now, title: "t"))
  }

  /// Turns until a condition holds, without letting the notices' time pass.
  private func turns(_ courier: Courier, until condition: () -> Bool) async throws {
    try await eventually("the courier is done") {
      courier.turn(now)
      return condition()
    }
  }

  @Test func `what is taken is settled, and sent no more`() async throws {
    let chat = ScriptedNotifier()
    let courier = courier(["chat": chat])
    outbox.add([notice("a"), notice("b", run: 2)], at: now)
    try await turns(courier) { outbox.states == [.sent, .sent] && courier.isIdle(now) }
    #expect(chat.sent.sorted() == ["a", "b"])
  }

  @Test func `five tries, with pauses of 1, 2, 4 and 8 seconds and a bit, then it is given up`() async throws {
    let chat = ScriptedNotifier(failing: Failure(.transient, "refused"))
    let courier = courier(["chat": chat])
    outbox.add([notice("a")], at: now)
    var pauses: [Int64] = []
    for tries in 1...4 {
      try await turns(courier) { outbox.items[0].tries == tries }
      pauses.append((outbox.items[0].due - now).milliseconds)
      now = outbox.items[0].due
    }
    #expect(pauses == [1_250, 2_250, 4_250, 8_250])
    try await turns(courier) { outbox.states == [.dead] }
    #expect(chat.sent.count == 5 && Set(chat.sent) == ["a"] && outbox.items[0].failure == "refused")
  }

  @Test(arguments: [Failure.Kind.rejected, .misconfigured])
  func `what will not change is given up at once`(kind: Failure.Kind) async throws {
    let chat = ScriptedNotifier(failing: Failure(kind, "no such channel"))
    let courier = courier(["chat": chat])
    outbox.add([notice("a")], at: now)
    try await turns(courier) { outbox.states == [.dead] }
    #expect(chat.sent.count == 1)
  }

  @Test func `a notifier that is not there is told of, and holds up no other`() async throws {
    let chat = ScriptedNotifier()
    let courier = courier(["chat": chat])
    outbox.add([notice("a", to: "chta"), notice("b")], at: now)
    try await turns(courier) { outbox.states == [.dead, .sent] }
    #expect(outbox.items[0].failure == "there is no notifier \"chta\" in headgate.yaml (there is: chat)")
  }

  @Test func `one that hangs is under way once, and holds up no other notifier`() async throws {
    let stage = CallStage()
    let hung = ScriptedNotifier(stage: stage)
    let mail = ScriptedNotifier()
    let courier = courier(["chat": hung, "mail": mail])
    outbox.add([notice("a"), notice("b", to: "mail")], at: now)
    try await turns(courier) { outbox.states == [.waiting, .sent] && hung.sent == ["a"] }
    for _ in 1...50 {
      now = now + .seconds(60)
      courier.turn(now)
    }
    #expect(hung.sent == ["a"] && !courier.isIdle(now))
    stage.release("a")
    try await turns(courier) { outbox.states == [.sent, .sent] }
  }

  @Test func `what cannot be written down is kept, and is not sent again meanwhile`() async throws {
    let chat = ScriptedNotifier()
    let courier = courier(["chat": chat])
    outbox.add([notice("a")], at: now)
    outbox.isReadOnly = true
    try await turns(courier) { chat.sent == ["a"] && outbox.refusals > 3 }
    outbox.isReadOnly = false
    try await turns(courier) { outbox.states == [.sent] }
    #expect(chat.sent == ["a"])
  }
}

/// An outbox in memory.
private final class ListedOutbox: Outbox {
  private(set) var items: [OutboxItem] = []
  var isReadOnly = false
  private(set) var refusals = 0

  var states: [OutboxItem.State] { items.map(\.state) }

  func add(_ notices: [AddressedNotice], at now: Timestamp) {
    for each in notices {
      items.append(
        OutboxItem(id: Int64(items.count + 1), notifier: each.notifier, notice: each.notice, due: now))
    }
  }

  func post(_ notices: [AddressedNotice], at now: Timestamp) throws(JournalFailure) { add(notices, at: now) }

  func due(at now: Timestamp, limit: Int) throws(JournalFailure) -> [OutboxItem] {
    items.filter { $0.state == .waiting && $0.due <= now }
  }

  func settle(_ deliveries: [Delivery], at now: Timestamp) throws(JournalFailure) {
    if isReadOnly {
      refusals += 1
      throw JournalFailure(.unavailable, "disk full")
    }
    for delivery in deliveries {
      let index = Int(delivery.item) - 1
      items[index].tries += 1
      switch delivery.outcome {
      case .sent: items[index].state = .sent
      case .again(let at, let reason): (items[index].due, items[index].failure) = (at, reason)
      case .dead(let reason): (items[index].state, items[index].failure) = (.dead, reason)
      }
    }
  }
}

/// A notifier that takes everything, or nothing, or waits to be released.
private final class ScriptedNotifier: Notifier {
  private let keys = Mutex<[String]>([])
  private let failure: Failure?
  private let stage: CallStage?

  init(failing failure: Failure? = nil, stage: CallStage? = nil) {
    self.failure = failure
    self.stage = stage
  }

  var sent: [String] { keys.withLock(\.self) }

  func send(_ notice: Notice) async throws(Failure) {
    keys.withLock { $0.append(notice.key) }
    await stage?.call(notice.key, listens: true)
    if let failure { throw failure }
  }
}
