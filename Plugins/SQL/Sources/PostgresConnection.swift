import Clibpq
import Glibc
import PipelineModel
import PluginKit

/// A connection to PostgreSQL for one question. Every step waits for the socket and for no longer than it is waited for.
final class PostgresConnection {
  private let connection: OpaquePointer
  private let patience: Patience

  /// - Parameter words: libpq's parameters.
  init(_ words: [(name: String, value: String)], patience: Patience) throws(Failure) {
    self.patience = patience
    let made = withCStrings(words.map(\.name)) { names in
      withCStrings(words.map(\.value)) { values in PQconnectStartParams(names, values, 0) }
    }
    guard let made else { throw Failure(.transient, "there is no memory for a connection") }
    connection = made
    try connect()
    PQsetnonblocking(connection, 1)
  }

  deinit { PQfinish(connection) }

  private func connect() throws(Failure) {
    var wanted = PGRES_POLLING_WRITING
    while PQstatus(connection) != CONNECTION_BAD {
      switch wanted {
      case PGRES_POLLING_OK: return
      case PGRES_POLLING_FAILED: throw refusal()
      case PGRES_POLLING_READING: try wait(POLLIN)
      default: try wait(POLLOUT)
      }
      wanted = PQconnectPoll(connection)
    }
    throw refusal()
  }

  func rows(_ text: String, _ parameters: [Double]) throws(Failure) -> SQLRows {
    // 701 is the type of a double.
    let types = [Oid](repeating: 701, count: parameters.count)
    let isSent = withCStrings(parameters.map { "\($0)" }) { values in
      PQsendQueryParams(connection, text, Int32(parameters.count), types, values, nil, nil, 0)
    }
    guard isSent == 1, PQsetSingleRowMode(connection) == 1 else { throw refusal() }
    while true {
      let unsent = PQflush(connection)
      if unsent == 0 { break }
      guard unsent > 0 else { throw refusal() }
      try wait(POLLIN | POLLOUT)
      guard PQconsumeInput(connection) == 1 else { throw refusal() }
    }
    return try read()
  }

  private func read() throws(Failure) -> SQLRows {
    var rows = SQLRows(columns: [])
    while let result = try next() {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_SINGLE_TUPLE, PGRES_TUPLES_OK: try Self.add(result, to: &rows)
      case PGRES_FATAL_ERROR: throw PostgresRefusal.of(result)
      default: throw Failure(.rejected, "the statement gives no rows; write a SELECT")
      }
    }
    return rows
  }

  private func next() throws(Failure) -> OpaquePointer? {
    while PQisBusy(connection) == 1 {
      try wait(POLLIN)
      guard PQconsumeInput(connection) == 1 else { throw refusal() }
    }
    return PQgetResult(connection)
  }

  private static func add(_ result: OpaquePointer, to rows: inout SQLRows) throws(Failure) {
    let count = PQnfields(result)
    if rows.columns.isEmpty {
      rows = SQLRows(columns: (0..<count).map { PQfname(result, $0).map { String(cString: $0) } ?? "" })
    }
    for row in 0..<PQntuples(result) {
      var values: [Answer] = []
      for column in 0..<count { values.append(try value(result, row, column)) }
      try rows.add(values)
    }
  }

  /// Numbers of every type, truth, and all else as the text PostgreSQL makes of it.
  private static func value(_ result: OpaquePointer, _ row: Int32, _ column: Int32) throws(Failure) -> Answer {
    guard PQgetisnull(result, row, column) == 0, let bytes = PQgetvalue(result, row, column) else { return .null }
    let text = String(cString: bytes)
    switch PQftype(result, column) {
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
      var ready = pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0)
      let count = poll(&ready, 1, min(100, patience.milliseconds))
      if count > 0 { return }
      if count < 0, errno != EINTR { throw Failure(.transient, String(cString: strerror(errno))) }
    }
    throw Failure(.transient, "PostgreSQL did not answer in time")
  }

  private func refusal() -> Failure {
    PostgresRefusal.ofConnection(PQerrorMessage(connection).map { String(cString: $0) } ?? "")
  }
}

/// C strings for as long as `work` runs, with a null pointer at their end.
private func withCStrings<Value>(_ texts: [String], _ work: ([UnsafePointer<CChar>?]) -> Value) -> Value {
  let copies = texts.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return work(copies.map { $0.map { UnsafePointer($0) } } + [nil])
}
