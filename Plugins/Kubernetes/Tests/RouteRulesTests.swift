import Foundation
import KubernetesClient
import PipelineModel
import PluginKit
import Testing

@testable import KubernetesPlugin

/// Rules become shares and shares become rules; without a server.
@Suite struct RouteRulesTests {
  private let route = Result { () throws(Failure) in
    try KubernetesRoute(
      Settings(["route": .text("shop"), "blue": .text("b"), "green": .text("g")]), name: "edge/shop", namespace: "shop")
  }

  private func green(_ refs: String...) throws -> Weight? { try rules(refs).green(of: try route.get()) }

  private func rules(_ refs: [String]) throws -> RouteRules {
    let rules = refs.map { #"{"backendRefs": [\#($0)]}"# }.joined(separator: ", ")
    let object = try #require(JSON(parsing: Data(#"{"spec": {"rules": [\#(rules)]}}"#.utf8)))
    return RouteRules(KubernetesObject(object))
  }

  private func ref(_ name: String, _ weight: Int?) -> String {
    #"{"name": "\#(name)"\#(weight.map { #", "weight": \#($0)"# } ?? "")}"#
  }

  @Test func `a weight that is left out is 1`() throws {
    #expect(try green("\(ref("b", 3)), \(ref("g", nil))") == .percent(25))
    #expect(try green("\(ref("b", nil)), \(ref("g", nil))") == .percent(50))
  }

  @Test func `a third Service without a weight is no hindrance`() throws {
    #expect(try green("\(ref("b", 1)), \(ref("g", 1)), \(ref("c", 0))") == .percent(50))
    let failure = #expect(throws: Failure.self) { try green("\(ref("b", 1)), \(ref("g", 1)), \(ref("c", 1))") }
    #expect(failure?.message == "HTTPRoute shop/shop also sends traffic to c, so no two slots can share all of it")
  }

  @Test func `rules that differ are worth setting again`() throws {
    #expect(try green("\(ref("b", 1)), \(ref("g", 1))", "\(ref("g", 7)), \(ref("b", 7))") == .percent(50))
    let failure = #expect(throws: Failure.self) {
      try green("\(ref("b", 1)), \(ref("g", 1))", "\(ref("g", 0)), \(ref("b", 7))")
    }
    #expect(failure?.kind == .transient)
  }

  @Test func `a rule that differs is a drift, whichever it is and whatever the others give`() throws {
    let drifted = ["\(ref("b", 3)), \(ref("g", 1))", "\(ref("b", 1)), \(ref("g", 1))"]
    for refs in [drifted, drifted.reversed()] {
      let rules = try rules(refs)
      #expect(try rules.drift(fromGreen: .percent(25), of: route.get()) == .percent(50))
      #expect(try rules.drift(fromGreen: .percent(50), of: route.get()) == .percent(25))
      #expect(try rules.drift(fromGreen: .percent(37), of: route.get()) != nil)
    }
    #expect(try rules([drifted[0], drifted[0]]).drift(fromGreen: .percent(25), of: route.get()) == nil)
    let nobody = try rules(["\(ref("b", 0)), \(ref("g", 0))"])
    #expect(try nobody.drift(fromGreen: .none, of: route.get()) == .all)
    #expect(try nobody.drift(fromGreen: .percent(5), of: route.get()) == Weight.none)
  }

  @Test func `rules that differ are made alike`() throws {
    let refs = ["\(ref("b", 1)), \(ref("g", 1))", "\(ref("g", 0)), \(ref("b", 7))"]
    let rules = try rules(refs).setting(green: .percent(5), of: try route.get())
    #expect(rules[0]["backendRefs"] == [["name": "b", "weight": 95], ["name": "g", "weight": 5]])
    #expect(rules[1]["backendRefs"] == [["name": "g", "weight": 5], ["name": "b", "weight": 95]])
  }

  @Test func `nobody served is no share`() throws {
    #expect(try green("\(ref("b", 0)), \(ref("g", 0))") == nil)
  }

  @Test func `a share that is no whole percent is in basis points`() throws {
    let object = try #require(
      JSON(parsing: Data(#"{"spec": {"rules": [{"backendRefs": [\#(ref("b", 1)), \#(ref("g", 0))]}]}}"#.utf8)))
    let rules = try RouteRules(KubernetesObject(object)).setting(green: Weight(basisPoints: 50), of: try route.get())
    #expect(rules[0]["backendRefs"] == [["name": "b", "weight": 9950], ["name": "g", "weight": 50]])
  }

  @Test(arguments: [
    [:], ["route": "shop"], ["route": "shop", "blue": "b", "green": "b"], ["route": "Shop", "blue": "b", "green": "g"],
    ["route": "../secrets/x", "blue": "b", "green": "g"], ["route": "", "blue": "b", "green": "g"],
  ])
  func `settings that make no route are refused as the operator's to mend`(texts: [String: String]) {
    let failure = #expect(throws: Failure.self) {
      try KubernetesRoute(Settings(texts.mapValues { .text($0) }), name: "edge/shop", namespace: "shop")
    }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.hasPrefix("edge/shop: ") == true)
  }
}
