package import PipelineModel

/// One line of a time line.
package struct Sentence: Hashable, Sendable {
  package var time: Timestamp
  package var tone: Tone
  package var text: String

  package enum Tone: String, Hashable, Sendable, CaseIterable {
    /// Single measurements and other small print.
    case detail
    /// What a command printed that did not end well, line by line.
    case output
    case plain, good, warning, bad
  }

  /// - Parameter text: comes to stand on one line, whatever is in it.
  package init(time: Timestamp, tone: Tone, text: String) {
    self.time = time
    self.tone = tone
    self.text = text.onOneLine
  }
}
