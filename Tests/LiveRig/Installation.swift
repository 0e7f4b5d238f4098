extension Rig {
  /// Text of a headgate.yaml for these backends: provider `prometheus`, router `edge`, deployer `local`.
  ///
  /// Timeouts are short, so that a hung backend is found out within a test.
  package static func installation(
    haproxy: HAProxyServer, prometheus: PrometheusServer, deployment: ShopDeployment? = nil
  ) -> String {
    var text = """
      store: headgate.db
      actingFor: anybody
      providers:
        prometheus: { kind: prometheus, url: "\(prometheus.url)", timeout: 2s }
      routers:
        edge:
          kind: haproxy
          socket: \(haproxy.socketPath)
          timeout: 2s
          routes:
      """
    for (name, route) in haproxy.routes {
      let settings = route.map { "\($0): \($1)" }.joined(separator: ", ")
      text += "\n      \(name): { \(settings) }"
    }
    guard let deployment else { return text + "\n" }
    return text + """

      deployers:
        local:
          kind: command
          start: \(quoted(deployment.start))
          health: \(quoted(deployment.health))
          stop: \(quoted(deployment.stop))

      """
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "''") + "'"
  }
}
