import Foundation
import LiveRig
import Testing

/// Measuring what rules are worth, and planning with the usual traffic.
@Suite struct LabTests {
  @Test func `the lab prints its figures, as text, as JSON and as a picture`() async throws {
    try await Scratch.with { scratch in
      let headgate = HeadgateProgram(in: scratch.folder)
      let text = try await headgate("lab", "accuracy", "--seeds", "20")
      #expect(text.out.contains("independent errors, 20 rollouts for each ratio"), "\(text.all)")
      #expect(text.out.contains(#/twice as bad, found: at least 99%: 100\.00%/#))
      let json = try await headgate("lab", "accuracy", "--seeds", "5", "--format", "json", "--plot", "plot.svg")
      let report = try JSONDecoder().decode(Printed.self, from: Data(json.out.utf8))
      let cells: Int = 11 * (5 + 2 * 3) * 6
      #expect(report.report.cells.count == cells)
      #expect(report.report.cells.allSatisfy { $0.runs == 5 })
      let picture = try String(contentsOfFile: scratch.folder + "/plot.svg", encoding: .utf8)
      #expect(picture.hasPrefix("<svg ") && picture.hasSuffix("</svg>\n"))
    }
  }

  private struct Printed: Decodable {
    var report: Report
    struct Report: Decodable { var cells: [Cell] }
    struct Cell: Decodable { var runs: Int }
  }
}
