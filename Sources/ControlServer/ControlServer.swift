import Foundation
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import PipelineModel

/// The controller's interface over HTTP.
///
/// Routes stand in files by noun and are added here. Who makes a request is found out in `Doorkeeper`, what went wrong is
/// told in `ProblemMiddleware`, and nowhere else.
package struct ControlServer: Sendable {
  private let serving: Serving
  private let tokens: TokenBook
  private let shelf: FlagShelf
  private let office: (any FlagOffice)?
  private let recorder: EvaluationRecorder?
  private let parts: [any ServerPart]
  private let log: Logger
  private let now: @Sendable () -> Timestamp

  /// - Parameters:
  ///   - office: where flags are looked at and changed; `nil`: nowhere.
  ///   - recorder: takes note of evaluations; it begins and ends with the server.
  ///   - services: what else begins and ends with it.
  package init(
    _ serving: Serving, tokens: TokenBook, shelf: FlagShelf, office: (any FlagOffice)? = nil,
    recorder: EvaluationRecorder? = nil,
    services parts: [any ServerPart] = [], log: Logger, now: @escaping @Sendable () -> Timestamp
  ) {
    self.serving = serving
    self.tokens = tokens
    self.shelf = shelf
    self.office = office
    self.recorder = recorder
    self.parts = parts
    self.log = log
    self.now = now
  }

  /// Why a server does not begin.
  package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
  }

  /// Everything that is served, ready to run.
  ///
  /// - Parameter onListening: called once connections are taken, with where.
  /// - Throws: when other machines could reach it and nobody needs a token.
  package func application(
    onListening: @escaping @Sendable (Serving.Address) async -> Void = { _ in }
  ) throws(Refusal) -> some ApplicationProtocol {
    guard serving.address.isLoopback || !tokens.isEmpty else {
      throw Refusal(
        description: "\(serving.address) can be reached from other machines, and there are no tokens; "
          + "add `tokens:` to `serve:` of headgate.yaml, or listen on 127.0.0.1")
    }
    let streams = ChangeStreams(of: shelf, most: serving.limits.streams)
    let limits = serving.limits
    let host = serving.address.host
    let recording: [any ServerPart] = recorder.map { [$0] } ?? []
    return Application(
      router: router(streams),
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [SlowClientHandler(patience: .milliseconds(limits.request.milliseconds))],
          idleTimeout: .milliseconds(limits.idle.milliseconds),
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))),
      configuration: .init(
        address: .hostname(host, port: serving.address.port),
        availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: log)),
      services: recording + parts + [streams],
      onServerRunning: { channel in
        await onListening(Serving.Address(host: host, port: channel.localAddress?.port ?? 0))
      },
      logger: log)
  }

  /// Serves until the process gets SIGTERM or SIGINT, and ends what is under way in order.
  package func run(onListening: @escaping @Sendable (Serving.Address) async -> Void) async throws {
    do {
      try await application(onListening: onListening).runService()
    } catch let error as IOError {
      throw Refusal(
        description: "\(serving.address) cannot be listened on: \(String(cString: strerror(error.errnoCode))); "
          + "choose another address under `serve:` of headgate.yaml, or another port with --port")
    }
  }

  private func router(_ streams: ChangeStreams) -> Router<ServerContext> {
    let figures = RequestFigures()
    let desk = FlagDesk(shelf: shelf, standard: serving.environment)
    let router = Router(context: ServerContext.self)
    router.add(middleware: RequestLog(figures: figures))
    router.add(middleware: ProblemMiddleware())
    router.add(middleware: Doorkeeper(tokens: tokens, now: now))
    HealthRoutes(shelf: shelf, streams: streams, recorder: recorder, figures: figures).add(to: router)
    OFREPRoutes(desk: desk, streams: streams, recorder: recorder, limits: serving.limits, now: now).add(to: router)
    DefinitionRoutes(desk: desk, recorder: recorder, now: now).add(to: router)
    if let office { FlagRoutes(office: office, limits: serving.limits, now: now).add(to: router) }
    return router
  }
}
