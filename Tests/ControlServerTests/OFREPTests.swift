import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import ControlServer

/// OFREP 0.3.0, byte by byte where clients depend on it.
@Suite struct OFREPTests {
  private static let single = "/ofrep/v1/evaluate/flags/"
  private static let bulk = "/ofrep/v1/evaluate/flags"

  @Test(arguments: [
    ("on", "{}", #"{"key":"on","metadata":{"set":"shop"},"reason":"STATIC","value":true,"variant":"yes"}"#),
    (
      "text", #"{"context":{}}"#,
      #"{"key":"text","metadata":{"set":"shop"},"reason":"STATIC","value":"alpha ü \u0001","variant":"a"}"#
    ),
    ("float", "", #"{"key":"float","metadata":{"set":"shop"},"reason":"STATIC","value":1.0,"variant":"one"}"#),
    (
      "whole", #"{"context":null}"#,
      #"{"key":"whole","metadata":{"set":"shop"},"reason":"STATIC","value":9007199254740991,"variant":"big"}"#
    ),
    (
      "object", #"{"context":{"targetingKey":"u"},"more":1}"#,
      #"{"key":"object","metadata":{"set":"shop"},"reason":"STATIC","value":{"a":{},"b":[1,1.0,null]},"variant":"o"}"#
    ),
    ("off", "{}", #"{"key":"off","metadata":{"set":"shop"},"reason":"DISABLED","variant":""}"#),
    ("theirs", "{}", #"{"key":"theirs","metadata":{"set":"shop"},"reason":"DEFAULT","variant":""}"#),
    (
      "ruled", #"{"context":{"targetingKey":"u","plan":"pro"}}"#,
      #"{"key":"ruled","metadata":{"owner":"checkout","set":"mine"},"reason":"TARGETING_MATCH","value":true,"variant":"yes"}"#
    ),
    (
      "ruled", #"{"context":{"targetingKey":"u","plan":"free"}}"#,
      #"{"key":"ruled","metadata":{"owner":"checkout","set":"mine"},"reason":"DEFAULT","value":false,"variant":"no"}"#
    ),
  ]) func `a flag is answered with every member that clients need`(key: String, body: String, answer: String)
    async throws
  {
    try await Served().test { client in
      let response = try await client.post(Self.single + key, body.isEmpty ? nil : body)
      #expect(response.status == 200)
      #expect(response.body == answer)
      #expect(response.headers[.contentType] == "application/json")
    }
  }

  @Test func `a flag that is not there, and a rule that fails, have a code and details`() async throws {
    try await Served().test { client in
      for path in [Self.single + "none", Self.single + "no%20key", Self.single + "%F0%9F%A6%86"] {
        let missing = try await client.post(path, "{}")
        #expect(missing.status == 404)
        #expect(missing.body.contains(#""errorCode":"FLAG_NOT_FOUND","errorDetails":"there is no flag"#), "\(missing)")
      }
      let broken = try await client.post(Self.single + "broken", "{}")
      #expect(broken.status == 400)
      #expect(broken.body.contains(#""errorCode":"GENERAL","errorDetails":""#))
      #expect(broken.body.contains(#""key":"broken""#))
    }
  }

  @Test(arguments: [
    ("{", "PARSE_ERROR"), ("[]", "PARSE_ERROR"), ("7", "PARSE_ERROR"), (#"{"context":[]}"#, "INVALID_CONTEXT"),
    (#"{"context":"u"}"#, "INVALID_CONTEXT"), (#"{"context":{"targetingKey":7}}"#, "INVALID_CONTEXT"),
    (#"{"context":{"a":1,"a":2}}"#, "PARSE_ERROR"), (#"{"context":{"a":1e999}}"#, "PARSE_ERROR"),
    (String(repeating: "[", count: 100_000), "PARSE_ERROR"),
    (
      #"{"context":{"a":"# + String(repeating: "[", count: 60) + String(repeating: "]", count: 60) + "}}", "PARSE_ERROR"
    ),
    (#"{"context":{"a":""# + String(repeating: "x", count: 300_000) + #""}}"#, "INVALID_CONTEXT"),
  ]) func `a request that is none is told why, in OFREP's words`(body: String, code: String) async throws {
    try await Served().test { client in
      for path in [Self.single + "on", Self.bulk] {
        let response = try await client.post(path, body)
        #expect(response.status == 400)
        #expect(response.body.hasPrefix(#"{"errorCode":"\#(code)","errorDetails":""#), "\(response.body)")
        #expect(response.body.contains(#""key":"on""#) == path.hasSuffix("on"))
      }
    }
  }

  @Test func `bytes that are no text are refused`() async throws {
    try await Served().test { client in
      let body = ByteBuffer(bytes: Array(#"{"context":{"a":""#.utf8) + [0xff, 0xfe] + Array(#""}}"#.utf8))
      try await client.execute(uri: Self.single + "on", method: .post, body: body) { response in
        #expect(response.status == .badRequest)
        #expect(String(buffer: response.body).contains("PARSE_ERROR"))
      }
    }
  }

  @Test func `all flags at once are sorted, the disabled ones and the failures among them`() async throws {
    try await Served().test { client in
      let response = try await client.post(Self.bulk, #"{"context":{"targetingKey":"u"}}"#)
      #expect(response.status == 200)
      let body = try #require(
        try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any], "\(response.body)")
      let flags = try #require(body["flags"] as? [[String: Any]])
      let keys = flags.compactMap { $0["key"] as? String }
      #expect(keys == keys.sorted() && keys.count == 10)
      #expect(flags.first { $0["key"] as? String == "off" }?["reason"] as? String == "DISABLED")
      #expect(flags.first { $0["key"] as? String == "broken" }?["errorCode"] as? String == "GENERAL")
      #expect((body["metadata"] as? [String: String]) == ["set": "shop"])
      let stream = try #require((body["eventStreams"] as? [[String: Any]])?.first)
      #expect(stream["type"] as? String == "sse")
      #expect(
        (stream["endpoint"] as? [String: String]) == ["requestUri": "/environments/production/ofrep/v1/events"])
    }
  }

  @Test func `an answer that the client has is not sent again`() async throws {
    let served = try Served()
    try await served.test { client in
      let body = #"{"context":{"targetingKey":"u"}}"#
      let first = try await client.post(Self.bulk, body)
      let tag = try #require(first.headers[.eTag])
      #expect(tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.count > 20)
      #expect(try await client.post(Self.bulk, body).headers[.eTag] == tag)
      let bare = String(tag.dropFirst().dropLast())
      for named in [tag, "W/\(tag)", bare, "\"other\", \(tag)", "*"] {
        let again = try await client.post(Self.bulk, body, headers: [.ifNoneMatch: named])
        #expect(again.status == 304 && again.body.isEmpty && again.headers[.eTag] == tag, "\(named)")
      }
      let other = try await client.post(
        Self.bulk, #"{"context":{"targetingKey":"u","plan":"pro"}}"#, headers: [.ifNoneMatch: tag])
      #expect(other.status == 200 && other.headers[.eTag] != tag)
      try served.put(Served.definition.replacing(#""defaultVariant": "yes""#, with: #""defaultVariant": "no""#))
      let changed = try await client.post(Self.bulk, body, headers: [.ifNoneMatch: tag])
      #expect(changed.status == 200 && changed.headers[.eTag] != tag)
    }
  }

  @Test func `a client that was told of a change gets an answer, unless it speaks of this very definition`()
    async throws
  {
    let served = try Served()
    try await served.test { client in
      let tag = try #require(try await client.post(Self.bulk, "{}").headers[.eTag])
      let page = try #require(served.shelf.page(of: "production"))
      let told = page.tag.filter { $0 != "\"" }
      let known = try await client.post("\(Self.bulk)?flagConfigEtag=\(told)", "{}", headers: [.ifNoneMatch: tag])
      #expect(known.status == 304)
      let stale = try await client.post("\(Self.bulk)?flagConfigEtag=abc", "{}", headers: [.ifNoneMatch: tag])
      #expect(stale.status == 200 && stale.headers[.eTag] == tag)
    }
  }

  @Test func `the environment is the path's, the configuration's, or the only one`() async throws {
    let served = try Served(environment: "staging")
    try served.put(
      #"{"flags":{"on":{"state":"ENABLED","variants":{"s":"staging"},"defaultVariant":"s"}}}"#, environment: "staging")
    try await served.test { client in
      #expect(try await client.post(Self.single + "on", "{}").body.contains("staging"))
      let named = try await client.post("/environments/production" + Self.single + "on", "{}")
      #expect(named.body.contains(#""variant":"yes""#))
      let unknown = try await client.post("/environments/moon" + Self.single + "on", "{}")
      #expect(unknown.status == 404)
      #expect(unknown.body.contains("there is no environment \\\"moon\\\"") && unknown.body.contains("staging"))
    }
    let unclear = try Served()
    try unclear.put(#"{"flags":{}}"#, environment: "staging")
    try await unclear.test { client in
      let response = try await client.post(Self.single + "on", "{}")
      #expect(response.status == 400 && response.body.contains("which environment is meant"), "\(response)")
      #expect(response.body.contains("/environments/production"))
    }
  }

  @Test func `the definitions are one document, with a tag`() async throws {
    try await Served().test { client in
      let document = try await client.get("/environments/production/flags.json")
      #expect(document.status == 200 && document.body.contains(#""one":1.0"#))
      #expect(document.body.hasPrefix(#"{"flags":{"broken":{"#))
      let tag = try #require(document.headers[.eTag])
      let again = try await client.get("/flags.json", headers: [.ifNoneMatch: tag])
      #expect(again.status == 304 && again.body.isEmpty)
    }
  }
}
