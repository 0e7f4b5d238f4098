import Flags
import PipelineModel
import Testing

/// The envelope around a definition.
struct DocumentTests {
  private static let hash = "sha256:" + String(repeating: "0f", count: 32)

  private static func text(contract: String, fractional: String = "\"v3\"") -> String {
    """
    {"environment": "production", "fractional": \(fractional),
     "contracts": {"new-checkout": \(contract)},
     "definition": {"flags": {"new-checkout": {"state": "ENABLED", "variants": {"on": true, "off": false}}}}}
    """
  }

  @Test func `what was agreed is read beside the definition`() throws {
    let reading = FlagDocument.read(
      Array(
        Self.text(
          contract: """
            {"owner": "checkout", "purpose": "The new checkout", "expires": "2027-01-31T00:00:00.000Z", "endState": "on",
             "services": ["checkout", "cart"], "revision": 7, "rollout": 41,
             "approvals": [{"by": "person:ada", "at": "2026-11-21T13:05:00.123Z", "proposal": "\(Self.hash)"}]}
            """
        ).utf8))
    #expect(reading.problems == [])
    let document = try #require(reading.document)
    #expect(document.environment == "production")
    #expect(document.flags.generation == .v3)
    let contract = try #require(document.contracts["new-checkout"])
    #expect(contract.owner == "checkout")
    #expect(contract.services == ["checkout", "cart"])
    #expect(contract.revision == 7)
    #expect(contract.rollout == RunID(41))
    #expect(contract.approvals.map(\.by) == [.person("ada")])
    let expiry = try #require(contract.expires)
    #expect(!contract.isOverdue(at: Timestamp(milliseconds: expiry.milliseconds - 1)))
    #expect(contract.isOverdue(at: expiry))
  }

  @Test(arguments: [
    (#"{"owner": 1}"#, "`owner` is a text"), (#"{"expires": "tomorrow"}"#, "`expires` is an instant"),
    (#"{"endState": "gone"}"#, "the end state `gone` is no variant"),
    (#"{"revision": 0}"#, "`revision` is a whole number"),
    (#"{"revision": 1.5}"#, "`revision` is a whole number"), (#"{"services": "a"}"#, "`services` is a list"),
    (#"{"approvals": [{"by": "ada"}]}"#, "an approval has `by`"), (#"{"ownr": "a"}"#, "`ownr` means nothing"),
    ("1", "is an object"),
  ])
  func `a mistake in it is refused and named`(_ contract: String, _ message: String) {
    let reading = FlagDocument.read(Array(Self.text(contract: contract).utf8))
    #expect(reading.hasErrors)
    #expect(
      reading.problems.contains { $0.message.contains(message) && $0.flag == "new-checkout" }, "\(reading.problems)")
  }

  @Test func `a generation that does not exist, and a contract without its flag, are refused`() {
    let unknown = FlagDocument.read(Array(Self.text(contract: "{}", fractional: "\"v4\"").utf8))
    #expect(unknown.problems.map(\.message) == ["`fractional` is `v1`, `v2` or `v3`"])
    let text = #"{"environment": "e", "contracts": {"x": {}}, "definition": {"flags": {}}}"#
    #expect(FlagDocument.read(Array(text.utf8)).problems.map(\.message) == ["there is no such flag"])
    #expect(FlagDocument.read(Array("{}".utf8)).document == nil)
  }
}
