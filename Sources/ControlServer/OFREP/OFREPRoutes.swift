import Flags
import Hummingbird
import NIOCore
import PipelineModel
import ServiceLifecycle

/// The OpenFeature Remote Evaluation Protocol 0.3.0, at the root and again under each environment, so that either may be
/// the base address of a client.
struct OFREPRoutes {
  let desk: FlagDesk
  let streams: ChangeStreams
  let recorder: EvaluationRecorder?
  let limits: Serving.Limits
  let now: @Sendable () -> Timestamp

  func add(to router: Router<ServerContext>) {
    for base in ["", "environments/:environment/"] {
      router.post("\(base)ofrep/v1/evaluate/flags/:key") { try await single($0, $1) }
      router.post("\(base)ofrep/v1/evaluate/flags") { try await bulk($0, $1) }
      router.get("\(base)ofrep/v1/events") { try events($0, $1) }
    }
  }

  private func single(_ request: Request, _ context: ServerContext) async throws -> Response {
    let page = try desk.page(for: context, to: .evaluate)
    let key = try context.part("key")
    let evaluation: EvaluationRequest
    do throws(EvaluationRequest.Refusal) {
      evaluation = try EvaluationRequest(try await body(of: request))
    } catch {
      return error.response(of: key)
    }
    let now = now()
    let resolution = page.flags.resolve(key, evaluation.context, at: now)
    if resolution.failure?.code != .flagNotFound {
      recorder?.note(
        resolution, of: key, in: page.environment, to: evaluation.subject, way: .single, at: now)
    }
    var answer = OFREPAnswer()
    answer.append(resolution, of: key)
    return answer.response(resolution.status)
  }

  private func bulk(_ request: Request, _ context: ServerContext) async throws -> Response {
    let page = try desk.page(for: context, to: .evaluate)
    let evaluation: EvaluationRequest
    do throws(EvaluationRequest.Refusal) {
      evaluation = try EvaluationRequest(try await body(of: request))
    } catch {
      return error.response(of: nil)
    }
    let now = now()
    let resolutions = page.sorted.map { ($0.key, $0.resolve(evaluation.context, at: now)) }
    recorder?.note(resolutions, in: page.environment, to: evaluation.subject, way: .bulk, at: now)
    let answer = answer(resolutions, page, context.caller)
    let tag = EntityTag(of: answer.bytes)
    if tag.isNamed(in: request.headers[.ifNoneMatch]), !isBehind(request, page) {
      return Response(status: .notModified, headers: [.eTag: tag.text, .cacheControl: "private, no-cache"])
    }
    return answer.response(.ok, tag: tag.text)
  }

  private func answer(
    _ resolutions: [(String, Resolution)], _ page: FlagPage, _ caller: Caller
  ) -> OFREPAnswer {
    var answer = OFREPAnswer(capacity: 128 * (resolutions.count + 1))
    answer.append("{\"eventStreams\":[{\"endpoint\":{\"requestUri\":")
    answer.append(text: EventAddress.target(of: page.environment, ticket: caller.ticket(for: page.environment)))
    answer.append("},\"type\":\"sse\"}],\"flags\":[")
    for (index, (key, resolution)) in resolutions.enumerated() {
      if index > 0 { answer.append(",") }
      answer.append(resolution, of: key)
    }
    answer.append("],\"metadata\":")
    answer.append(.object(page.flags.metadata))
    answer.append("}")
    return answer
  }

  /// Whether a client that was told of a change speaks of another definition than this page's: then it has not seen this
  /// one, whatever its entity tag says.
  private func isBehind(_ request: Request, _ page: FlagPage) -> Bool {
    guard let told = request.uri.queryParameters["flagConfigEtag"] else { return false }
    return told != page.tag && "\"\(told)\"" != page.tag
  }

  private func events(_ request: Request, _ context: ServerContext) throws -> Response {
    let page = try desk.page(for: context, to: .evaluate)
    let news = try streams.open(page.environment)
    let seen = HTTPFields.lastEvent.flatMap { request.headers[$0] }
    let desk = desk
    let body = ResponseBody { writer in
      try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
      // What changed while the client was away, and what changed since it was looked at above, which is told once.
      var told = seen ?? page.tag
      if let last = desk.shelf.page(of: page.environment), last.tag != told {
        told = last.tag
        try await writer.write(Self.event(last))
      }
      // Otherwise a server that is told to end would wait for the client to go.
      for await item in news.cancelOnGracefulShutdown() {
        switch item {
        case .page(let page) where page.tag != told:
          told = page.tag
          try await writer.write(Self.event(page))
        case .page: break
        case .beat: try await writer.write(ByteBuffer(string: ":\n\n"))
        }
      }
      try await writer.finish(nil)
    }
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
  }

  private static func event(_ page: FlagPage) -> ByteBuffer {
    let tag = page.tag.filter { $0 != "\"" }
    return ByteBuffer(
      string: "id: \(page.tag)\nevent: message\ndata: {\"etag\":\"\(tag)\",\"type\":\"refetchEvaluation\"}\n\n")
  }

  private func body(of request: Request) async throws(EvaluationRequest.Refusal) -> [UInt8] {
    do {
      return Array(try await request.body.collect(upTo: limits.body).readableBytesView)
    } catch is NIOTooManyBytesError {
      throw EvaluationRequest.Refusal(
        code: "INVALID_CONTEXT", details: "the request has more than the \(limits.body) bytes that are read")
    } catch {
      throw EvaluationRequest.Refusal(code: "PARSE_ERROR", details: "the request did not arrive whole")
    }
  }
}
