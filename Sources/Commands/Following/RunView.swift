import Engine
import Narrative
import PipelineModel

/// A run as it goes on, on a terminal: its time line above, and below it a block that is drawn anew.
struct RunView {
  private var drawn: [String] = []
  private let isLive: Bool
  private let isVerbose: Bool

  init(isLive: Bool, isVerbose: Bool) {
    self.isLive = isLive && Console.isTerminal
    self.isVerbose = isVerbose
  }

  mutating func show(_ sentences: [Sentence], _ chronicle: Chronicle, now: Timestamp) {
    guard isLive else { return tell(sentences) }
    let lines = sentences.filter(isShown).flatMap { Console.lines($0, width: Console.size.columns) }
    let block = chronicle.run?.outcome == nil ? clipped(StatusBlock(chronicle, now: now).lines) : []
    guard !lines.isEmpty || block != drawn else { return }
    let up = drawn.isEmpty ? "" : "\u{1B}[\(drawn.count)A\r\u{1B}[J"
    Console.write(up + (lines + block).map { $0 + "\n" }.joined())
    drawn = block
  }

  /// The time line alone, below whatever stands there.
  func tell(_ sentences: [Sentence]) {
    for sentence in sentences where isShown(sentence) { Console.print(Console.line(sentence)) }
  }

  func isShown(_ sentence: Sentence) -> Bool { isVerbose || sentence.tone != .detail }

  /// Leaves the block where it is, so that something else may be printed below.
  mutating func rest() { drawn = [] }

  /// What fits on the terminal: a block that is wider or higher could not be taken away again.
  private func clipped(_ block: [String]) -> [String] {
    let (columns, rows) = Console.size
    return block.prefix(max(1, rows - 2)).map { $0.clipped(to: columns - 1) }
  }
}

extension String {
  /// At most so many characters, escape sequences not counted as such.
  func clipped(to width: Int) -> String {
    var visible = 0
    var isEscape = false
    var end = startIndex
    for index in indices {
      let character = self[index]
      if character == "\u{1B}" { isEscape = true }
      if !isEscape { visible += 1 }
      if visible > width { return self[..<end] + "…" + (Console.hasColor ? "\u{1B}[0m" : "") }
      if isEscape, character == "m" { isEscape = false }
      if visible < width { end = self.index(after: index) }
    }
    return self
  }
}
