import Glibc
import PipelineModel
import PluginKit

/// A connection to PostgreSQL for one question. Every step waits for the socket and for no longer than it is waited for.
final class PostgresConnection {
  private let pq: LibPQ
  private let connection: LibPQ.Handle
  private let patience: Patience

  /// - Parameter words: libpq's parameters.
  init(_ words: [(name: String, value: String)], patience: Patience) throws(Failure) {
    self.patience = patience
    let pq = try LibPQ.load()
    self.pq = pq
    let made = withCStrings(words.map(\.name)) { names in
      withCStrings(words.map(\.value)) { values in pq.connectStart(names, values, 0) }
    }
    guard let made else { throw Failure(.transient, "there is no memory for a connection") }
    connection = made
    try connect()
    _ = pq.setNonblocking(connection, 1)
  }

  deinit { pq.finish(connection) }

  private func connect() throws(Failure) {
    var wanted = LibPQ.pollingWrites
    while pq.status(connection) != LibPQ.isBad {
      switch wanted {
      case LibPQ.pollingIsDone: return
      case LibPQ.pollingFailed: throw refusal()
      case LibPQ.pollingReads: try wait(POLLIN)
      default: try wait(POLLOUT)
      }
      wanted = pq.connectPoll(connection)
    }
    throw refusal()
  }

  func rows(_ text: String, _ parameters: [Double]) throws(Failure) -> SQLRows {
    // 701 is the type of a double.
    let types = [CUnsignedInt](repeating: 701, count: parameters.count)
    let isSent = withCStrings(parameters.map { "\($0)" }) { values in
      pq.sendQuery(connection, text, Int32(parameters.count), types, values, nil, nil, 0)
    }
    guard isSent == 1, pq.setSingleRowMode(connection) == 1 else { throw refusal() }
    while true {
      let unsent = pq.flush(connection)
      if unsent == 0 { break }
      guard unsent > 0 else { throw refusal() }
      try wait(POLLIN | POLLOUT)
      guard pq.consumeInput(connection) == 1 else { throw refusal() }
    }
    return try read()
  }

  private func read() throws(Failure) -> SQLRows {
    var rows = SQLRows(columns: [])
    while let result = try next() {
      defer { pq.clear(result) }
      switch pq.resultStatus(result) {
      case LibPQ.singleTuple, LibPQ.allTuples: try add(result, to: &rows)
      case LibPQ.fatalError: throw PostgresRefusal.of(result, pq)
      default: throw Failure(.rejected, "the statement gives no rows; write a SELECT")
      }
    }
    return rows
  }

  private func next() throws(Failure) -> LibPQ.Handle? {
    while pq.isBusy(connection) == 1 {
      try wait(POLLIN)
      guard pq.consumeInput(connection) == 1 else { throw refusal() }
    }
    return pq.result(connection)
  }

  private func add(_ result: LibPQ.Handle, to rows: inout SQLRows) throws(Failure) {
    let count = pq.columns(result)
    if rows.columns.isEmpty {
      rows = SQLRows(columns: (0..<count).map { pq.columnName(result, $0).map { String(cString: $0) } ?? "" })
    }
    for row in 0..<pq.rows(result) {
      var values: [Answer] = []
      for column in 0..<count { values.append(try value(result, row, column)) }
      try rows.add(values)
    }
  }

  /// Numbers of every type, truth, and all else as the text PostgreSQL makes of it.
  private func value(_ result: LibPQ.Handle, _ row: Int32, _ column: Int32) throws(Failure) -> Answer {
    guard pq.isNull(result, row, column) == 0, let bytes = pq.value(result, row, column) else { return .null }
    let text = String(cString: bytes)
    switch pq.columnType(result, column) {
    case 20, 21, 23, 26, 700, 701, 1700:
      guard let number = Double(text) else {
        throw Failure(.rejected, "\"\(text.excerpt(40))\" is a number that cannot be read")
      }
      return .number(number)
    case 16: return .bool(text == "t")
    case 17: throw Failure(.rejected, "the statement gives bytes, where numbers or text are wanted")
    default: return .text(text)
    }
  }

  /// Waits until the socket is ready, a moment at a time, for the end of patience may come from elsewhere.
  private func wait(_ events: Int32) throws(Failure) {
    while !patience.isOver {
      var ready = pollfd(fd: pq.socket(connection), events: Int16(events), revents: 0)
      let count = poll(&ready, 1, min(100, patience.milliseconds))
      if count > 0 { return }
      if count < 0, errno != EINTR { throw Failure(.transient, String(cString: strerror(errno))) }
    }
    throw Failure(.transient, "PostgreSQL did not answer in time")
  }

  private func refusal() -> Failure {
    PostgresRefusal.ofConnection(pq.connectionMessage(connection).map { String(cString: $0) } ?? "")
  }
}

/// C strings for as long as `work` runs, with a null pointer at their end.
private func withCStrings<Value>(_ texts: [String], _ work: (LibPQ.Texts) -> Value) -> Value {
  let copies = texts.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return work(copies.map { $0.map { UnsafePointer($0) } } + [nil])
}
