import Foundation
import LiveRig
import PipelineModel
import PluginKit
import PluginTestKit
import Testing

@testable import CommandPlugin

/// A command is told everything by its environment, and its exit status says what became of it.
@Suite struct CommandNotifierTests {
  private func notifier(_ run: String, in folder: String) throws(Failure) -> any Notifier {
    let context = BackendContext(
      secret: { _ throws(Failure) in throw Failure(.misconfigured, "no secrets here") }, stateDirectory: folder,
      baseDirectory: folder, now: { Timestamp(milliseconds: 0) })
    return try BackendFactory<any Notifier>.command.make(
      Backend(name: "pager", kind: "command", settings: Settings(["run": .text(run)])), context)
  }

  private let notice = Notice(
    key: "s-41-7-rollback", thread: "s-41", event: .rollback, severity: .warning, alarm: .firing, run: RunID(41),
    pipeline: "checkout", service: "shop", environment: "production", version: "v7",
    time: Timestamp(milliseconds: 1_700_000_000_000), title: "rolling back; rm -rf $HOME", text: "two\nlines",
    fields: [.init(name: "weight", value: "25%")], timeout: .seconds(60))

  @Test func `it finds the notice in its environment`() async throws {
    try await Rig.with { rig in
      let run = """
        printf '%s|' "$HEADGATE_TITLE" "$HEADGATE_TEXT" "$HEADGATE_EVENT" "$HEADGATE_ALARM" "$HEADGATE_RUN" \
        "$HEADGATE_WEIGHT" "$HEADGATE_KEY" "$HEADGATE_SERVICE" >told.txt
        """
      try await notifier(run, in: rig.folder).send(notice)
      let told = try String(contentsOfFile: "\(rig.folder)/told.txt", encoding: .utf8)
      #expect(told == "rolling back; rm -rf $HOME|two\nlines|rollback|firing|41|25%|s-41-7-rollback|shop|")
    }
  }

  @Test func `it keeps the promises of a notifier`() async throws {
    try await Rig.with { rig in
      await verifyNotifier(
        NotifierHarness(
          notifier: try notifier("echo \"$HEADGATE_KEY\" >>told.txt", in: rig.folder), notice: notice,
          received: { [folder = rig.folder] key in
            try String(contentsOfFile: "\(folder)/told.txt", encoding: .utf8).split(separator: "\n")
              .filter { $0 == key }.count
          }, deaf: try notifier("sleep 600", in: rig.folder), absent: try notifier("exit 75", in: rig.folder),
          refusing: (try notifier("exit 1", in: rig.folder), .rejected)))
    }
  }
}
