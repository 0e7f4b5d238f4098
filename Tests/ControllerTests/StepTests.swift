import Engine
import PipelineModel
import PluginKit
import TestSupport
import Testing

@testable import Controller

// A stage of one's own: it is started with what the pipeline says, asked after until it has ended, cancelled when its
// time is over or nobody awaits it, and what it said last comes back.

@Suite struct StepTests {
  private let inbox = Inbox()
  private let start: Start

  init() {
    start = Start(
      pipeline: "canary", target: Pipeline.canary().target, version: "v2", stable: "v1",
      parameters: [.init(name: "suite", value: "fast"), .init(name: "version", value: "v2")], slots: [.green])
  }

  private func dispatcher(_ runner: FakeStepRunner) -> Dispatcher {
    let backends = Backends(runners: ["qa": runner], checks: FakeChecks())
    let zero = Timestamp(milliseconds: 0)
    return Dispatcher(backends: backends, inbox: inbox, clock: Clock(wall: zero, notBefore: zero, speed: 1e6))
  }

  private static let usual = [
    StepArgument(name: "suite", value: .text(Template(parts: [.variable("suite"), .text("-"), .variable("version")]))),
    StepArgument(name: "users", value: .text(Template(text: "25"))),
    StepArgument(name: "pause", value: .text(Template(text: "1m30s"))),
    StepArgument(name: "paths", value: .list([.text(Template(text: "/")), .text(Template(text: "/cart"))])),
  ]

  /// The clock runs a million times as fast as ours, so what is to go on gets years.
  ///
  /// - Parameter tried: how long ago it was first to be begun.
  private func order(
    _ work: Effect.Work = .step(stage: 1), id: Int = 8, step: String = "smoke", with: [StepArgument] = usual,
    timeout: Interval = .hours(80_000), tried: Interval = .zero
  ) -> WorkOrder {
    var pipeline = Pipeline.canary()
    let call = StepCall(step: StepName(runner: "qa", step: step), with: with, timeout: timeout)
    pipeline.stages.append(Stage(name: "smoke tests", work: .step(call)))
    var effect = Effect(id: EffectID(id), work: work, notBefore: Timestamp(milliseconds: -tried.milliseconds))
    effect.notBefore = Timestamp(milliseconds: 0)
    return WorkOrder(
      Commission(run: RunID(4), plan: Plan(pipeline), start: start, store: "store"), effect, weight: .percent(25),
      interval: .minutes(1))
  }

  private func fact() async throws -> Fact {
    var came: [Inbound] = []
    try await eventually("an answer comes") {
      var more: [Inbound] = []
      if inbox.take(into: &more, patience: .zero) { came += more }
      return !came.isEmpty
    }
    guard case .fact(_, let fact)? = came.first else { throw Failure(.transient, "no fact") }
    return fact
  }

