import PipelineModel
package import PluginKit

extension BackendFactory<any TrafficRouter> {
  /// nginx, by its configuration.
  package static var nginx: Self {
    Self(
      kind: BackendKind(
        name: "nginx", port: .traffic,
        about: "Moves traffic by a file of nginx's configuration that it tests, has nginx read, and asks for.",
        settings: SettingsSchema([
          .init("directory", .text, required: true, about: "Folder that nginx includes *.conf of; one file a route."),
          .init(
            "status", .text, .hostAndPort, required: true,
            about: "Free host:port on loopback where nginx tells what it runs."),
          .init("configuration", .text, about: "nginx's main file, where it is not the usual one."),
          .init("prefix", .text, about: "nginx's -p, where it is not the usual one."),
          .init("test", .list(.text), about: "Command that tests the configuration; nginx -t -q unless given."),
          .init("reload", .list(.text), about: "Command that asks for a reload; nginx -s reload unless given."),
          .init("timeout", .duration, about: "Longest until nginx runs a new configuration; 10s unless given."),
        ]),
        routeSettings: SettingsSchema(
          [
            .init("upstream", .text, NginxRoute.word, about: "Upstream to write, of two servers that share by weight."),
            .init(
              "options", .list(.text), NginxRoute.directive,
              about: "More directives of that upstream, such as keepalive 64."),
            .init("variable", .text, about: "Variable to split by, which becomes what `blue` or `green` says."),
            .init("by", .text, about: "What the split is made by; $request_id unless given, $remote_addr is sticky."),
            .init(
              "blue", .text, NginxRoute.directive, required: true,
              about: "Server, or with `variable` the upstream, of slot blue."),
            .init(
              "green", .text, NginxRoute.directive, required: true,
              about: "Server, or with `variable` the upstream, of slot green."),
          ],
          rules: [
            .oneOf(["upstream", "variable"]), .needs("options", "upstream"), .needs("by", "variable"),
            .differ("blue", "green"),
          ]),
        capabilities: [.partialWeights, .readBack], conditional: [.headerRoute: "variable", .mirror: "variable"])
    ) { backend, context throws(Failure) in
      let timeout = backend.settings.duration("timeout") ?? .seconds(10)
      return NginxRouter(
        name: backend.name, routes: try routes(backend),
        folder: NginxFolder(path: resolved(backend.settings.text("directory") ?? "", context)),
        program: program(backend, context, timeout),
        status: NginxStatus(name: backend.name, address: try address(backend), timeout: min(timeout, .seconds(2))),
        patience: timeout)
    }
  }
}

private func resolved(_ path: String, _ context: BackendContext) -> String {
  path.hasPrefix("/") ? path : "\(context.baseDirectory)/\(path)"
}

private func program(_ backend: Backend, _ context: BackendContext, _ timeout: Interval) -> NginxProgram {
  var nginx = ["nginx"]
  if let prefix = backend.settings.text("prefix") { nginx += ["-p", resolved(prefix, context)] }
  if let main = backend.settings.text("configuration") { nginx += ["-c", resolved(main, context)] }
  return NginxProgram(
    test: command("test", of: backend) ?? nginx + ["-t", "-q"],
    reload: command("reload", of: backend) ?? nginx + ["-s", "reload"], timeout: timeout)
}

private func command(_ name: String, of backend: Backend) -> [String]? {
  guard case .list(let values)? = backend.settings[name] else { return nil }
  return values.compactMap { if case .text(let text) = $0 { text } else { nil } }
}

private func address(_ backend: Backend) throws(Failure) -> String {
  let text = backend.settings.text("status") ?? ""
  let marks = ".:[]-".unicodeScalars
  let isPlain = text.unicodeScalars.allSatisfy {
    $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || marks.contains($0))
  }
  guard isPlain, let colon = text.lastIndex(of: ":"), colon != text.startIndex,
    let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
  else {
    throw Failure(.misconfigured, "\(backend.name): `status` is \"\(text.excerpt(80))\"; write host:port")
  }
  return text
}

private func routes(_ backend: Backend) throws(Failure) -> [String: NginxRoute] {
  var routes: [String: NginxRoute] = [:]
  for (name, value) in (backend.settings.map("routes")?.values ?? [:]).sorted(by: { $0.key < $1.key }) {
    guard case .map(let settings) = value else { continue }
    try NginxRoute.checkWord(name, "routes", backend.name)
    routes[name] = try NginxRoute(settings, name: "\(backend.name)/\(name)")
  }
  return routes
}
