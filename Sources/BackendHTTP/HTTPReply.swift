package import Foundation
package import PipelineModel
package import PluginKit

/// An HTTP answer as it came, read to its end.
package struct HTTPReply: Sendable {
  package var status: Int
  package var headers: [HTTPCall.Field]
  package var body: Data
  /// What must not be seen in a message about it.
  package var secrets: HiddenSecrets

  package init(status: Int, headers: [HTTPCall.Field] = [], body: Data, secrets: HiddenSecrets = HiddenSecrets()) {
    self.status = status
    self.headers = headers
    self.body = body
    self.secrets = secrets
  }

  /// The first header of that name, however it is written.
  package func header(_ name: String) -> String? {
    let name = name.lowercased()
    return headers.first { $0.name.lowercased() == name }?.value
  }

  /// The beginning of the body, for a message.
  package var excerpt: String {
    let text = quoted(String(decoding: body.prefix(4096), as: UTF8.self), 160)
    return text.isEmpty ? "(empty)" : "\"\(text)\""
  }

  /// A text out of the body, for a message.
  package func quoted(_ text: String, _ limit: Int) -> String { secrets.excerpt(text, limit) }

  /// The JSON document that the body is.
  ///
  /// - Parameters:
  ///   - whose: who writes such documents, with an article: "a Prometheus".
  ///   - openings: what such a document begins with.
  /// - Throws: `misconfigured` when the body is no such JSON, so somebody else answers there; `transient` when it began
  ///   as JSON and is damaged.
  package func document<Document: Decodable>(
    _ type: Document.Type, of whose: String, opening openings: String = "{"
  ) throws(Failure) -> Document {
    guard let first = body.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }), openings.utf8.contains(first)
    else {
      throw Failure(.misconfigured, "HTTP \(status) and no JSON, so this is not \(whose): \(excerpt)")
    }
    do {
      return try JSONDecoder().decode(type, from: body)
    } catch DecodingError.dataCorrupted {
      throw Failure(.transient, "HTTP \(status) with damaged JSON of \(body.count) bytes: \(excerpt)")
    } catch {
      throw Failure(.misconfigured, "HTTP \(status) with JSON, but none that \(whose) writes: \(excerpt)")
    }
  }
}
