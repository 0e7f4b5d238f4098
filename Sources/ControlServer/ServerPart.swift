package import ServiceLifecycle

/// Something that begins and ends with the server.
package protocol ServerPart: Service {}

extension ServerPart {
  /// Does `work` until the server is told to end; then its waiting is cut short.
  package func untilTheEnd(_ work: @escaping @Sendable () async throws -> Void) async throws {
    try await cancelWhenGracefulShutdown(work)
  }
}
