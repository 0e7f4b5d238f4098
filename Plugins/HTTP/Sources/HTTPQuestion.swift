import BackendHTTP
import Foundation
import PipelineModel
import PluginKit

/// A query to an HTTP endpoint: what to send, and where in the answer the value is.
///
/// ```
/// POST /search $.hits.total
/// Content-Type: application/json
///
/// {"version": "4f2a9c1"}
/// ```
///
/// The first line has the method (`GET` unless given), the place under `url` (nothing unless given) and the path into the
/// answer (`$`, the whole of it, unless given). Headers follow it, then after an empty line the body.
struct HTTPQuestion: Hashable {
  var call: HTTPCall
  var path: JSONPath

  /// - Throws: `rejected` with the line and column of the mistake.
  init(_ text: String) throws(Failure) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.last == "\r" ? line.dropLast() : line
    }
    let end = lines.firstIndex { $0.allSatisfy(\.isWhitespace) } ?? lines.count
    (call, path) = try Self.first(String(lines.first ?? ""))
    for (number, line) in lines.enumerated().prefix(end).dropFirst() {
      call.headers.append(try Self.header(line, number + 1))
    }
    let body = lines.dropFirst(end + 1).joined(separator: "\n")
    if !body.allSatisfy(\.isWhitespace) { call.body = Data(body.utf8) }
    if let body = call.body, [.get, .head].contains(call.method) {
      throw Failure(
        .rejected, "line \(end + 2): a \(call.method.rawValue) has no body, and \(body.count) bytes stand here")
    }
  }

  private static func first(_ line: String) throws(Failure) -> (HTTPCall, JSONPath) {
    var rest = line[...]
    let method = try method(&rest)
    var target = ""
    if rest.hasPrefix("/") || rest.hasPrefix("?") { target = word(&rest) }
    guard target.unicodeScalars.allSatisfy({ (0x21...0x7e).contains($0.value) && $0 != "#" }) else {
      throw Failure(
        .rejected, "line 1: the place \"\(target.excerpt(80))\" has characters that must be escaped, as %20")
    }
    let text = rest.isEmpty ? "$" : String(rest)
    do {
      return (HTTPCall(method, target), try JSONPath(text))
    } catch {
      let column = line.count - rest.count + error.column
      throw Failure(.rejected, "line 1, column \(column): \(error.message)")
    }
  }

  private static func method(_ rest: inout Substring) throws(Failure) -> HTTPCall.Method {
    rest = rest.drop(while: \.isWhitespace)
    guard rest.first?.isLetter == true else { return .get }
    let word = word(&rest)
    if let method = HTTPCall.Method(rawValue: word), method != .head { return method }
    throw Failure(
      .rejected,
      "line 1, column 1: \"\(word.excerpt(20))\" is no method; write GET, POST, PUT, PATCH or DELETE, or begin with /")
  }

  private static func word(_ rest: inout Substring) -> String {
    let word = rest.prefix { !$0.isWhitespace }
    rest = rest.dropFirst(word.count).drop(while: \.isWhitespace)
    return String(word)
  }

  private static func header(_ line: Substring, _ number: Int) throws(Failure) -> HTTPCall.Field {
    guard let colon = line.firstIndex(of: ":"), HTTPCall.Field.isName(String(line[..<colon])) else {
      throw Failure(.rejected, "line \(number): a header such as `Accept: text/plain` is wanted before the empty line")
    }
    let value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
    guard value.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
      throw Failure(.rejected, "line \(number): a header may have no control characters")
    }
    return HTTPCall.Field(String(line[..<colon]), String(value))
  }
}
