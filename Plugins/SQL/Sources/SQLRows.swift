import PipelineModel
import PluginKit

/// What a statement answered.
struct SQLRows: Hashable, Sendable {
  var columns: [String]
  var rows: [[Answer]] = []
  private var size = 0

  private static let most = 10_000
  private static let largest = 1 << 20

  init(columns: [String]) { self.columns = columns }

  /// - Throws: `rejected` when there is more than anybody judges.
  mutating func add(_ row: [Answer]) throws(Failure) {
    size += row.reduce(0) { $0 + 16 + ($1.text?.utf8.count ?? 0) }
    guard rows.count < Self.most, size <= Self.largest else {
      throw Failure(.rejected, "the answer has more than \(Self.most) rows or a mebibyte; aggregate in the statement")
    }
    rows.append(row)
  }

  /// One row of one column is its value, more rows a list; rows of several columns are objects.
  ///
  /// - Parameter isRange: whether the points of one series are wanted.
  func answer(isRange: Bool) throws(Failure) -> Answer {
    guard !columns.isEmpty else { throw Failure(.rejected, "the statement gives no columns; write a SELECT") }
    if isRange || columns.count == 1 {
      guard columns.count == 1 else {
        throw Failure(
          .rejected, "the statement gives \(columns.count) columns; a range needs one, in the order of time")
      }
      let values = rows.map { $0[0] }
      return values.count == 1 && !isRange ? values[0] : .list(values)
    }
    if let twice = columns.first(where: { name in columns.count { $0 == name } > 1 }) {
      throw Failure(.rejected, "two columns are called \"\(twice.excerpt(40))\"; name one anew with AS")
    }
    let objects = rows.map { row in Answer.object(zip(columns, row).map { Answer.Member(name: $0, value: $1) }) }
    return objects.count == 1 ? objects[0] : .list(objects)
  }
}
