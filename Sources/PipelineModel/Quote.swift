/// The text in backticks, on one line, cut where it would fill the screen.
package func quote(_ text: String) -> String {
  var shown = ""
  for character in text.unicodeScalars.prefix(60) {
    switch character {
    case "\n": shown += "\\n"
    case "\t": shown += "\\t"
    default: shown.unicodeScalars.append(character)
    }
  }
  return text.unicodeScalars.count > 60 ? "`\(shown)…`" : "`\(shown)`"
}
