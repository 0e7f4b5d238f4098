import PipelineModel
import Synchronization
import Testing

@testable import Controller

// A backend that is slow, hangs, or will not be cancelled holds up nobody but those who asked it, and what was asked
// last of a route has the last word. The calls stay for as long as a test wants; time is handed to the sweep.

@Suite final class LaneTests: Sendable {
  private let stage = CallStage()
  private let givenUp = Mutex<[String]>([])

  private struct Callers: Caller {
    struct Call: Sendable {
      var name: String
      var listens: Bool
    }

    let test: LaneTests
    /// Sees each call as it begins.
    var beginning: @Sendable (Call) -> Void = { _ in }

    func answer(_ call: Call) async {
      beginning(call)
      await test.stage.call(call.name, listens: call.listens)
    }
    func report(_ answer: Void, to call: Call) {}
    func giveUp(_ call: Call, after deadline: Interval) { test.givenUp.withLock { $0.append(call.name) } }
  }

  private func lane(width: Int, beginning: @escaping @Sendable (Callers.Call) -> Void = { _ in }) -> Lane<Callers> {
    Lane(width: width, Callers(test: self, beginning: beginning))
  }

  private func job(_ name: String, listens: Bool = true, patience: Interval? = nil) -> Lane<Callers>.Job {
    .init(call: .init(name: name, listens: listens), deadline: .hours(1), patience: patience)
  }

  private var later: ContinuousClock.Instant { .now + .seconds(7200) }

  @Test func `no more calls than the lane is wide are under way, and all come to their turn in order`() async throws {
    let lane = lane(width: 3)
    for number in 1...10 { lane.submit([job("\(number)")]) }
    try await eventually("three begin") { stage.onStage.count == 3 }
    for number in 1...10 {
      try await eventually("number \(number) begins") { stage.came.contains("\(number)") }
      stage.release("\(number)")
    }
    try await eventually("all end") { stage.left.count == 10 && lane.running == 0 }
    #expect(stage.most == 3)
    #expect(Set(stage.came.prefix(3)) == ["1", "2", "3"])
  }

  @Test func `a call that hangs is given up at its deadline, told once, and its place is free`() async throws {
    let lane = lane(width: 1)
    lane.submit([job("hung", listens: false)])
    lane.submit([job("next")])
    try await eventually("it begins") { stage.onStage == ["hung"] }
    lane.sweep(.now)
    #expect(givenUp.withLock { $0 } == [])
    lane.sweep(later)
    #expect(givenUp.withLock { $0 } == ["hung"])
    try await eventually("the next one begins") { stage.came == ["hung", "next"] }
    lane.sweep(.now)
    #expect(givenUp.withLock { $0 } == ["hung"])
    stage.open()
    try await eventually("both end") { stage.left.count == 2 && lane.running == 0 }
    #expect(givenUp.withLock { $0 } == ["hung"])
  }

  @Test func `who waits too long behind calls that hang is told, where there is a limit to it`() async throws {
    let lane = lane(width: 1)
    lane.submit([job("hung")])
    lane.submit([job("patient")])
    lane.submit([job("impatient", patience: .seconds(5))])
    try await eventually("it begins") { stage.onStage == ["hung"] }
    lane.sweep(.now + .seconds(60))
    #expect(givenUp.withLock { $0 } == ["impatient"])
    stage.open()
    try await eventually("the others end") { lane.running == 0 && stage.left.count == 2 }
    #expect(stage.came == ["hung", "patient"])
  }

  // MARK: Wishes

  @Test func `a newer wish cancels the call under way, and begins when that has ended, itself not cancelled`()
    async throws
  {
    let wasCancelled = Mutex<Bool?>(nil)
    let lane = lane(width: 1) { call in
      if call.name == "0" { wasCancelled.withLock { $0 = Task.isCancelled } }
    }
    lane.replace(with: job("25"))
    try await eventually("it begins") { stage.onStage == ["25"] }
    lane.replace(with: job("0"))
    try await eventually("the wish begins") { stage.onStage == ["0"] }
    #expect(wasCancelled.withLock { $0 } == false)
    #expect(stage.overlaps == [])
    stage.open()
    try await eventually("it ends") { lane.running == 0 }
    #expect(stage.left == ["25", "0"])
  }

