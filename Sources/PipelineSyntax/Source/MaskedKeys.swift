/// A text some of whose keys are hidden behind letters that nobody writes, each as long as what it hides.
///
/// The YAML parser stops at the first mapping with a key in it twice. With the second of the two hidden it reads on,
/// all places stay what they were, and everything else that is wrong is found in the same go.
struct MaskedKeys {
  /// Taken apart only when something is to be hidden.
  private lazy var lines = original.unicodeScalars
    .split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
  private let original: String
  /// What is hidden where; `nil` for a key that is to be left out.
  private var hidden: [Place: String?] = [:]

  init(text: String) {
    original = text
  }

  var text: String {
    mutating get {
      if hidden.isEmpty { return original }
      var text = ""
      for (number, line) in lines.enumerated() {
        if number > 0 { text.unicodeScalars.append("\n") }
        text.unicodeScalars.append(contentsOf: line)
      }
      return text
    }
  }

  func isDuplicate(at place: Place) -> Bool { hidden[place] == .some(nil) }

  func text(hiddenAt place: Place) -> String? { hidden[place] ?? nil }

  /// Hides the next key that is written like the one at `first`, and says where it is; `nil` when there is none to see.
  ///
  /// - Parameter text: what the hidden key stands for; `nil`: nothing, it is left out.
  mutating func hide(keyAfter first: Place, as text: String? = nil) -> Place? {
    let key = written(at: first)
    guard !key.isEmpty else { return nil }
    let isBlock = lines[first.line - 1][..<(first.column - 1)].allSatisfy { " -?".unicodeScalars.contains($0) }
    let second = (isBlock ? inBlock(key, after: first) : nil) ?? inFlow(key, after: first)
    guard let second else { return nil }
    hidden[second] = .some(text)
    mask(key.count, at: second)
    return second
  }

  /// The key as it is written, quotes included.
  private mutating func written(at place: Place) -> [Unicode.Scalar] {
    guard lines.indices.contains(place.line - 1) else { return [] }
    let rest = lines[place.line - 1].dropFirst(place.column - 1)
    guard let first = rest.first else { return [] }
    if first == "\"" || first == "'" {
      guard let end = rest.dropFirst().firstIndex(of: first) else { return [] }
      return Array(rest[...end])
    }
    return Array(rest.prefix { $0 != ":" && $0 != " " && $0 != "," && $0 != "}" })
  }

  /// The same key in the same column, with nothing further left between.
  private mutating func inBlock(_ key: [Unicode.Scalar], after first: Place) -> Place? {
    for number in lines.indices.dropFirst(first.line) {
      guard let start = lines[number].firstIndex(where: { $0 != " " }), lines[number][start] != "#" else { continue }
      if start < first.column - 1 { return nil }
      let place = Place(line: number + 1, column: first.column)
      if start == first.column - 1, isKey(key, at: place) { return place }
    }
    return nil
  }

  private mutating func inFlow(_ key: [Unicode.Scalar], after first: Place) -> Place? {
    var column = first.column + key.count
    for number in lines.indices.dropFirst(first.line - 1).prefix(200) {
      while column <= lines[number].count {
        let place = Place(line: number + 1, column: column)
        let before = column > 1 ? lines[number][column - 2] : " "
        if " ,{".unicodeScalars.contains(before), isKey(key, at: place) { return place }
        column += 1
      }
      column = 1
    }
    return nil
  }

  private mutating func isKey(_ key: [Unicode.Scalar], at place: Place) -> Bool {
    let rest = lines[place.line - 1].dropFirst(place.column - 1)
    guard rest.starts(with: key) else { return false }
    let next = rest.dropFirst(key.count).first { $0 != " " }
    return next == ":" || (key.last == ")" && ",}".unicodeScalars.contains(next ?? "}"))
  }

  private mutating func mask(_ length: Int, at place: Place) {
    // Private-use letters: different for each hidden key, so that they are no duplicates of one another.
    let letter = Unicode.Scalar(0xE000 + UInt32(hidden.count)) ?? "\u{E000}"
    for column in place.column..<(place.column + length) { lines[place.line - 1][column - 1] = letter }
  }
}
