import Controller
import Engine
import Flags
import Foundation
import GRDB
import PipelineModel
import Testing

@testable import SQLiteStore

// What the journal says of flags can be looked up, at any instant, and tables that say otherwise are found.

@Suite struct FlagStoreTests {
  private let folder: Folder
  private let names = ["a", "b"].map { FlagName(environment: "staging", key: $0) }
  private let noon = Timestamp(milliseconds: 1_795_266_300_000)

  /// Six entries, a minute apart: a made, b made, a changed twice, a proposal, its end.
  init() throws {
    folder = try Folder()
    let store = try Store.openForDriving(folder.store)
    defer { store.close() }
    let first = revision(names[0], 1, .created)
    let second = first.next(.turnedOn) { $0.definition = "{\"state\":\"ENABLED\"}" }
    var proposal = FlagProposal(
      id: 1, revision: second.next(.changed), requester: .person("ada"), requestedAt: noon,
      expires: noon + .hours(24), approvalsNeeded: 1)
    var facts: [FlagFact] = [
      .revised(first), .revised(revision(names[1], 1, .created)), .revised(second), .revised(second.next(.killed)),
      .proposal(proposal),
    ]
    proposal.state = .rejected(by: .person("bob"))
    facts.append(.proposal(proposal))
    for (index, fact) in facts.enumerated() {
      let sequence = store.head.sequence + Int64(index) + 1
      let entry = Entry(
        sequence: sequence, time: noon + .minutes(Int64(index)), run: nil, actor: .person("ada"), origin: "test",
        fact: .flag(fact))
      try store.append(Batch(entries: [entry]))
    }
  }

  private func revision(_ name: FlagName, _ number: Int64, _ change: FlagChange) -> FlagRevision {
    FlagRevision(name: name, number: number, change: change, definition: "{}")
  }

  @Test func `a flag is found as it is, and as it was at any instant`() throws {
    let store = try Store.openForReading(folder.store)
    #expect(try store.flags(environment: "staging").map(\.revision.number) == [3, 1])
    #expect(try store.flags(environment: "production") == [])
    #expect(try store.flag(names[0])?.revision.change == .killed)
    #expect(try store.flag(names[0], at: noon)?.revision.number == 1)
    #expect(try store.flag(names[0], at: noon + .minutes(2))?.revision.number == 2)
    #expect(try store.flag(names[0], at: noon + .milliseconds(179_999))?.revision.number == 2)
    #expect(try store.flag(names[0], at: Timestamp(milliseconds: 0)) == nil)
    #expect(try store.flag(names[0], revision: 2)?.revision.definition == "{\"state\":\"ENABLED\"}")
    #expect(try store.history(of: names[0]).revisions.map(\.sequence) == [1, 3, 4])
    #expect(try store.flagsChanged(since: 2).map(\.revision.name) == [names[0]])
    #expect(try store.proposals() == [])
    #expect(try store.proposals(all: true).map(\.state) == [.rejected(by: .person("bob"))])
  }

  @Test func `a ledger comes back as it was`() throws {
    let store = try Store.openForDriving(folder.store)
    defer { store.close() }
    var ledger = FlagLedger()
    for sequence in 1...store.head.sequence {
      if case .flag(let fact)? = try store.entry(sequence)?.fact { ledger.fold(fact) }
    }
    #expect(try FlagLedger(store.flags()) == ledger)
    #expect(try store.flag(names[0], revision: 2)?.revision.number == 2)
    #expect(try store.flag(names[0], revision: 9) == nil)
  }

  @Test func `a request for a change of flags comes back as it was made`() throws {
    let asking = try Store.openForAsking(folder.store)
    let act = FlagAct.wish(
      FlagWish(names[0], .set(FlagDraft(definition: "{\n}", contract: FlagContract(owner: "é\""))), ifRevision: 3))
    let number = try asking.make(
      Request(time: noon, actor: .person("ada"), origin: "test", reason: nil, ask: .flag(act)))
    let store = try Store.openForDriving(folder.store)
    defer { store.close() }
    #expect(try store.requests().map(\.ask) == [.flag(act)])
    try store.append(Batch(answers: [.init(request: number, run: nil, refusal: nil, entry: 4, firstEntry: 3)]))
    #expect(try asking.answer(to: number)?.firstEntry == 3)
  }

  @Test(arguments: [
    ("UPDATE flags SET seq = 1 WHERE key = 'a'", "it is not what entry 4 says"),
    ("UPDATE flags SET number = 9 WHERE key = 'a'", "it is not what entry 4 says"),
    ("DELETE FROM flags WHERE key = 'b'", "it is missing there"),
    ("INSERT INTO flags VALUES ('staging', 'c', 1, 1)", "the journal says nothing of it"),
    ("UPDATE flag_proposals SET pending = 1", "it is not what entry 6 says"),
    ("UPDATE flag_proposals SET seq = 5", "it is not what entry 6 says"),
    ("DELETE FROM flag_proposals", "it is missing there"),
    ("UPDATE flag_revisions SET time = time + 1 WHERE number = 2", "it is not what the entry it names says"),
    ("UPDATE flag_revisions SET seq = 3 WHERE number = 3", "it is not what the entry it names says"),
    (
      "DELETE FROM flag_revisions WHERE number = 2",
      "of the entries in the store it lists 3 revisions, and the journal has others"
    ),
  ])
  func `tables of flags that were edited are found`(_ sql: String, _ what: String) throws {
    #expect(try Audit.verify(folder.store).finding == nil)
    try DatabaseQueue(path: folder.store).write { try $0.execute(sql: sql) }
    guard case .flags(_, let found)? = try Audit.verify(folder.store).finding?.kind else {
      Issue.record("\(sql) was not found")
      return
    }
    #expect(found == what)
  }
}
