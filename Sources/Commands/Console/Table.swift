import Narrative

/// Columns as wide as their widest cell, each row on one line.
struct Table {
  var header: [String]
  var rows: [[String]] = []

  var lines: [String] {
    let all = [header] + rows.map { $0.map(\.onOneLine) }
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.enumerated().map { index, row in
      let line = zip(row, widths).map { $0.padding(to: $1) }.joined(separator: "  ").trimmingTrailingSpaces
      return index == 0 ? Console.styled(line, .bold) : line
    }
  }
}

extension String {
  func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  fileprivate var trimmingTrailingSpaces: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
