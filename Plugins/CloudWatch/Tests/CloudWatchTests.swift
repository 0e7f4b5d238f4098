import BackendHTTP
import Foundation
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import CloudWatchPlugin

func provider(_ url: String, _ more: [String: Settings.Value] = [:], now: Timestamp = Timestamp(milliseconds: 0))
  throws(Failure) -> any MetricProvider
{
  let settings: [String: Settings.Value] = [
    "url": .text(url), "region": .text("us-east-1"), "accessKey": .secret("access"), "secretKey": .secret("secret"),
  ]
  let context = BackendContext(
    secret: { name in name == "secret" ? "hunter2" : "AKIDEXAMPLE" }, stateDirectory: "/", baseDirectory: "/",
    now: { now })
  return try BackendFactory<any MetricProvider>.cloudwatch.make(
    Backend(name: "aws", kind: "cloudwatch", settings: Settings(settings.merging(more) { _, new in new })), context)
}

func query(
  _ text: String, at seconds: Int64 = 1_700_000_100, range: Metric.Range? = nil, timeout: Interval = .seconds(60)
) -> MetricQuery {
  MetricQuery(
    metric: "errors", text: text, range: range, at: Timestamp(milliseconds: seconds * 1000), timeout: timeout,
    interval: .minutes(1))
}

/// The wire format against moto's server, which knows AWS's formats.
@Suite(.serialized, .live(.moto)) struct CloudWatchLiveTests {
  private func put(_ values: [(name: String, value: Double, seconds: Int64)], _ server: MotoServer) async throws {
    var fields: [HTTPCall.Field] = [
      .init("Action", "PutMetricData"), .init("Version", "2010-08-01"), .init("Namespace", "Shop"),
    ]
    for (index, point) in values.enumerated() {
      let member = "MetricData.member.\(index + 1)"
      let time = Date(timeIntervalSince1970: Double(point.seconds)).formatted(.iso8601)
      fields += [
        .init("\(member).MetricName", point.name), .init("\(member).Value", "\(point.value)"),
        .init("\(member).Timestamp", time), .init("\(member).Dimensions.member.1.Name", "Version"),
        .init("\(member).Dimensions.member.1.Value", "v 2"),
      ]
    }
    let scope = "Credential=x/20261121/us-east-1/monitoring/aws4_request"
    let answer = await Rig.post(
      server.url, body: HTTPCall.escaped(fields),
      headers: [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Authorization", "AWS4-HMAC-SHA256 \(scope), SignedHeaders=host, Signature=none"),
      ])
    #expect(answer?.status == 200, "\(answer?.body ?? "")")
  }

  @Test func `values that were put are answered in whole periods`() async throws {
    try await Rig.with { rig in
      let server = try await MotoServer(in: rig)
      // In minutes: 2 and 3 in the first, nothing in the second, 10 in the third.
      let start = Int64(Date().timeIntervalSince1970) / 60 * 60 - 600
      try await put([("Errors", 2, start + 5), ("Errors", 3, start + 50), ("Errors", 10, start + 130)], server)
      let errors = "Sum of Shop Errors where Version = v 2"
      let three = Metric.Range(over: .minutes(3), step: .minutes(1))
      let silent = try SilentListener()
      await verifyProvider(
        ProviderHarness(
          provider: try provider(server.url),
          cases: [
            .init(query(errors, at: start + 120), .answer(.number(5))),
            .init(query(errors, at: start + 179), .answer(.number(5))),
            .init(query(errors, at: start + 181), .answer(.list([]))),
            .init(query("Average of Shop Errors where Version = v 2", at: start + 120), .answer(.number(2.5))),
            .init(query("Sum of Shop Nothing", at: start + 120), .answer(.list([]))),
            .init(query(errors, at: start + 240, range: three), .answer(.list([.number(5), .number(10)]))),
            .init(query("Sum of Shop", at: start), .failure(.rejected)),
          ],
          deaf: (try provider("http://127.0.0.1:\(silent.port)"), query(errors, timeout: .milliseconds(300))),
          absent: try provider("http://127.0.0.1:\(try Rig.freePort())"), secrets: ["hunter2"]))
    }
  }
}

