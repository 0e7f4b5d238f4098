import Flags
package import Hummingbird
import NIOCore

extension Problem: HTTPResponseError {
  package func response(from request: Request, context: some RequestContext) throws -> Response { response }

  /// The problem itself, as it goes over the wire.
  package var response: Response {
    var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
    if let retryAfter { headers[.retryAfter] = "\(retryAfter)" }
    if code == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"headgate\"" }
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
  }

  /// `errorCode` and `errorDetails` are what clients of OFREP look for.
  private var body: [UInt8] {
    var pairs: [(name: String, value: JSONValue)] = [
      ("title", .text(title)), ("status", .number(Double(status.code))), ("code", .text(code.rawValue)),
      ("detail", .text(detail)), ("errorCode", .text("GENERAL")), ("errorDetails", .text(detail)),
    ]
    if let mend { pairs.append(("mend", .text(mend))) }
    var bytes: [UInt8] = []
    JSONValue.object(JSONObject(pairs)).write(to: &bytes)
    return bytes
  }
}
