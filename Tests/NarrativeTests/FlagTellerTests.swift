import Engine
import Flags
import Narrative
import PipelineModel
import Testing

/// What is told of entries about flags.
@Suite struct FlagTellerTests {
  private static let name = FlagName(environment: "production", key: "new-checkout")
  private static let step = FlagStep(run: RunID(41), effect: EffectID(3), variant: "on", weight: 12_500)

  private func told(_ fact: FlagFact, reason: String? = nil) -> String? {
    FlagTeller.sentence(
      of: Entry(
        time: Timestamp(milliseconds: 0), run: nil, actor: .person("ada"), origin: "cli", reason: reason,
        fact: .flag(fact)))?.text
  }

  private func revision(_ change: FlagChange) -> FlagRevision {
    FlagRevision(name: Self.name, number: 2, change: change, definition: "{}")
  }

  private func proposal(_ state: FlagProposal.State) -> FlagProposal {
    FlagProposal(
      id: 7, revision: revision(.turnedOn), requester: .person("ada"),
      requestedAt: Timestamp(milliseconds: 0), expires: Timestamp(milliseconds: 3_600_000), approvalsNeeded: 2,
      state: state)
  }

  @Test func `changes, proposals and refusals are told in sentences`() {
    #expect(
      told(.revised(revision(.killed)), reason: "INC-7")
        == "new-checkout in production was killed by ada (reason: INC-7): revision 2")
    #expect(
      told(.revised(revision(.stepped(Self.step))))
        == "new-checkout in production was set to 12.5% of on by run 41: revision 2")
    #expect(
      told(.proposal(proposal(.open)))
        == "proposal 7, new-checkout in production to be turned on: asked for by ada, needs 2 approvals by "
        + "1970-01-01T01:00:00.000Z")
    #expect(
      told(.proposal(proposal(.void(because: "it changed"))))
        == "proposal 7, new-checkout in production to be turned on: void: it changed")
    #expect(
      told(.proposal(proposal(.void(because: "it changed"))), reason: "why ada approved another")
        == "proposal 7, new-checkout in production to be turned on: void: it changed")
    #expect(
      told(.refused(.wish(FlagWish(Self.name, .revert(to: 1))), because: "no"))
        == "ada asked to revert new-checkout in production to revision 1, which was refused: no")
    #expect(
      told(.stepRefused(Self.name, Self.step, because: "it is latched"))
        == "run 41 could not give on to 12.5% in new-checkout in production: it is latched")
    #expect(FlagTeller.sentence(of: Entry(time: Timestamp(milliseconds: 0), run: nil, fact: .timePassed)) == nil)
  }

  @Test func `what waited for others is told of by who asked for it, whoever's act it followed`() {
    var revision = revision(.turnedOn)
    revision.asked = .init(7, by: .person("dan"), reason: "nightly")
    revision.contract.approvals = [.init(by: .person("ada"), at: Timestamp(milliseconds: 0), proposal: "sha256:…")]
    #expect(
      told(.revised(revision), reason: "looks right")
        == "new-checkout in production was turned on by dan, approved by ada (reason: nightly): revision 2 of proposal 7"
    )
    #expect(
      told(.proposal(proposal(.applied)), reason: "looks right")
        == "proposal 7, new-checkout in production to be turned on: asked for by ada, happened (reason: looks right)")
    #expect(
      told(.proposal(proposal(.held(by: 3))))
        == "proposal 7, new-checkout in production to be turned on: asked for by ada, held by freeze 3")
  }

  @Test(arguments: [(0, "0%"), (1, "0.001%"), (100, "0.1%"), (12_340, "12.34%"), (100_000, "100%")])
  func `shares are told as people write them`(_ weight: Int, _ text: String) {
    #expect(FlagStep(run: RunID(1), effect: EffectID(1), variant: "on", weight: weight).share == text)
  }
}
