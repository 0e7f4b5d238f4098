extension String {
  /// On one line, with everything in it to be seen: line feeds as `\n`, other control characters by their number.
  ///
  /// What somebody wrote as a reason or a name must not pass for another line of the record, nor be taken for a command by
  /// the terminal it is shown on. The record itself keeps it as it was written.
  package var onOneLine: String {
    if !unicodeScalars.contains(where: \.isUnseen) { return self }
    return unicodeScalars.reduce(into: "") { line, scalar in
      if scalar.isUnseen { line += scalar.escaped(asASCII: true) } else { line.unicodeScalars.append(scalar) }
    }
  }
}

extension Unicode.Scalar {
  /// Moves the cursor, ends the line, or turns the direction of text round.
  fileprivate var isUnseen: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    case .format: properties.isBidiControl
    default: false
    }
  }
}
