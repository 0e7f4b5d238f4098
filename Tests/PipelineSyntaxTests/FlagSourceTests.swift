import Flags
import PipelineModel
import PipelineSyntax
import Testing

// A file of flags may be JSON or YAML: both say the same value, and what is wrong is told at its place in either.

@Suite struct FlagSourceTests {
  private static let yaml = """
    # Who gets the new checkout
    new-checkout:
      variations:
        "on": true
        "off": false
      targeting:
        - query: key in ["ann", "bob"]
          variation: "on"
      defaultRule:
        percentage: { "on": 12.5, "off": 87.5 }
      metadata: { übersicht: yes, jira: 7, ratio: 1.0 }
    """

  private func text(_ text: String) -> FlagSource { FlagSource(SourceFile(path: "flags.yaml", text: text)) }

  @Test func `YAML says the same as JSON`() throws {
    let yaml = try #require(text(Self.yaml).root?.value)
    let json = try #require(
      text(
        #"""
        {"new-checkout": {"variations": {"on": true, "off": false},
          "targeting": [{"query": "key in [\"ann\", \"bob\"]", "variation": "on"}],
          "defaultRule": {"percentage": {"on": 12.5, "off": 87.5}},
          "metadata": {"übersicht": "yes", "jira": 7, "ratio": 1.0}}}
        """#
      ).root?.value)
    #expect(yaml == json)
    #expect(yaml.written == json.written)
  }

  @Test func `what cannot be carried over is told at its place in the YAML`() throws {
    let file = text(Self.yaml.replacing("variation: \"on\"", with: "variation: \"ün\""))
    let root = try #require(file.root)
    let result = ForeignFlags.read(.goff, root, in: file.bytes, now: Timestamp(milliseconds: 0))
    let told = file.diagnostics(result.problems).map(\.description)
    #expect(
      told.first?.hasPrefix("flags.yaml:8:18: error: flag `new-checkout`: a rule names a variation that there is")
        == true,
      "\(told)")
  }

  @Test func `what cannot be read is told`() {
    #expect(text("a: [").root == nil)
    #expect(text("a: [").diagnostics.count == 1)
    #expect(text("{").diagnostics.first?.place.line == 1)
    #expect(text("a: 1\na: 2").root == nil)
  }
}
