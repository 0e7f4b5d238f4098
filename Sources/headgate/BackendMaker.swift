import PipelineModel
import PluginKit

/// Makes backends of their settings, and notes why one could not be made: it keeps no other from being used.
struct BackendMaker {
  let context: BackendContext
  private(set) var broken: [BackendKind.Port: [String: String]] = [:]

  init(context: BackendContext) { self.context = context }

  mutating func make<Port>(
    _ backends: [Backend], _ port: BackendKind.Port, by factories: [BackendFactory<Port>]
  ) -> [String: Port] {
    var made: [String: Port] = [:]
    for backend in backends {
      do throws(Failure) {
        made[backend.name] = try make(backend, by: factories)
      } catch {
        broken[port, default: [:]][backend.name] = error.message
      }
    }
    return made
  }

  private func make<Port>(_ backend: Backend, by factories: [BackendFactory<Port>]) throws(Failure) -> Port {
    if let fault = backend.fault { throw Failure(.misconfigured, fault) }
    guard let factory = factories.first(where: { $0.kind.name == backend.kind }) else {
      throw Failure(.misconfigured, "\(backend.name): this build has no \"\(backend.kind)\"")
    }
    return try factory.make(backend, context)
  }
}
