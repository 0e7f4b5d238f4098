import Flags
import Hummingbird
import NIOCore

/// What an evaluation came to, as OFREP has it: members sorted, numbers as authored, and always those that clients trip
/// over when they are missing (`variant` of a success, `errorDetails` of a failure).
struct OFREPAnswer {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  /// Appends the answer about one flag.
  mutating func append(_ resolution: Resolution, of key: String) {
    if let failure = resolution.failure {
      append("{\"errorCode\":")
      append(text: failure.code.rawValue)
      append(",\"errorDetails\":")
      append(text: failure.details)
      append(",\"key\":")
      append(text: key)
      appendMetadata(resolution.metadata)
      return append("}")
    }
    append("{\"key\":")
    append(text: key)
    appendMetadata(resolution.metadata)
    append(",\"reason\":")
    append(text: resolution.reason.rawValue)
    if let value = resolution.value {
      append(",\"value\":")
      value.write(to: &bytes)
    }
    append(",\"variant\":")
    append(text: resolution.variant ?? "")
    append("}")
  }

  private mutating func appendMetadata(_ metadata: JSONObject) {
    guard !metadata.isEmpty else { return }
    append(",\"metadata\":")
    JSONValue.object(metadata).write(to: &bytes)
  }

  mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  mutating func append(text: String) { JSONValue.write(text, to: &bytes) }

  mutating func append(_ value: JSONValue) { value.write(to: &bytes) }

  func response(_ status: HTTPResponse.Status, tag: String? = nil) -> Response {
    var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
    if let tag {
      headers[.eTag] = tag
      headers[.cacheControl] = "private, no-cache"
    }
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}

extension Resolution {
  /// Of a single evaluation.
  var status: HTTPResponse.Status {
    switch failure?.code {
    case nil: .ok
    case .flagNotFound: .notFound
    case .parseError, .typeMismatch, .general: .badRequest
    }
  }
}
