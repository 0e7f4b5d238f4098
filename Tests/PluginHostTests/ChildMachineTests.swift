import PipelineModel
import Testing

@testable import PluginHost

/// The machine of a child process: state in, actions out; no process, no time.
@Suite struct ChildMachineTests {
  private let now = ContinuousClock.now

  private func machine(calls: Int = 2) -> ChildMachine {
    ChildMachine(name: "p", limits: PluginLimits(calls: calls))
  }

  private func ready(_ calls: Int...) -> ChildMachine {
    var machine = machine()
    for call in calls { _ = machine.called(call, at: now) }
    _ = machine.greeted(in: 1)
    return machine
  }

  private let died = Failure(.transient, "p ended with 1")

  @Test func `the first call begins a life, and calls wait until it has greeted`() {
    var machine = machine()
    #expect(machine.called(1, at: now).begin == 1)
    #expect(machine.called(2, at: now) == ChildMachine.Action())
    #expect(machine.called(3, at: now) == ChildMachine.Action())
    #expect(machine.greeted(in: 1).send == [1, 2])
    // The third waits for one of the others.
    let action = machine.answered(2, in: 1)
    #expect(action.deliver == 2)
    #expect(action.send == [3])
  }

  @Test func `an answer is delivered once; a second one, and one for nobody, are rubbish`() {
    var machine = ready(1)
    #expect(machine.answered(1, in: 1).deliver == 1)
    for stray in [1, 99] {
      let action = machine.answered(stray, in: 1)
      #expect(action.isUnasked && action.deliver == nil)
    }
    for _ in 2..<ChildMachine.mostRubbish - 1 { #expect(!machine.rubbish("x", in: 1).isFatal) }
    #expect(machine.rubbish("x", in: 1).isFatal)
  }

  @Test func `a good answer makes up for rubbish`() {
    var machine = ready(1)
    for _ in 1..<ChildMachine.mostRubbish { #expect(!machine.rubbish("x", in: 1).isFatal) }
    _ = machine.answered(1, in: 1)
    #expect(!machine.rubbish("x", in: 1).isFatal)
  }

  @Test func `rubbish before the greeting ends it at once`() {
    var machine = machine()
    _ = machine.called(1, at: now)
    #expect(machine.rubbish("x", in: 1).isFatal)
    let action = machine.ended(died, in: 1, at: now)
    #expect(action.fail == [1])
    #expect(action.failure == Failure(.misconfigured, "p wrote x before it answered initialize"))
  }

  @Test func `a call that was given up is cancelled, and its late answer dropped`() {
    var machine = ready(1, 2)
    _ = machine.called(3, at: now)
    #expect(machine.gaveUp(1).cancel == 1)
    let action = machine.answered(1, in: 1)
    #expect(action.deliver == nil)
    #expect(action.send == [3])
    #expect(machine.graceOver(1, in: 1) == ChildMachine.Action())
  }

  @Test func `a call given up while it waits is never sent`() {
    var machine = ready(1, 2)
    _ = machine.called(3, at: now)
    #expect(machine.gaveUp(3) == ChildMachine.Action())
    #expect(machine.answered(1, in: 1).send == [])
    var starting = self.machine()
    _ = starting.called(1, at: now)
    _ = starting.gaveUp(1)
    #expect(starting.greeted(in: 1).send == [])
  }

  @Test func `without an answer to its cancellation the process is ended, and others fail with that reason`() {
    var machine = ready(1, 2)
    _ = machine.gaveUp(1)
    #expect(machine.graceOver(1, in: 1).isFatal)
    #expect(machine.called(3, at: now).fail == [3])
    let action = machine.ended(Failure(.transient, "p was ended by signal 9"), in: 1, at: now)
    #expect(action.fail == [2])
    #expect(action.failure?.message == "p answered neither a call nor its cancellation")
  }

  @Test func `calls under way fail with the process, and the next call begins another`() {
    var machine = ready(1, 2)
    _ = machine.called(3, at: now)
    #expect(machine.ended(died, in: 1, at: now).fail == [1, 2, 3])
    #expect(machine.called(4, at: now).begin == 2)
    // What the old process still says is nobody's.
    #expect(machine.greeted(in: 1) == ChildMachine.Action())
    #expect(machine.answered(4, in: 1) == ChildMachine.Action())
    #expect(machine.ended(died, in: 1, at: now) == ChildMachine.Action())
    #expect(machine.greeted(in: 2).send == [4])
  }

  @Test func `the rest grows from nothing to a minute, and an answer ends it`() {
    var machine = machine()
    var moment = now
    var rests: [Int] = []
    for call in 1...10 {
      var rest = 0
      while machine.called(call, at: moment).begin == nil {
        moment += .seconds(1)
        rest += 1
      }
      rests.append(rest)
      _ = machine.ended(died, in: machine.life, at: moment)
    }
    #expect(rests == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60])
    let refusal = machine.called(11, at: moment)
    #expect(refusal.failure?.message == "p ended with 1; it is started again in 60 s at the earliest")
    _ = machine.called(12, at: moment + .seconds(60))
    _ = machine.greeted(in: machine.life)
    _ = machine.answered(12, in: machine.life)
    _ = machine.ended(died, in: machine.life, at: moment)
    #expect(machine.called(13, at: moment).begin != nil)
  }

  @Test func `a refused start fails those who wait, and keeps its kind while it rests`() {
    var machine = machine()
    let refused = Failure(.misconfigured, "no such cluster")
    _ = machine.called(1, at: now)
    #expect(machine.refused(refused, in: 1).isFatal)
    #expect(machine.ended(died, in: 1, at: now).failure == refused)
    _ = machine.called(2, at: now)
    _ = machine.refused(refused, in: 2)
    _ = machine.ended(died, in: 2, at: now)
    #expect(machine.called(3, at: now).failure?.kind == .misconfigured)
  }

  @Test func `an idle process is retired, a busy one is not, and the next call begins another`() {
    var machine = ready(1, 2)
    _ = machine.answered(1, in: 1)
    #expect(!machine.retire().isFatal)
    _ = machine.answered(2, in: 1)
    #expect(machine.retire().isFatal)
    #expect(machine.ended(died, in: 1, at: now).fail == [])
    #expect(machine.called(3, at: now).begin == 2)
  }

  @Test func `when closed it stays closed`() {
    var machine = ready(1, 2)
    _ = machine.called(3, at: now)
    #expect(machine.close().fail == [1, 2, 3])
    #expect(machine.called(4, at: now).fail == [4])
    #expect(machine.answered(1, in: 1) == ChildMachine.Action())
    #expect(machine.ended(died, in: 1, at: now) == ChildMachine.Action())
    #expect(machine.called(5, at: now).begin == nil)
  }

  /// Whatever happens in whatever order: a call is delivered or failed at most once, and only what was asked is sent.
  @Test(arguments: 0..<200) func `no order of events loses a call or answers it twice`(seed: Int) {
    var random = Walk(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
    var machine = machine(calls: 1 + seed % 3)
    var (open, sent, moment) = (Set<Int>(), Set<Int>(), now)
    func note(_ action: ChildMachine.Action) {
      for call in action.send { #expect(open.contains(call) && sent.insert(call).inserted) }
      if let call = action.deliver { #expect(sent.contains(call) && open.remove(call) != nil) }
      for call in action.fail { #expect(open.remove(call) != nil) }
    }
    for call in 1...300 {
      let life = machine.life - (random.next(8) == 0 ? 1 : 0)
      let any = 1 + random.next(call)
      switch random.next(9) {
      case 0, 1, 2:
        open.insert(call)
        note(machine.called(call, at: moment))
      case 3: note(machine.answered(any, in: life))
      case 4:
        open.remove(any)
        note(machine.gaveUp(any))
      case 5: note(random.next(4) == 0 ? machine.graceOver(any, in: life) : machine.greeted(in: life))
      case 6: note(random.next(4) == 0 ? machine.refused(died, in: life) : machine.greeted(in: life))
      case 7: note(machine.rubbish("x", in: life))
      default: note(random.next(3) == 0 ? machine.ended(died, in: life, at: moment) : machine.greeted(in: life))
      }
      moment += .seconds(random.next(3))
    }
    note(machine.ended(died, in: machine.life, at: moment))
    note(machine.close())
    #expect(open.isEmpty)
  }

  private struct Walk {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
  }
}
