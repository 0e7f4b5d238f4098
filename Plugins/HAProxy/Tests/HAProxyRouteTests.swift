import PipelineModel
import PluginKit
import Testing

@testable import HAProxyPlugin

/// Settings become one of three kinds of route, a share becomes a command line, an answer a share; without a server.
@Suite struct HAProxyRouteTests {
  private let servers = HAProxyRoute.servers(backend: "shop", blue: "b", green: "g")
  private let share = HAProxyRoute.share(map: "/m", key: "shop", of: .green)
  private let live = HAProxyRoute.live(map: "/m", key: "shop", blue: "b", green: "g")

  private func route(_ texts: [String: String]) throws(Failure) -> HAProxyRoute {
    try HAProxyRoute(Settings(texts.mapValues { .text($0) }), name: "edge/shop")
  }

  @Test func `the settings tell which kind of route it is`() throws {
    #expect(try route(["backend": "shop", "blue": "b", "green": "g"]) == servers)
    #expect(try route(["map": "/m", "key": "shop"]) == share)
    #expect(try route(["map": "/m", "key": "shop", "slot": "blue"]) == .share(map: "/m", key: "shop", of: .blue))
    #expect(try route(["map": "/m", "key": "shop", "blue": "b", "green": "g"]) == live)
  }

  @Test(arguments: [
    [:], ["backend": "shop"], ["map": "/m"], ["backend": "shop", "map": "/m", "key": "k", "blue": "b", "green": "g"],
    ["backend": "shop", "blue": "b", "green": "b"], ["map": "/m", "key": "a b"],
    ["map": "/m", "key": "a;disable frontend web"], ["map": "/m", "key": "a\nshutdown"], ["map": "", "key": "k"],
  ])
  func `settings that make no route are refused as the operator's to mend`(texts: [String: String]) {
    let failure = #expect(throws: Failure.self) { try route(texts) }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.hasPrefix("edge/shop: ") == true)
  }

  @Test func `both weights are set in one line, the larger one first`() {
    #expect(servers.settingCommand(.percent(5), candidate: .green) == "set weight shop/b 95;set weight shop/g 5")
    #expect(servers.settingCommand(.percent(5), candidate: .blue) == "set weight shop/g 95;set weight shop/b 5")
    #expect(servers.settingCommand(.percent(100), candidate: .green) == "set weight shop/g 100;set weight shop/b 0")
    #expect(servers.settingCommand(.none, candidate: .green) == "set weight shop/b 100;set weight shop/g 0")
  }

  @Test func `a share in a map is turned round for the other slot`() {
    #expect(share.settingCommand(.percent(25), candidate: .green) == "set map /m shop 2500")
    #expect(share.settingCommand(.percent(25), candidate: .blue) == "set map /m shop 7500")
  }

  @Test func `a live map names the slot that gets everything`() {
    #expect(live.settingCommand(.all, candidate: .green) == "set map /m shop g")
    #expect(live.settingCommand(.none, candidate: .green) == "set map /m shop b")
    #expect(live.settingCommand(.none, candidate: .blue) == "set map /m shop g")
    #expect(live.refusal(of: .percent(25)) != nil)
    #expect(live.refusal(of: .all) == nil)
  }

  @Test func `weights out of reach are refused`() {
    #expect(servers.refusal(of: Weight(basisPoints: 10)) != nil)
    #expect(servers.refusal(of: Weight(basisPoints: 9_990)) != nil)
    #expect(servers.refusal(of: Weight(basisPoints: 50)) == nil)
    #expect(share.refusal(of: Weight(basisPoints: 1)) == nil)
    #expect(share.refusal(of: Weight(basisPoints: 10_001)) != nil)
    #expect(share.refusal(of: Weight(basisPoints: -1)) != nil)
  }

  @Test func `answers are read back as the candidate's share`() throws {
    #expect(try servers.weight(in: "95 (initial 100)\n5 (initial 0)", candidate: .green) == .percent(5))
    let entry = #"type=str, case=sensitive, found=yes, idx=tree, key="shop", value="2500", type="sint""#
    #expect(try share.weight(in: entry, candidate: .green) == .percent(25))
    #expect(try share.weight(in: entry, candidate: .blue) == .percent(75))
    let named = #"found=yes, idx=tree, key="shop", value="g", type="str""#
    #expect(try live.weight(in: named, candidate: .green) == .all)
    #expect(try live.weight(in: named, candidate: .blue) == Weight.none)
  }

  @Test func `two servers without a weight serve nobody, which is no share`() throws {
    #expect(try servers.weight(in: "0 (initial 100)\n0 (initial 0)", candidate: .green) == nil)
  }

  @Test func `answers that are no share are failures`() {
    let answers: [(HAProxyRoute, String, Failure.Kind)] = [
      (servers, "No such server.\nNo such server.", .rejected), (servers, "", .rejected), (servers, "5", .rejected),
      (share, "type=str, case=sensitive, found=no", .rejected),
      (share, #"found=yes, key="shop", value="lots""#, .rejected),
      (share, #"found=yes, key="shop", value="10001""#, .rejected),
      (live, #"found=yes, key="shop", value="other""#, .rejected),
      (live, "Unknown map identifier. Please use #<id> or <file>.", .rejected),
    ]
    for (route, answer, kind) in answers {
      let failure = #expect(throws: Failure.self) { try route.weight(in: answer, candidate: .green) }
      #expect(failure?.kind == kind, "\(answer)")
    }
  }
}
