import LiveRig
import PipelineModel
import PluginKit
import Testing

@testable import NginxPlugin

/// Settings become one of two kinds of route, a share becomes a file, and what nginx tells becomes a share.
@Suite struct NginxRouteTests {
  private func route(_ texts: [String: String], options: [String]? = nil) throws(Failure) -> NginxRoute {
    var values = texts.mapValues { Settings.Value.text($0) }
    if let options { values["options"] = .list(options.map { .text($0) }) }
    return try NginxRoute(Settings(values), name: "edge/shop")
  }

  private func text(_ route: NginxRoute, _ share: Weight) -> String {
    let fragment = route.fragment(of: "shop", NginxWish(green: share), status: "127.0.0.1:81")
    return fragment.text.split(separator: "server {\n  listen")[0].split(separator: "\n").dropFirst()
      .joined(separator: "\n")
  }

  @Test func `an upstream has both servers with the smallest weights that give the share`() throws {
    let shop = try route(["upstream": "shop", "blue": "b:1", "green": "g:1 backup"], options: ["keepalive 9"])
    #expect(
      text(shop, .percent(25))
        == "upstream shop {\n  zone shop 64k;\n  server b:1 weight=3;\n  server g:1 backup weight=1;\n  keepalive 9;\n}"
    )
    #expect(text(shop, .none).contains("server b:1 weight=1;\n  server g:1 backup down;"))
    #expect(text(shop, .all).contains("server b:1 down;\n  server g:1 backup weight=1;"))
    #expect(text(shop, Weight(basisPoints: 1)).contains("server b:1 weight=9999;\n  server g:1 backup weight=1;"))
  }

  @Test func `a zone of the operator's own is the only one`() throws {
    let shop = try route(["upstream": "shop", "blue": "b:1", "green": "g:1"], options: ["zone mine 1m"])
    #expect(!text(shop, .none).contains("zone shop"))
  }

  @Test func `a split names green first, so that who is on it stays`() throws {
    let shop = try route(["variable": "$slot", "by": "$remote_addr", "blue": "b", "green": "g"])
    let mirror = "\nsplit_clients \"$remote_addr mirror\" $slot_mirror {\n  * \"\";\n}"
    let head = "split_clients \"$remote_addr\" $slot {\n"
    #expect(text(shop, Weight(basisPoints: 1_250)) == head + "  12.5% g;\n  * b;\n}" + mirror)
    #expect(text(shop, .none) == head + "  * b;\n}" + mirror)
    #expect(text(shop, .all) == head + "  * g;\n}" + mirror)
  }

  @Test func `each text tells its own generation`() throws {
    let shop = try route(["variable": "slot", "blue": "b", "green": "g"])
    let other = try route(["variable": "slot", "blue": "b", "green": "h"])
    let texts = [shop, other].flatMap { route in
      [1, 9_999, 10_000].map { route.fragment(of: "shop", NginxWish(green: Weight(basisPoints: $0)), status: "s:1") }
    }
    #expect(Set(texts.map(\.generation)).count == texts.count)
    for fragment in texts { #expect(fragment.text.contains("generation=\(fragment.generation)\\n\"")) }
  }

  @Test func `what nginx tells is read back`() {
    let wishes = [
      NginxWish(), NginxWish(green: .percent(25)),
      NginxWish(
        green: .all, header: HeaderRoute(header: "x-canary", value: "a b:1/2+3", slot: .blue),
        mirror: .init(share: .percent(5), slot: .green)),
    ]
    for wish in wishes {
      let running = NginxRunning(route: "shop", wish: wish, generation: "4f")
      #expect(NginxRunning(running.line + "\n") == running)
    }
    let wrong = [
      "", "hello", "headgate route=shop green=10001 header=- mirror=- generation=4f",
      "headgate green=5 route=shop header=- mirror=- generation=4f",
      "headgate route=shop green=5 header=x mirror=- generation=4f",
    ]
    for line in wrong { #expect(NginxRunning(line) == nil) }
  }

  @Test func `a file says what was wished when it was written`() throws {
    let shop = try route(["variable": "slot", "blue": "b", "green": "g"])
    let wish = NginxWish(
      green: .percent(5), header: HeaderRoute(header: "X-Group", value: "a.b c", slot: .green),
      mirror: .init(share: Weight(basisPoints: 50), slot: .green))
    let fragment = shop.fragment(of: "shop", wish, status: "127.0.0.1:81")
    #expect(NginxRoute.wish(in: fragment.text) == wish)
    #expect(fragment.text.contains("map $http_x_group $slot {\n  \"~^a\\.b c$\" g;\n  default $slot_split;\n}"))
    #expect(fragment.text.contains("$slot_mirror {\n  0.5% g;\n  * \"\";\n}"))
    #expect(NginxRoute.wish(in: "upstream shop { server b:1; }") == nil)
  }

  @Test(arguments: [
    [:], ["upstream": "shop"], ["blue": "b", "green": "g"], ["upstream": "shop", "blue": "b", "green": "b"],
    ["upstream": "shop", "variable": "v", "blue": "b", "green": "g"],
    ["upstream": "shop", "by": "$remote_addr", "blue": "b", "green": "g"],
    ["upstream": "a b", "blue": "b", "green": "g"], ["upstream": "shop", "blue": "b; } server { ", "green": "g"],
    ["upstream": "shop", "blue": "b", "green": " "], ["variable": "v", "by": "\" evil", "blue": "b", "green": "g"],
    ["variable": "v", "blue": "b\nc", "green": "g"],
  ])
  func `settings that make no route are refused as the operator's to mend`(texts: [String: String]) {
    let failure = #expect(throws: Failure.self) { try route(texts) }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.hasPrefix("edge/shop: ") == true)
  }

  @Test(arguments: ["8089", "a b:1", "host:0", "host:70000", ":1", "host:1;evil"])
  func `an address that is none is refused`(status: String) {
    let backend = Backend(
      name: "edge", kind: "nginx", settings: Settings(["directory": .text("/d"), "status": .text(status)]))
    let failure = #expect(throws: Failure.self) { try NginxServer.make(backend) }
    #expect(failure?.message == "edge: `status` is \"\(status)\"; write host:port")
  }

  @Test func `a folder that is not there is the operator's to mend`() async throws {
    let route = ["variable": "slot", "blue": "b", "green": "g"].mapValues { Settings.Value.text($0) }
    let settings = Settings([
      "directory": .text("/nowhere/at/all"), "status": .text("127.0.0.1:\(try Rig.freePort())"),
      "routes": .map(Settings(["shop": .map(Settings(route))])),
    ])
    let router = try NginxServer.make(Backend(name: "edge", kind: "nginx", settings: settings))
    let change = WeightChange(route: "shop", candidate: .green, weight: .percent(5), key: "k")
    let failure = await #expect(throws: Failure.self) { try await router.setWeight(change) }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.contains("could not write /nowhere/at/all/shop.conf") == true)
  }
}
