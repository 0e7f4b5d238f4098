import Hummingbird
import NIOCore
import PipelineModel

/// Definitions as a document, for providers that evaluate in process: flagd's HTTP sync.
struct DefinitionRoutes {
  let desk: FlagDesk
  let recorder: EvaluationRecorder?
  let now: @Sendable () -> Timestamp

  func add(to router: Router<ServerContext>) {
    for base in ["", "environments/:environment/"] {
      router.get("\(base)flags.json") { request, context in
        let page = try desk.page(for: context, to: .sync)
        recorder?.noteDocument(of: page.environment, at: now())
        let isKnown = page.entityTag.isNamed(in: request.headers[.ifNoneMatch])
        let headers: HTTPFields = [
          .eTag: page.tag, .cacheControl: "private, no-cache", .contentType: "application/json",
        ]
        if isKnown { return Response(status: .notModified, headers: headers) }
        return Response(
          status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: page.document)))
      }
    }
  }
}
