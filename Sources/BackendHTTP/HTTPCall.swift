package import Foundation
import PluginKit

/// One request to a backend: method, place under the backend's address, and what is sent.
package struct HTTPCall: Hashable, Sendable {
  package enum Method: String, Hashable, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  package struct Field: Hashable, Sendable {
    package var name: String
    package var value: String
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }

    /// Whether a header may be called so.
    package static func isName(_ name: String) -> Bool {
      !name.isEmpty
        && name.unicodeScalars.allSatisfy {
          $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_.".unicodeScalars.contains($0))
        }
    }
  }

  package var method: Method
  /// Put behind the backend's address as it is, so already escaped; begins with a slash, or is empty.
  package var path: String
  /// Escaped when it is sent.
  package var query: [Field]
  /// They stand over the backend's own headers of the same name.
  package var headers: [Field]
  package var body: Data?

  package init(
    _ method: Method, _ path: String = "", query: [Field] = [], headers: [Field] = [], body: Data? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// The call with a body and its content type.
  package func sending(_ body: Data, as type: String) -> HTTPCall {
    var call = self
    call.body = body
    call.headers.append(Field("Content-Type", type))
    return call
  }

  /// The call with a form as its body.
  package func sending(form: [Field]) -> HTTPCall {
    sending(Data(Self.escaped(form).utf8), as: "application/x-www-form-urlencoded")
  }

  /// The call with JSON as its body.
  package func sending(json: String) -> HTTPCall { sending(Data(json.utf8), as: "application/json") }

  /// `a=b&c=d`, every byte that is not unreserved by RFC 3986 escaped.
  package static func escaped(_ fields: [Field]) -> String {
    fields.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&")
  }

  /// `text` with every byte escaped that is not unreserved by RFC 3986.
  package static func escaped(_ text: some StringProtocol) -> String { text.percentEscaped }

  /// Where the call goes at a backend with this address.
  package func url(at base: String) -> String {
    query.isEmpty ? base + path : "\(base)\(path)?\(Self.escaped(query))"
  }
}
