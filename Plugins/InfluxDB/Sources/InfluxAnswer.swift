import BackendHTTP
import PipelineModel
import PluginKit

/// What an InfluxDB answers to one statement.
struct InfluxAnswer {
  var reply: HTTPReply

  /// - Parameter isRange: whether the points of one series are wanted, or the last value of each.
  func answer(isRange: Bool) throws(Failure) -> Answer {
    guard reply.status == 200 else {
      throw reply.refusal((try? reply.json())?["error"]?.text.map { reply.quoted($0, 300) })
    }
    let series = try series()
    guard isRange else {
      let values = try series.map { one throws(Failure) in try last(of: one) }
      return values.count == 1 ? values[0] : .list(values)
    }
    guard series.count <= 1 else {
      throw Failure(.rejected, "the statement answers with \(series.count) series; take out GROUP BY of tags")
    }
    guard let one = series.first else { return .list([]) }
    guard one.columns.count == 2 else {
      throw Failure(.rejected, "the statement answers with \(one.columns.count - 1) fields; a range needs one")
    }
    return .list(one.rows.map { $0[1] }.withoutMissingAtTheEnd)
  }

  /// The value of the last row that has one; an object where the statement selects several fields.
  private func last(of series: Series) throws(Failure) -> Answer {
    guard let row = series.rows.last(where: { $0.dropFirst().contains { $0 != .null } }) else { return .null }
    guard row.count != 2 else { return row[1] }
    var members: [Answer.Member] = []
    for (name, value) in zip(series.columns, row).dropFirst() {
      guard !members.contains(where: { $0.name == name }) else {
        throw Failure(.rejected, "two fields are called \(reply.quoted(name, 40)); name one anew with AS")
      }
      members.append(Answer.Member(name: name, value: value))
    }
    return .object(members)
  }

  private struct Series {
    /// The time first.
    var columns: [String]
    var rows: [[Answer]]
  }

  private func series() throws(Failure) -> [Series] {
    guard let results = try reply.json()["results"]?.items, results.count == 1 else { throw strange }
    if let error = results[0]["error"]?.text { throw refusal(error) }
    guard results[0]["partial"] != .bool(true) else {
      throw Failure(.rejected, "the answer has too many rows for one; aggregate in the statement")
    }
    guard let series = results[0]["series"] else { return [] }
    guard let items = series.items else { throw strange }
    return try items.map { item throws(Failure) in try self.series(item) }
  }

  private func series(_ item: Answer) throws(Failure) -> Series {
    guard item["partial"] != .bool(true) else {
      throw Failure(.rejected, "the answer has too many rows for one; aggregate in the statement")
    }
    guard let columns = item["columns"]?.items?.compactMap(\.text), columns.first == "time", columns.count > 1 else {
      throw Failure(.rejected, "the statement answers without values over time; SELECT a field")
    }
    let rows = (item["values"]?.items ?? []).compactMap(\.items)
    guard rows.allSatisfy({ $0.count == columns.count }) else { throw strange }
    return Series(columns: columns, rows: rows)
  }

  /// Errors of a statement come with HTTP 200.
  private func refusal(_ error: String) -> Failure {
    let said = reply.quoted(error, 300)
    if error.hasPrefix("database not found") || error.hasPrefix("retention policy not found") {
      return Failure(.misconfigured, said)
    }
    let isPassing = ["timeout", "shutdown", "max-concurrent-queries", "killed"].contains { error.contains($0) }
    return Failure(isPassing ? .transient : .rejected, said)
  }

  private var strange: Failure {
    Failure(.misconfigured, "HTTP 200 with JSON, but none that an InfluxDB writes: \(reply.excerpt)")
  }
}
