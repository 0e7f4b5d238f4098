import LiveRig
import PipelineModel
import Testing

@testable import NginxPlugin

/// A pipeline with a header route and a mirror, through the real `headgate` and a real nginx.
@Suite(.serialized, .live(.nginx, .python3), .timeLimit(.minutes(10))) struct NginxPreviewTests {
  private func with(_ work: (PreviewStory) async throws -> Void) async throws {
    try await Rig.with { rig in
      let blue = try await DemoService("v1", in: rig)
      let green = try await DemoService("v2", in: rig)
      let server = try await NginxServer(blue: blue.port, green: green.port, in: rig)
      let settings = server.backend.settings
      let text = { (name: String) in settings.text(name) ?? "" }
      let router = """
        { kind: nginx, directory: \(text("directory")), status: "\(text("status"))", prefix: \(text("prefix")), \
        configuration: \(text("configuration")), timeout: 60s, resilience: { timeout: 60s, deadline: 2m }, \
        routes: { split: { variable: $shop_slot, blue: shop_blue, green: shop_green } } }
        """
      try await work(
        try PreviewStory(router: router, route: "split", port: server.splitPort, blue: blue, green: green, in: rig))
    }
  }

  @Test func `a version is tried out by header and by copies, and taken back from half of the traffic`() async throws {
    try await with { try await $0.takeBack() }
  }

  @Test func `copies end with the rollback, and no user ever had the version`() async throws {
    try await with { try await $0.takeBackCopies() }
  }

  @Test func `a controller that is killed beside the mirror loses nothing`() async throws {
    try await with { try await $0.promoteAfterCrash() }
  }
}
