import PipelineModel
import PluginKit

/// What `show info; show stat PROXY -1 -1` prints.
struct HAProxyStatistics {
  /// Seconds since the worker started.
  var uptime: Double
  private var columns: [String]
  private var rows: [[String]]

  static let answers = ["hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other"]

  /// - Throws: `rejected` when there is no such proxy, `misconfigured` when it is not what HAProxy prints.
  init(_ text: String) throws(Failure) {
    let lines = text.split(separator: "\n")
    guard let head = lines.firstIndex(where: { $0.hasPrefix("# pxname,svname,") }) else {
      let said = lines.last { !$0.contains(": ") } ?? lines.first ?? ""
      throw Failure(.rejected, "haproxy answered \"\(said.excerpt(120))\"")
    }
    guard let line = lines[..<head].first(where: { $0.hasPrefix("Uptime_sec: ") }),
      let uptime = Double(line.dropFirst("Uptime_sec: ".count)), 0..<1e12 ~= uptime
    else { throw Failure(.misconfigured, "its `show info` has no Uptime_sec") }
    self.uptime = uptime
    columns = lines[head].dropFirst(2).split(separator: ",").map(String.init)
    rows = lines[(head + 1)...].map(Self.cells)
    // A line that is cut or read wrongly would have its numbers in other columns.
    guard rows.allSatisfy({ $0.count >= columns.count }) else {
      throw Failure(.transient, "its `show stat` has a line with too few columns")
    }
  }

  /// The cells of a line. What has a comma or quotes in it stands in quotes, its own doubled.
  private static func cells(_ line: Substring) -> [String] {
    var cells = [""]
    var isQuoted = false
    for character in line {
      switch character {
      // Quotes of its own are left out: no number has any.
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: cells.append("")
      default: cells[cells.count - 1].append(character)
      }
    }
    return cells
  }

  /// The row of a server, or of `BACKEND` or `FRONTEND`.
  func row(_ server: String) throws(Failure) -> Row {
    if let cells = rows.first(where: { $0.count > 1 && $0[1] == server }) { return Row(columns: columns, cells: cells) }
    let known = rows.compactMap { $0.count > 1 ? $0[1] : nil }.joined(separator: ", ")
    throw Failure(.rejected, "the proxy has no \"\(server)\"; it has \(known.isEmpty ? "nothing" : known.excerpt(200))")
  }

  struct Row {
    var columns: [String]
    var cells: [String]

    /// `nil`: the column is there and says nothing for this row.
    ///
    /// - Throws: `rejected` when there is no such column, or it has no numbers.
    func number(_ column: String) throws(Failure) -> Double? {
      guard let index = columns.firstIndex(of: column) else {
        throw Failure(.rejected, "HAProxy's statistics have no column \"\(column.excerpt(40))\"; see `show stat`")
      }
      guard cells.indices.contains(index), !cells[index].isEmpty else { return nil }
      if let number = Double(cells[index]) { return number }
      throw Failure(.rejected, "the column \(column) says \"\(cells[index].excerpt(40))\", which is no number")
    }
  }
}
