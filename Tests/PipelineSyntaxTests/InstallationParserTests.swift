import Foundation
import PipelineModel
import Testing

@testable import PipelineSyntax

/// headgate.yaml without mistakes arrives in the model, its settings typed by their kinds.
@Suite struct InstallationParserTests {
  @Test func `how the audit log is signed for is read, and what is not said has its default`() {
    let text = """
      notifiers: { auditors: { kind: hook, url: "http://127.0.0.1:8065" } }
      audit:
        key: { secret: audit }
        entries: 500
        every: 5m
        file: /mnt/elsewhere/checkpoints.txt
        git: { worktree: ../log, push: origin }
        notify: auditors
        reads: [export, prove]
      secrets: { audit: { file: /run/secrets/audit.key } }
      """
    let parser = InstallationParser(kinds: BackendKind.examples)
    #expect(
      parser.parse(text, path: "headgate.yaml").value?.audit
        == AuditPolicy(
          key: "audit", entries: 500, every: .minutes(5), file: "/mnt/elsewhere/checkpoints.txt",
          git: .init(worktree: "../log", push: "origin"), notify: ["auditors"], reads: [.export, .prove]))
    let plain = parser.parse("store: headgate.db", path: "headgate.yaml").value?.audit
    #expect(plain == AuditPolicy())
    #expect(plain?.reads == [.export])
    #expect(parser.parse("audit: { reads: none }", path: "headgate.yaml").value?.audit.reads == [])
    #expect(
      parser.parse("audit: { reads: [all] }", path: "headgate.yaml").value?.audit.reads == Set(AuditedRead.allCases))
    let archive = "audit: { archive: { folder: old, roles: [auditor], least: 400d, breakGlass: [head] } }"
    #expect(
      parser.parse(archive, path: "headgate.yaml").value?.audit.archive
        == .init(folder: "old", roles: ["auditor"], least: .hours(9600), breakGlass: ["head"]))
    #expect(plain?.archive == .init(least: .hours(365 * 24)))
  }

  @Test func `who may act for others and declare freezes is read, and nobody acts for others by default`() {
    let parser = InstallationParser(kinds: BackendKind.examples)
    let text = """
      actingFor: [ci]
      roles: { manager: [rita], sre: [sam] }
      freezes: { start: [manager, sre], end: manager }
      """
    let installation = parser.parse(text, path: "headgate.yaml").value
    #expect(installation?.people == PeoplePolicy(actingFor: .these(["ci"])))
    #expect(installation?.freezes == FreezePolicy(start: ["manager", "sre"], end: ["manager"]))
    let plain = parser.parse("store: headgate.db", path: "headgate.yaml").value
    #expect(plain?.people == PeoplePolicy(actingFor: .these([])) && plain?.freezes == FreezePolicy())
    #expect(parser.parse("actingFor: anybody", path: "headgate.yaml").value?.people.actingFor == .anybody)
    let unknown = parser.parse("freezes: { start: [manager] }", path: "headgate.yaml").diagnostics
    #expect(unknown.map(\.message).contains { $0.contains("manager") })
  }

  private static let sound = """
    store: here.db
    roles: { manager: [rita] }
    flags: { production: { change: [manager], approve: [manager] } }
    providers: { prom: { kind: prometheus, url: "http://127.0.0.1:9090" } }
    """

  private static func lenient(_ more: String) -> (parsed: Parsed<Installation>, leftOut: [Diagnostic]) {
    InstallationParser(kinds: BackendKind.examples).parseLeavingOutBroken(
      SourceFile(path: "headgate.yaml", text: "\(sound)\n\(more)\n"))
  }

  @Test(arguments: [
    "routers: { edge: { kind: haproxy, sockett: 1 } }", "routers: 7", "routrs: { edge: { kind: haproxy, socket: a } }",
    "deployers: { host: { kind: nothing-of-the-kind } }", "notify: { nobody: [all] }", "secrets: { a: 7 }",
    "notifiers: { hook: { kind: none } }\nnotify: { hook: [all] }\naudit: { key: { secret: a }, notify: hook }",
    "audit: { key: { secret: nowhere }, file: checkpoints.txt, every: 5m }",
    "plugins: { x: 7 }", "audit: { key: { secret: nowhere } }",
    "serve: { limits: { body: 1 }, environment: production }", "audit: { enrties: 500 }", "serve: { toekns: {} }",
    "serve:", "audit: text", "sreve: { address: 127.0.0.1:8710 }", "aduit: { entries: 500, notify: [x] }",
  ]) func `what takes a flag away is not held by a mistake in what it does without`(more: String) throws {
    let (parsed, leftOut) = Self.lenient(more)
    let strict = InstallationParser(kinds: BackendKind.examples).parse(
      "\(Self.sound)\n\(more)", path: "headgate.yaml")
    #expect(strict.value == nil)
    let installation = try #require(parsed.value, "\(parsed.diagnostics)")
    #expect(installation.store == "here.db" && installation.roles.map(\.name) == ["manager"])
    #expect(installation.flags.environments.map(\.name) == ["production"])
    #expect(installation.providers.map(\.name) == ["prom"])
    #expect(leftOut.contains { $0.place.line > 4 && $0.severity == .error }, "\(leftOut)")
  }

  @Test(arguments: [
    "actingFor: { a: 1 }", "freezes: { start: [nobody] }", "store: [1]", "flgas: {}", "audit: { reads: [everything] }",
    "overrides: [nobody]", "serve: { files: 7 }", "a: [",
    "routers: { edge: { kind: haproxy, sockett: 1 } }\nactingFor: { a: 1 }", "providers: {}",
    "audit: { archive: { strange: 1 }, key: { secret: nowhere } }", "aduit: { reads: none }", "sreve: { files: {} }",
    "audit: { raeds: none }",
  ]) func `who may do what is read as strictly as ever`(more: String) {
    let (parsed, _) = Self.lenient(more)
    #expect(parsed.value == nil && parsed.hasErrors)
  }

  @Test func `of several backends those that are sound stay`() throws {
    let more = """
      routers:
        edge: { kind: haproxy, sockett: 1 }
      notifiers:
        one: { kind: hook, url: "http://127.0.0.1:8065" }
        two: { kind: hook, urll: "http://127.0.0.1:8065" }
      """
    let installation = try #require(Self.lenient(more).parsed.value)
    #expect(installation.routers.isEmpty && installation.notifiers.map(\.name) == ["one"])
  }

  @Test func `a whole installation arrives in the model`() throws {
    let parsed = InstallationParser(kinds: BackendKind.examples).parse(whole, path: "headgate.yaml")
    #expect(parsed.diagnostics.map(\.description) == [])
    let installation = try #require(parsed.value)
    #expect(installation.store == "var/headgate.db")
    let prometheus = try #require(installation.providers.first)
    #expect(prometheus.settings.text("url") == "http://127.0.0.1:9090")
    #expect(prometheus.settings.duration("timeout") == .seconds(5))
    #expect(prometheus.settings.secret("token") == "grafana")
    #expect(prometheus.settings.map("headers")?.text("X-Scope-OrgID") == "shop")
    let policy = ResiliencePolicy(
      timeout: .seconds(3), deadline: .seconds(15), tries: 5, atOnce: 4, rate: 20,
      breaker: .init(failures: 2, pause: .minutes(1)), share: false)
    #expect(prometheus.resilience == policy && prometheus.fallback == "replica")
    let replica = ResiliencePolicy(timeout: .seconds(20), deadline: .seconds(20), breaker: nil)
    #expect(installation.providers.last?.resilience == replica)
    #expect(installation.routers.allSatisfy { $0.resilience == nil })
    #expect(installation.notifiers.first?.settings.text("title") == "${service}: ${title}")
    #expect(
      installation.notify == [
        Subscription(notifier: "chat", events: NoticeGroup.problems.events.union([.started])),
        Subscription(notifier: "mail", events: [.rollbackStuck]),
      ])
    let route = try #require(installation.routers.first?.settings.map("routes")?.map("checkout"))
    #expect(route["servers"] == .list([.text("v1"), .text("v2")]))
    #expect(installation.deployers.first?.settings.number("retries") == 3)
    #expect(
      installation.secrets == [
        Secret(name: "grafana", source: .environment("TOKEN")), Secret(name: "key", source: .command("pass show key")),
      ])
    #expect(installation.roles == [.init(name: "release-manager", members: ["alice", "bob"])])
  }

  @Test func `what is served, to whom and within which limits arrives in the model`() throws {
    let text = """
      serve:
        address: "[::1]:0"
        environment: staging
        tokens:
          shop: { secret: shop-token, environments: [production], rate: 500 }
          ada: { secret: ada-token, may: [read, change], as: ada }
        sources: { demo: demo.json }
        files: { production: out/production.json }
        exposures: { subjects: plain, keep: 7d }
        limits: { body: 4096, request: 3s, streams: 9 }
      secrets: { shop-token: { env: SHOP }, ada-token: { file: ada.token } }
      """
    let parsed = InstallationParser(kinds: []).parse(text, path: "headgate.yaml")
    #expect(parsed.diagnostics.map(\.description) == [])
    let serve = try #require(parsed.value?.serve)
    #expect(serve.address == Serving.Address(host: "::1", port: 0) && serve.address.isLoopback)
    #expect(serve.environment == "staging")
    let shop = Serving.Token(
      name: "shop", secret: "shop-token", scopes: [.evaluate], environments: ["production"], rate: 500)
    let ada = Serving.Token(name: "ada", secret: "ada-token", scopes: [.read, .change], person: "ada")
    #expect(serve.tokens == [shop, ada])
    #expect(serve.tokens.map(\.principal.description) == ["token:shop", "person:ada"])
    #expect(serve.sources == [.init(environment: "demo", path: "demo.json")])
    #expect(serve.files == [.init(environment: "production", path: "out/production.json")])
    #expect(serve.exposures == .init(subjects: .plain, keep: .hours(168)))
    #expect(serve.limits == .init(body: 4096, request: .seconds(3), streams: 9))
  }

  @Test(arguments: [
    ("127.0.0.1:1", true), ("localhost:8710", true), ("[::1]:0", true), ("127.9.8.7:80", true), ("0.0.0.0:80", false),
    ("[::]:80", false), ("10.0.0.1:80", false), ("127.0.0.1.example:80", false), ("127.x:80", false),
    ("localhost.example:80", false),
  ]) func `an address is of this machine alone, or it is not`(text: String, isLoopback: Bool) throws {
    let address = try #require(Serving.Address(text))
    #expect(address.isLoopback == isLoopback && address.description == text)
  }

  @Test(arguments: ["", "127.0.0.1", ":80", "::1:80", "h:65536", "h:-1", "h: 80", "h h:80", "h:"])
  func `what is no address is none`(text: String) { #expect(Serving.Address(text) == nil) }

  @Test func `no message repeats what may be a secret`() {
    let text =
      "providers: { a: { kind: prometheus, url: 'http://u:hunter2@h', token: hunter2 } }\nsecrets: { b: hunter2 }"
    let parsed = InstallationParser(kinds: BackendKind.examples).parse(text, path: "headgate.yaml")
    #expect(parsed.diagnostics.count == 3)
    #expect(!parsed.diagnostics.contains { $0.description.contains("hunter2") })
  }

  private let whole = """
    store: var/headgate.db
    providers:
      prometheus:
        kind: prometheus
        url: http://127.0.0.1:9090
        timeout: 5s
        token: { secret: grafana }
        headers: { X-Scope-OrgID: shop }
        fallback: replica
        resilience: { timeout: 3s, tries: 5, atOnce: 4, rate: 20, breaker: { failures: 2, pause: 1m }, share: false }
      replica:
        kind: prometheus
        url: http://127.0.0.1:9091
        resilience: { breaker: off, timeout: 20s }
    routers:
      edge:
        kind: haproxy
        socket: /run/haproxy.sock
        mode: map
        routes:
          checkout: { backend: shop, servers: [v1, v2] }
      lever: { kind: switch }
    deployers:
      compose: { kind: command, start: "docker compose up ${version}", retries: 3, verbose: true }
    notifiers:
      chat: { kind: hook, url: http://127.0.0.1:8065, title: "${service}: ${title}", resilience: { timeout: 2s } }
      mail: { kind: hook, url: http://127.0.0.1:8066 }
    notify:
      chat: [problems, started]
      mail: rollbackStuck
    secrets:
      grafana: { env: TOKEN }
      key: { command: pass show key }
    roles:
      release-manager: [alice, bob]
    """

  @Test func `who may do what to flags arrives in the model`() throws {
    let parsed = InstallationParser(kinds: []).parse(
      """
      roles: { release-manager: [rita], sre: [sam], developer: [dan] }
      flags:
        staging: { change: developer }
        production:
          change: [release-manager]
          approve: [release-manager, sre]
          approvals: 2
          expires: 8h
          kill: [developer, sre]
          movers: { above: 5%, approvals: 3 }
          whileRamping: queue
          fractional: v3
      """, path: "headgate.yaml")
    #expect(parsed.diagnostics == [])
    let policy = try #require(parsed.value?.flags)
    #expect(policy.environment("staging") == .init(name: "staging", change: ["developer"]))
    #expect(
      policy.environment("production")
        == .init(
          name: "production", fractional: "v3", change: ["release-manager"], approve: ["release-manager", "sre"],
          approvals: 2, expires: .hours(8), kill: ["developer", "sre"], breakGlass: ["release-manager", "sre"],
          movers: .init(above: .percent(5), approvals: 3), whileRamping: .queue))
    #expect(policy.environment("nowhere") == nil)
    // Where nothing is said, production alone wants a second person.
    #expect(FlagPolicy().environment("production")?.approvals == 1)
    #expect(FlagPolicy().environment("staging")?.approvals == 0)
  }
}
