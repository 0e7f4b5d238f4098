import Engine
import PipelineModel
import Testing

// What may be reported of incidents is decided by what was reported before, and a fold of the facts gives the same log.

@Suite struct IncidentTests {
  private let now = Timestamp(milliseconds: 1_795_266_300_000)

  private func report(_ title: String = "checkout answers 500", since: Timestamp? = nil) -> IncidentAct {
    .open(IncidentReport(title: title, services: ["web", "api", "web"], severity: .critical, since: since))
  }

  private func log(opened count: Int) throws -> IncidentLog {
    var log = IncidentLog()
    for _ in 0..<count { log.apply(try log.decide(report(), now: now)) }
    return log
  }

  @Test func `incidents are numbered from 1, and name each service once, in order`() throws {
    let log = try log(opened: 2)
    #expect(log.last == 2)
    #expect(log.open[1]?.services == ["api", "web"])
    #expect(log.open[2]?.since == now)
  }

  @Test func `an incident is closed once, with what it was, and its number is not given again`() throws {
    var log = try log(opened: 1)
    let incident = try #require(log.open[1])
    let closed = try log.decide(.close(1, at: nil), now: now + .minutes(5))
    #expect(closed == .closed(incident, at: now + .minutes(5)))
    log.apply(closed)
    #expect(log.open.isEmpty)
    #expect(throws: Refusal("incident 1 is closed already")) { try log.decide(.close(1, at: nil), now: now) }
    #expect(try log.decide(report(), now: now).services == ["api", "web"])
    log.apply(try log.decide(report(), now: now))
    #expect(log.open.keys.sorted() == [2])
  }

  @Test func `a log made of what is open goes on as the one it was made of`() throws {
    let before = try log(opened: 3)
    let after = IncidentLog(last: before.last, open: Array(before.open.values))
    #expect(after == before)
    #expect(try after.decide(report(), now: now) == before.decide(report(), now: now))
  }

  @Test(arguments: [
    ("", "an incident needs a title that says what is wrong"),
    (" \n", "an incident needs a title that says what is wrong"),
    ("a\nb", "a title is one line of at most 200 characters; the rest belongs in --reason"),
    (String(repeating: "x", count: 201), "a title is one line of at most 200 characters; the rest belongs in --reason"),
  ])
  func `a title that nobody could read is refused`(title: String, message: String) {
    #expect(throws: Refusal(message)) { try IncidentLog().decide(report(title), now: now) }
  }

  @Test func `what has not come yet cannot be reported, and nothing is over before it began`() throws {
    let later = now + .minutes(1)
    let notYet = Refusal("\(later.rfc3339) has not come yet: it is \(now.rfc3339) now")
    let log = try log(opened: 1)
    #expect(throws: notYet) { try log.decide(report(since: later), now: now) }
    #expect(throws: notYet) { try log.decide(.close(1, at: later), now: now) }
    let early = Timestamp(milliseconds: now.milliseconds - 1)
    #expect(throws: Refusal.self) { try log.decide(.close(1, at: early), now: now) }
    #expect(throws: Refusal("there is no incident 9; `headgate incident list` shows those there are")) {
      try log.decide(.close(9, at: nil), now: now)
    }
  }

  @Test func `a refusal is a fact that changes nothing`() throws {
    var log = try log(opened: 1)
    let before = log
    log.apply(.refused(.close(9, at: nil), because: "there is none"))
    #expect(log == before)
  }
}
