import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import CommandPlugin

/// What a command prints is the answer, when it is one.
@Suite struct CommandProviderTests {
  private func provider(_ settings: [String: Settings.Value] = [:]) throws(Failure) -> any MetricProvider {
    let context = BackendContext(
      secret: { _ in "" }, stateDirectory: "/tmp", baseDirectory: "/tmp", now: { Timestamp(milliseconds: 0) })
    return try BackendFactory<any MetricProvider>.command.make(
      Backend(name: "script", kind: "command", settings: Settings(settings)), context)
  }

  private func query(_ text: String, timeout: Interval = .seconds(30)) -> MetricQuery {
    MetricQuery(
      metric: "errors", text: text, at: Timestamp(milliseconds: 1_700_000_000_000), timeout: timeout,
      interval: .minutes(2))
  }

  @Test func `it keeps the promises of a provider`() async throws {
    let members = Answer.object([.init(name: "a", value: .list([.number(1)]))])
    let cases: [ProviderHarness.Case] = [
      .init(query("echo 0.25"), .answer(.number(0.25))), .init(query("echo NaN"), .answer(.number(.nan))),
      .init(query("echo -Inf"), .answer(.number(-.infinity))), .init(query("true"), .answer(.list([]))),
      .init(query("printf '[1, null]'"), .answer(.list([.number(1), .null]))),
      .init(query("echo '{\"a\": [1]}'"), .answer(members)),
      .init(query("echo \"$HEADGATE_METRIC\" | grep -q errors && echo $HEADGATE_INTERVAL"), .answer(.number(120))),
      .init(query("echo $HEADGATE_TIME"), .answer(.number(1_700_000_000))),
      .init(query("echo 5 requests"), .failure(.misconfigured)),
      .init(query("echo 1; echo 2"), .failure(.misconfigured)),
      .init(query("head -c 9000 /dev/zero | tr '\\0' 1"), .failure(.misconfigured)),
      .init(query("printf '\\377'"), .failure(.misconfigured)), .init(query("echo 1; exit 1"), .failure(.rejected)),
      .init(query("exit 75"), .failure(.transient)), .init(query("no-such-program"), .failure(.misconfigured)),
      .init(query("kill -9 $$"), .failure(.transient)),
    ]
    await verifyProvider(
      ProviderHarness(
        provider: try provider(), cases: cases, deaf: (try provider(), query("sleep 1000", timeout: .milliseconds(300)))
      ))
  }

  @Test func `one command may answer every query`() async throws {
    let provider = try provider([
      "run": .text("echo \"[$HEADGATE_QUERY, $MORE]\""), "environment": .map(Settings(["MORE": .text("3")])),
    ])
    #expect(try await provider.sample(query("1, 2")) == .list([.number(1), .number(2), .number(3)]))
  }

  @Test func `a message names the command and what it printed`() async throws {
    await #expect(
      throws: Failure(
        .misconfigured,
        "script could not answer errors: `echo five` must print a number or JSON, it printed \"five\"")
    ) { try await provider().sample(query("echo five")) }
  }
}
