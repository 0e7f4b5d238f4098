import BackendHTTP
import Crypto
import Foundation
import PipelineModel
import Testing

@testable import AWSSigning

/// Signatures are those that AWS publishes: its test suite for version 4, and the examples of its references.
@Suite struct SignatureTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var request: AWSSignature.Request
    var signature: String

    init(
      _ name: String, _ method: String, _ path: String, _ query: String = "", _ headers: [(String, String)] = [],
      body: String = "", is signature: String
    ) {
      testDescription = name
      let all = [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z")] + headers
      request = AWSSignature.Request(
        method: method, path: path, query: query, headers: all.map { (name: $0.0, value: $0.1) }, body: Data(body.utf8))
      self.signature = signature
    }
  }

  private static let unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  private static let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
  private static let token =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthA"
    + "x7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAki"
    + "Y9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

  private static let suite = [
    Vector("get-vanilla", "GET", "/", is: vanilla),
    Vector(
      "get-vanilla-query-order-key", "GET", "/", "Param1=value2&Param1=Value1",
      is: "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"),
    Vector(
      "get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1",
      is: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    Vector(
      "get-vanilla-query-order-value", "GET", "/", "Param1=value2&Param1=value1",
      is: "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"),
    Vector(
      "get-vanilla-query-unreserved", "GET", "/", "\(unreserved)=\(unreserved)",
      is: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
    Vector(
      "get-header-key-duplicate", "GET", "/", "",
      [("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
      is: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
    Vector(
      "get-header-value-order", "GET", "/", "",
      [("My-Header1", "value4"), ("My-Header1", "value1"), ("My-Header1", "value3"), ("My-Header1", "value2")],
      is: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
    Vector(
      "get-header-value-trim", "GET", "/", "", [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
      is: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
    Vector(
      "get-unreserved", "GET", "/\(unreserved)", is: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
    Vector("normalize-path-get-relative", "GET", "/example/..", is: vanilla),
    Vector(
      "normalize-path-get-space", "GET", "/example space/",
      is: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
    Vector("post-vanilla", "POST", "/", is: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    Vector(
      "post-vanilla-query", "POST", "/", "Param1=value1",
      is: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
    Vector(
      "post-x-www-form-urlencoded", "POST", "/", "", [("Content-Type", "application/x-www-form-urlencoded")],
      body: "Param1=value1", is: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    Vector(
      "post-sts-header-before", "POST", "/", "", [("X-Amz-Security-Token", token)],
      is: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
  ]

  private static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

  private func signature(_ service: String = "service") -> AWSSignature {
    AWSSignature(
      accessKey: "AKIDEXAMPLE", secretKey: Self.secret, region: "us-east-1", service: service, date: "20150830T123600Z")
  }

  @Test(arguments: suite) func `the signature is the one of AWS's test suite`(vector: Vector) {
    #expect(signature().signature(of: vector.request) == vector.signature, "\(vector.request.canonical)")
  }

  @Test func `each step of get-vanilla is the one of AWS's test suite`() {
    let request = Self.suite[0].request
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    #expect(
      request.canonical
        == "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n\(empty)")
    #expect(
      signature().stringToSign(for: request)
        == "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
        + "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63")
    #expect(
      signature().authorization(of: request)
        == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        + "SignedHeaders=host;x-amz-date, Signature=\(Self.vanilla)")
  }

  @Test func `the IAM example of AWS's reference comes out, and its key`() {
    let key = signature("iam").signingKey.withUnsafeBytes { Array($0).hex }
    #expect(key == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
    let request = AWSSignature.Request(
      method: "GET", path: "/", query: "Action=ListUsers&Version=2010-05-08",
      headers: [
        ("Host", "iam.amazonaws.com"), ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("X-Amz-Date", "20150830T123600Z"),
      ])
    #expect(
      signature("iam").signature(of: request) == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
  }

  @Test func `a call is signed with its host, and the signature is sent with it`() async throws {
    let read: HTTPCredentials.SecretReader = { name in name == "secret" ? "\(Self.secret)\n" : "AKIDEXAMPLE" }
    let credentials = HTTPCredentials.aws(
      AWSKeys(accessKey: "access", secretKey: "secret"), region: "us-east-1", service: "service",
      now: { Timestamp(milliseconds: 1_440_938_160_999) }, read)
    let grant = try await credentials.grant(HTTPCall(.get, "/"), "https://example.amazonaws.com")
    #expect(grant.headers.first == .init("X-Amz-Date", "20150830T123600Z"))
    #expect(grant.headers.last?.value.hasSuffix("Signature=\(Self.vanilla)") == true)
    #expect(grant.secrets.contains(Self.secret))
    let port = AWSSignature.Request(
      HTTPCall(.get, "/a", query: [.init("b", "c d")]), at: "http://127.0.0.1:5000", adding: [])
    #expect(port.headers.first?.value == "127.0.0.1:5000" && port.query == "b=c%20d" && port.path == "/a")
  }
}