  @Test func `a step is given what its schema says of what the pipeline says, and the values of the run`()
    async throws
  {
    let runner = FakeStepRunner(.running(output: ""), .running(output: ""), .ended(.passed, output: "12 requests"))
    dispatcher(runner).perform([order()])
    #expect(try await fact() == .performed(EffectID(8), .passed, output: "12 requests"))
    let request = try #require(runner.started.first)
    #expect(request.key == "store-4-8")
    #expect(request.stage == "smoke tests")
    #expect(
      request.with.values == [
        "suite": .text("fast-v2"), "users": .number(25), "pause": .duration(.seconds(90)),
        "paths": .list([.text("/"), .text("/cart")]),
      ])
    #expect(request.values["stable"] == "v1")
    #expect(request.values["suite"] == "fast")
    #expect(runner.cancelled == [])
  }

  @Test(arguments: [StepEnd.failed, .inconclusive])
  func `a step that did not pass says so`(end: StepEnd) async throws {
    dispatcher(FakeStepRunner(.ended(end, output: "3 of 12 failed"))).perform([order()])
    #expect(try await fact() == .performed(EffectID(8), end, output: "3 of 12 failed"))
  }

  @Test func `a step that is lost has failed, and one that never began is begun again`() async throws {
    dispatcher(FakeStepRunner(.lost(output: "half"))).perform([order()])
    guard case .performed(EffectID(8), .failed, let output) = try await fact() else {
      Issue.record("not a failed step")
      return
    }
    #expect(output.hasPrefix("half"))
    dispatcher(FakeStepRunner(nil)).perform([order()])
    #expect(try await fact() == .failed(EffectID(8), Failure(.transient, "qa/smoke was never begun")))
  }

  @Test func `a step without an end is cancelled when its time is over`() async throws {
    let runner = FakeStepRunner()
    dispatcher(runner).perform([order(timeout: .seconds(1))])
    #expect(
      try await fact() == .performed(EffectID(8), .failed, output: "at it\n(no end within 1s: cancelled)"))
    #expect(runner.cancelled == ["store-4-8"])
  }

  @Test func `a step that cannot be cancelled when its time is over is not said to be`() async throws {
    dispatcher(FakeStepRunner(deafTo: .max)).perform([order(timeout: .seconds(1))])
    #expect(
      try await fact()
        == .failed(
          EffectID(8),
          Failure(
            .misconfigured,
            "it had no end within 1s, and could not be cancelled, so it may go on: connection refused")))
  }

  @Test func `another try of a step has the time that is left of its first one`() async throws {
    let runner = FakeStepRunner()
    dispatcher(runner).perform([order(timeout: .hours(1), tried: .hours(2))])
    #expect(
      try await fact() == .performed(EffectID(8), .failed, output: "at it\n(no end within 1h: cancelled)"))
    #expect(runner.cancelled == ["store-4-8"])
    #expect(runner.started == [])
  }

  @Test func `what was never begun is not begun when its time is over`() async throws {
    let runner = FakeStepRunner(nil)
    dispatcher(runner).perform([order(timeout: .hours(1), tried: .hours(2))])
    #expect(try await fact() == .performed(EffectID(8), .failed, output: "(it was not begun within 1h)"))
    #expect(runner.started == [])
  }

  @Test func `a step that ended while nobody could ask is what it ended as, also when its time is over`() async throws {
    dispatcher(FakeStepRunner(.ended(.passed, output: "ok"))).perform([order(timeout: .hours(1), tried: .hours(9))])
    #expect(try await fact() == .performed(EffectID(8), .passed, output: "ok"))
  }

  @Test func `a step whose poll fails in passing when its time is over is given up by its timeout`() async throws {
    let runner = FakeStepRunner(failing: Failure(.transient, "connection refused"))
    dispatcher(runner).perform([order(timeout: .milliseconds(1))])
    #expect(
      try await fact()
        == .performed(EffectID(8), .failed, output: "connection refused\n(no end within 1ms: cancelled)"))
    #expect(runner.cancelled == ["store-4-8"])
  }

  @Test func `a runner that asks to be left alone is not asked before`() async throws {
    let runner = FakeStepRunner(failing: Failure(.transient, "429", retryAfter: .hours(24)))
    dispatcher(runner).perform([order(timeout: .hours(24 * 5))])
    #expect(
      try await fact()
        == .performed(EffectID(8), .failed, output: "429\n(no end within \(Interval.hours(24 * 5)): cancelled)"))
    // Once at the beginning, at most once after each of the five days; pauses of five seconds would be 86 000.
    #expect(runner.polls <= 6)
  }

  @Test func `a runner that does not answer for long is asked until it has ended a step, while the controller runs`()
    async throws
  {
    let runner = FakeStepRunner(deafTo: 100)
    let dispatcher = dispatcher(runner)
    dispatcher.perform([order(.cancelStep(EffectID(8), stage: 1))])
    try await eventually("it is cancelled") { runner.cancelled == ["store-4-8"] }
    dispatcher.awaitEndings(for: .seconds(60))
    #expect(dispatcher.endings.allSatisfy { $0.running == 0 })
    dispatcher.close()
  }

  @Test func `a runner that does not answer is asked again to end a step`() async throws {
    let runner = FakeStepRunner(left: ["store-3-1"], deafTo: 3)
    let dispatcher = dispatcher(runner)
    dispatcher.perform([order(.cancelStep(EffectID(8), stage: 1))])
    try await eventually("it is cancelled") { runner.cancelled == ["store-4-8"] }
    dispatcher.close()
    let other = FakeStepRunner(left: ["store-3-1"], deafTo: 4)
    let later = self.dispatcher(other)
    later.forgetStrays { _ in true }
    try await eventually("the stray one is ended") { other.cancelled == ["store-3-1"] }
    later.close()
  }

  @Test func `pauses grow to five seconds, and never go beyond the end`() {
    var pace = PollPace()
    let pauses = (1...6).map { _ in pace.next(left: .hours(1)) }
    #expect(pauses == [0.5, 1, 2, 4, 5, 5].map { .milliseconds(Int64($0 * 1000)) })
    #expect(pace.next(left: .milliseconds(300)) == .milliseconds(300))
  }

  @Test func `a step that is given up while it is being started is ended all the same`() async throws {
    let runner = FakeStepRunner(isHeldUp: true)
    let dispatcher = dispatcher(runner)
    dispatcher.perform([order()])
    try await eventually("it is being started") { runner.stage.onStage.count == 1 }
    dispatcher.perform([order(.cancelStep(EffectID(8), stage: 1))])
    try await eventually("it is cancelled, too early") { runner.cancelled == ["store-4-8"] }
    runner.stage.open()
    try await eventually("it is cancelled again") { runner.cancelled.count >= 2 }
    dispatcher.close()
  }

  @Test(arguments: [
    ("smoke", [StepArgument(name: "suit", value: .text(Template(text: "a")))], "unknown setting"),
    ("smoke", [], "`suite` is missing"),
    ("smoke", [StepArgument(name: "suite", value: .list([]))], "text is wanted, not a list"),
    ("smok", usual, "no step \"smok\""),
  ])
  func `what the runner does not take is a refusal before anything begins`(
    step: String, with: [StepArgument], words: String
  ) async throws {
    let runner = FakeStepRunner()
    dispatcher(runner).perform([order(step: step, with: with)])
    guard case .failed(EffectID(8), let failure) = try await fact() else {
      Issue.record("not a failure")
      return
    }
    #expect(failure.kind != .transient)
    #expect(failure.message.contains(words), "\(failure.message)")
    #expect(runner.started == [])
  }

  @Test func `steps that nobody awaits are ended, and no others`() async throws {
    let runner = FakeStepRunner(left: ["store-4-8", "store-3-1", "other-1-1"])
    let dispatcher = dispatcher(runner)
    dispatcher.forgetStrays { $0 == "store-3-1" }
    try await eventually("the stray one is ended") { runner.cancelled == ["store-3-1"] }
    dispatcher.close()
  }
}