/// Answers as AWS documents them, and others, played by a server of the test.
@Suite struct CloudWatchAnswerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var reply: String
    var kind: Failure.Kind
    var text: String

    init(_ name: String, _ status: Int, _ body: String, _ kind: Failure.Kind, _ text: String) {
      (testDescription, reply, self.kind, self.text) = (name, RawServer.http(status, body), kind, text)
    }
  }

  private static func result(_ more: String) -> String { #"{"MetricDataResults":[{"Id":"wanted",\#(more)}]}"# }

  private static let cases = [
    Case(
      "throttled", 400, #"{"__type":"com.amazon.coral.service#ThrottlingException","message":"Rate exceeded"}"#,
      .transient, "HTTP 400, ThrottlingException: Rate exceeded"),
    Case(
      "wrong key", 403, #"{"__type":"UnrecognizedClientException","message":"The security token is invalid."}"#,
      .misconfigured, "HTTP 403, UnrecognizedClientException: The security token is invalid."),
    Case(
      "wrong signature", 400, #"{"__type":"InvalidSignatureException","message":"…hunter2…"}"#, .misconfigured,
      "InvalidSignatureException"),
    Case(
      "wrong expression", 400, ##"{"__type":"x#ValidationError","message":"Syntax error in expression"}"##, .rejected,
      "HTTP 400, ValidationError: Syntax error in expression"),
    Case("internal", 500, #"{"__type":"InternalServiceFault"}"#, .transient, "HTTP 500, InternalServiceFault"),
    Case("forbidden", 200, result(#""StatusCode":"Forbidden","Values":[]"#), .misconfigured, "Forbidden"),
    Case("half the data", 200, result(#""StatusCode":"PartialData","Values":[1]"#), .transient, "PartialData"),
    Case(
      "internal error", 200, result(#""StatusCode":"InternalError","Messages":[{"Code":"x","Value":"busy"}]"#),
      .transient, "InternalError: busy"),
    Case("another page", 200, #"{"MetricDataResults":[],"NextToken":"x"}"#, .rejected, "more than one page"),
    Case("no numbers", 200, result(#""Values":["5"]"#), .misconfigured, "none that CloudWatch writes"),
    Case("other JSON", 200, "{}", .misconfigured, "none that CloudWatch writes"),
    Case("XML", 200, "<GetMetricDataResponse/>", .misconfigured, "no JSON"),
  ]

  @Test(arguments: cases) func `an answer has its kind`(each: Case) async throws {
    try await RawServer.with(.bytes(Array(each.reply.utf8))) { server in
      let aws = try provider(server.url)
      let failure = await #expect(throws: Failure.self) { try await aws.sample(query("Sum of A B")) }
      #expect(failure?.kind == each.kind, "\(failure?.message ?? "")")
      let message = try #require(failure?.message)
      #expect(message.contains(each.text) && !message.contains("hunter2"), "\(message)")
    }
  }

  @Test func `what is sent is signed, and names metrics, periods and the time`() async throws {
    let heard = Heard()
    let reply = RawServer.Reply.made { request in
      heard.add(request)
      return RawServer.http(200, Self.result(#""StatusCode":"Complete","Values":[0.5]"#))
    }
    try await RawServer.with(reply, until: "Ascending\"}") { server in
      let aws = try provider(server.url, now: Timestamp(milliseconds: 1_700_000_000_000))
      let text = "e = Sum of A/B C where D = x/y, E = f g\nall = Sum of A/B R\n\ne / all\n"
      #expect(try await aws.sample(query(text)) == .number(0.5))
    }
    let request = heard.text
    for part in [
      "POST / HTTP/1.1\r\n", "X-Amz-Date: 20231114T221320Z\r\n", "Content-Type: application/x-amz-json-1.0\r\n",
      "X-Amz-Target: GraniteServiceVersion20100801.GetMetricData\r\n",
      "Credential=AKIDEXAMPLE/20231114/us-east-1/monitoring/aws4_request, "
        + "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=",
      #""Name":"D""#, #""Value":"f g""#, #""Expression":"e / all""#, #""StartTime":1699999980"#,
      #""EndTime":1700000040"#,
    ] { #expect(request.contains(part), "\(part) in \(request)") }
  }

  @Test(arguments: [
    ("", "the query is empty"), ("Sum of A", "line 1: a metric is"), ("E = Sum of A B\nE", "line 1: a name of its own"),
    ("e = Sum of A B\ne = Sum of A C\ne", "line 2: a name of its own"), ("e\ne", "line 1: a name of its own"),
    ("Sum of A B where C", "line 1: \"C\" is no"), ("Sum of A B where C =", "line 1: \"C =\" is no"),
  ])
  func `a mistake in a query is told with its line`(text: String, message: String) {
    let failure = #expect(throws: Failure.self) { try CloudWatchQuestion(text) }
    #expect(failure?.kind == .rejected && failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }

  @Test func `periods are those CloudWatch allows, and over`() {
    for (seconds, period) in [(1, 1), (4, 5), (10, 10), (11, 30), (31, 60), (60, 60), (61, 120)] as [(Int64, Int64)] {
      var asked = query("a")
      asked.interval = .seconds(seconds)
      let window = CloudWatchWindow(asked, delay: .seconds(30))
      #expect(window.period == period && window.end % min(period, 60) == 0 && window.start == window.end - period)
      #expect(window.end <= 1_700_000_070 && window.end > 1_700_000_070 - min(period, 60))
    }
  }
}
