import Hummingbird
import PipelineModel

/// Finds the flags that a request is about.
struct FlagDesk: Sendable {
  let shelf: FlagShelf
  /// Of requests that name none, and whose token does not settle it.
  let standard: String?

  /// The environment in the path, else the only one of the token, else that of the configuration, else the only one.
  func environment(for context: ServerContext) throws(Problem) -> String {
    if let named = context.parameters.get("environment") { return named }
    if let only = context.caller.onlyEnvironment ?? standard ?? shelf.only?.environment { return only }
    let known = shelf.environments.filter { context.caller.knows($0) }
    throw Problem(
      .badRequest, known.isEmpty ? "there are no flags here" : "it is not clear which environment is meant",
      mend: known.first.map { "use a base address that names it, for example /environments/\($0)" }
        ?? "make a flag with `headgate flag create`")
  }

  /// The flags that the caller may have, for a purpose.
  func page(for context: ServerContext, to scope: Serving.Scope) throws(Problem) -> FlagPage {
    let environment = try environment(for: context)
    try context.caller.mustBeAllowed(to: scope, in: environment)
    guard let page = shelf.page(of: environment) else {
      let known = shelf.environments.filter { context.caller.knows($0) }
      throw Problem(
        .notFound, "there is no environment \"\(environment)\"",
        mend: known.isEmpty ? nil : "there are \(known.joined(separator: ", "))")
    }
    return page
  }
}
