import Narrative
import PipelineModel
import Testing

@Suite struct OneLineTests {
  @Test(arguments: [
    ("OPS-7: später, bitte 👩‍🚀", "OPS-7: später, bitte 👩‍🚀"),
    ("done\n12:00:00  the gate passed", #"done\n12:00:00  the gate passed"#),
    ("\u{1B}[2K\u{1B}[1Apromoted\r", #"\u{1B}[2K\u{1B}[1Apromoted\r"#),
    ("a\u{2028}b\u{202E}c\u{85}d\t", #"a\u{2028}b\u{202E}c\u{0085}d\t"#),
  ])
  func `what somebody wrote stays on its line, and moves no cursor`(_ written: String, _ shown: String) {
    let sentence = Sentence(time: Timestamp(milliseconds: 0), tone: .plain, text: written)
    #expect(sentence.text == shown)
  }
}
