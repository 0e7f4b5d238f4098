import BackendHTTP
import Crypto
import Foundation

extension AWSSignature.Request {
  /// The form of the request that is signed.
  package var canonical: String {
    let fields = canonicalHeaders.map { "\($0.name):\($0.value)\n" }.joined()
    let hash = SHA256.hash(data: body).hex
    return [method, canonicalPath, canonicalQuery, fields, signedHeaders, hash].joined(separator: "\n")
  }

  /// The names, in order.
  package var signedHeaders: String { canonicalHeaders.map(\.name).joined(separator: ";") }

  /// Without `.`, `..` and empty steps, and escaped once more than it is sent.
  private var canonicalPath: String {
    var steps: [Substring] = []
    for step in path.split(separator: "/") where step != "." {
      if step == ".." { _ = steps.popLast() } else { steps.append(step) }
    }
    let isFolder = path.hasSuffix("/") && !steps.isEmpty
    return "/" + steps.map { HTTPCall.escaped($0) }.joined(separator: "/") + (isFolder ? "/" : "")
  }

  /// Sorted by name, then by value, both escaped.
  private var canonicalQuery: String {
    let pairs = query.split(separator: "&").map { part in
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (Self.escapedAnew(sides[0]), sides.count == 2 ? Self.escapedAnew(sides[1]) : "")
    }
    return pairs.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { "\($0)=\($1)" }.joined(separator: "&")
  }

  private static func escapedAnew(_ text: Substring) -> String {
    HTTPCall.escaped(String(text).removingPercentEncoding ?? String(text))
  }

  private var canonicalHeaders: [(name: String, value: String)] {
    var values: [String: [String]] = [:]
    for header in headers {
      let value = header.value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      values[header.name.lowercased(), default: []].append(value)
    }
    return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: ",")) }
  }
}