  @Test func `wishes that were still waiting are dropped, and their askers told`() async throws {
    let lane = lane(width: 1)
    lane.replace(with: job("5", listens: false))
    try await eventually("it begins") { stage.onStage == ["5"] }
    lane.replace(with: job("25"))
    lane.replace(with: job("50"))
    #expect(givenUp.withLock { $0 } == ["25"])
    stage.open()
    try await eventually("all end") { lane.running == 0 && stage.left.count == 2 }
    #expect(stage.came == ["5", "50"])
    #expect(stage.overlaps == [])
  }

  @Test func `a call that ignores its cancellation is not overtaken before it is given up`() async throws {
    let lane = lane(width: 1)
    lane.replace(with: job("25", listens: false))
    try await eventually("it begins") { stage.onStage == ["25"] }
    let before = ContinuousClock.now
    lane.replace(with: job("0"))
    lane.sweep(before + .seconds(4))
    for _ in 0..<1000 { await Task.yield() }
    #expect(stage.came == ["25"])
    // Cancelled, it gets a few seconds, not all of its deadline: a rollback waits behind it.
    lane.sweep(.now + .seconds(6))
    #expect(givenUp.withLock { $0 } == ["25"])
    try await eventually("the wish goes ahead") { stage.came == ["25", "0"] }
    stage.open()
    try await eventually("all end") { stage.onStage.isEmpty && lane.running == 0 }
  }

  @Test func `when a call that was given up returns at last, the newest wish is done once more`() async throws {
    let lane = lane(width: 1)
    lane.replace(with: job("25", listens: false))
    try await eventually("it begins") { stage.onStage == ["25"] }
    lane.sweep(later)
    lane.replace(with: job("0"))
    stage.release("0")
    try await eventually("the wish is done") { stage.left == ["0"] && lane.running == 0 }
    stage.release("25")
    try await eventually("and again") { stage.left == ["0", "25", "0"] && lane.running == 0 }
    #expect(givenUp.withLock { $0 } == ["25"])
  }

  @Test func `a wish that was itself given up and comes true late is not done again`() async throws {
    let lane = lane(width: 1)
    lane.replace(with: job("25", listens: false))
    try await eventually("it begins") { stage.onStage == ["25"] }
    lane.sweep(later)
    stage.open()
    try await eventually("it ends") { stage.left == ["25"] }
    for _ in 0..<1000 { await Task.yield() }
    #expect(stage.came == ["25"])
  }

  @Test func `wishes of one aim do not end each other, one of another aim ends them all`() async throws {
    let lane = lane(width: 1)
    lane.replace(with: job("up 1"), aim: "up")
    lane.replace(with: job("up 2"), aim: "up")
    try await eventually("it begins") { stage.onStage == ["up 1"] }
    stage.release("up 1")
    try await eventually("the next one begins") { stage.onStage == ["up 2"] }
    lane.replace(with: job("down"), aim: "down")
    stage.release("down")
    try await eventually("all end") { lane.running == 0 && stage.left.count == 3 }
    #expect(stage.left == ["up 1", "up 2", "down"])
    #expect(stage.overlaps == [])
  }

  @Test func `a look is not taken while anything is under way or waiting`() async throws {
    let lane = lane(width: 1)
    lane.replace(with: job("25"))
    lane.submitIfIdle(job("look"))
    stage.open()
    try await eventually("it ends") { lane.running == 0 }
    lane.submitIfIdle(job("second look"))
    try await eventually("it ends") { lane.running == 0 }
    #expect(stage.came == ["25", "second look"])
  }

  @Test func `closing ends what runs, forgets what waits, and takes nothing more`() async throws {
    let lane = lane(width: 2)
    for number in 1...5 { lane.replace(with: job("\(number)"), aim: "same") }
    try await eventually("two begin") { stage.onStage.count == 2 }
    lane.close()
    lane.submit([job("late")])
    try await eventually("they end") { stage.onStage.isEmpty && lane.running == 0 }
    for _ in 0..<1000 { await Task.yield() }
    #expect(Set(stage.came) == ["1", "2"])
    #expect(givenUp.withLock { $0 } == [])
  }

  @Test func `wishes from many threads at once never overlap, and the last one asked is the last one done`()
    async throws
  {
    let lane = lane(width: 1)
    stage.open()
    for round in 1...50 {
      await withTaskGroup(of: Void.self) { group in
        for number in 1...8 { group.addTask { [self] in lane.replace(with: job("\(round)-\(number)")) } }
      }
      lane.replace(with: job("\(round) last"))
      try await eventually("it is done") { stage.left.last == "\(round) last" && lane.running == 0 }
    }
    #expect(stage.overlaps == [])
  }
}
