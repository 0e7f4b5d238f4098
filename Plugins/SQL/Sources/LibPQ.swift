import Glibc
import PipelineModel
import PluginKit

/// What is needed of PostgreSQL's client library.
///
/// Loaded for the first connection and not before: it brings two dozen libraries along, and most who start headgate ask
/// no PostgreSQL. Types and numbers are those of libpq's ABI, version 5.
struct LibPQ: Sendable {
  /// A connection, and a result.
  typealias Handle = OpaquePointer
  typealias Text = UnsafePointer<CChar>
  /// Texts with a null pointer at their end.
  typealias Texts = UnsafePointer<Text?>

  let connectStart: @convention(c) @Sendable (Texts, Texts, CInt) -> Handle?
  let connectPoll: @convention(c) @Sendable (Handle) -> Polling
  let finish: @convention(c) @Sendable (Handle) -> Void
  let status: @convention(c) @Sendable (Handle) -> CInt
  let socket: @convention(c) @Sendable (Handle) -> CInt
  let setNonblocking: @convention(c) @Sendable (Handle, CInt) -> CInt
  let connectionMessage: @convention(c) @Sendable (Handle) -> Text?

  let sendQuery:
    @convention(c) @Sendable (
      Handle, Text, CInt, UnsafePointer<CUnsignedInt>, Texts, UnsafePointer<CInt>?, UnsafePointer<CInt>?, CInt
    ) -> CInt
  let setSingleRowMode: @convention(c) @Sendable (Handle) -> CInt
  let flush: @convention(c) @Sendable (Handle) -> CInt
  let consumeInput: @convention(c) @Sendable (Handle) -> CInt
  let isBusy: @convention(c) @Sendable (Handle) -> CInt
  let result: @convention(c) @Sendable (Handle) -> Handle?

  let resultStatus: @convention(c) @Sendable (Handle) -> Status
  let resultField: @convention(c) @Sendable (Handle, CInt) -> Text?
  let resultMessage: @convention(c) @Sendable (Handle) -> Text?
  let columns: @convention(c) @Sendable (Handle) -> CInt
  let columnName: @convention(c) @Sendable (Handle, CInt) -> Text?
  let columnType: @convention(c) @Sendable (Handle, CInt) -> CUnsignedInt
  let rows: @convention(c) @Sendable (Handle) -> CInt
  let isNull: @convention(c) @Sendable (Handle, CInt, CInt) -> CInt
  let value: @convention(c) @Sendable (Handle, CInt, CInt) -> Text?
  let clear: @convention(c) @Sendable (Handle) -> Void

  typealias Polling = CUnsignedInt
  static let pollingFailed: Polling = 0
  static let pollingReads: Polling = 1
  static let pollingWrites: Polling = 2
  static let pollingIsDone: Polling = 3

  /// Of a connection.
  static let isBad: CInt = 1

  typealias Status = CUnsignedInt
  static let allTuples: Status = 2
  static let fatalError: Status = 7
  static let singleTuple: Status = 9
}

extension LibPQ {
  private static let name = "libpq.so.5"
  private static let loaded = Result { () throws(Failure) in try LibPQ() }

  /// - Throws: `misconfigured` where it is not installed.
  static func load() throws(Failure) -> LibPQ { try loaded.get() }

  private init() throws(Failure) {
    guard let library = dlopen(Self.name, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
      throw Failure(
        .misconfigured,
        "PostgreSQL's client library could not be loaded: \(reason); on Debian, `apt-get install libpq5` installs it")
    }
    func find<Function>(_ function: String) throws(Failure) -> Function {
      guard let symbol = dlsym(library, function) else {
        throw Failure(.misconfigured, "\(Self.name) on this machine has no \(function)")
      }
      return unsafeBitCast(symbol, to: Function.self)
    }
    connectStart = try find("PQconnectStartParams")
    connectPoll = try find("PQconnectPoll")
    finish = try find("PQfinish")
    status = try find("PQstatus")
    socket = try find("PQsocket")
    setNonblocking = try find("PQsetnonblocking")
    connectionMessage = try find("PQerrorMessage")
    sendQuery = try find("PQsendQueryParams")
    setSingleRowMode = try find("PQsetSingleRowMode")
    flush = try find("PQflush")
    consumeInput = try find("PQconsumeInput")
    isBusy = try find("PQisBusy")
    result = try find("PQgetResult")
    resultStatus = try find("PQresultStatus")
    resultField = try find("PQresultErrorField")
    resultMessage = try find("PQresultErrorMessage")
    columns = try find("PQnfields")
    columnName = try find("PQfname")
    columnType = try find("PQftype")
    rows = try find("PQntuples")
    isNull = try find("PQgetisnull")
    value = try find("PQgetvalue")
    clear = try find("PQclear")
  }
}
