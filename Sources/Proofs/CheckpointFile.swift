/// Checkpoints one after the other, as a sink collects them: notes with an empty line between them.
package enum CheckpointFile {
  /// Why a file of checkpoints cannot be read.
  package struct Mistake: Error, Hashable, CustomStringConvertible {
    /// Counted from 1.
    package var line: Int
    package var reason: NoteMistake
    package var description: String { "line \(line): \(reason)" }
  }

  /// Every checkpoint, in order. At least one is there.
  package static func read(_ text: String) throws(Mistake) -> [SignedCheckpoint] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var checkpoints: [SignedCheckpoint] = []
    var at = 0
    while at < lines.count {
      if lines[at].isEmpty {
        at += 1
        continue
      }
      let start = at
      while at < lines.count, !lines[at].isEmpty { at += 1 }
      at += 1
      while at < lines.count, lines[at].hasPrefix("\u{2014}") { at += 1 }
      let written = lines[start..<min(at, lines.count)].map { $0 + "\n" }.joined()
      do throws(NoteMistake) {
        checkpoints.append(try SignedCheckpoint(try SignedNote(written), line: start + 1))
      } catch {
        throw Mistake(line: start + 1, reason: error)
      }
    }
    if checkpoints.isEmpty { throw Mistake(line: 1, reason: NoteMistake("there is no checkpoint in it")) }
    return checkpoints
  }

  /// What is appended to a file for one more.
  package static func text(of note: SignedNote) -> String { "\(note)\n" }
}
