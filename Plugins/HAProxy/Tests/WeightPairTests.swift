import PipelineModel
import Testing

@testable import HAProxyPlugin

/// Two weights from 0 to 256 come as near to a share as two such weights can.
@Suite struct WeightPairTests {
  @Test(arguments: [
    (0, 100, 0), (500, 95, 5), (2500, 75, 25), (10_000, 0, 100), (50, 199, 1), (3333, 2, 1), (3350, 133, 67),
    (9950, 1, 199),
  ])
  func `a share becomes the pair that people would write`(points: Int, stable: Int, candidate: Int) {
    #expect(WeightPair(nearest: Weight(basisPoints: points)) == WeightPair(stable: stable, candidate: candidate))
  }

  @Test func `no other pair is nearer`() {
    for points in stride(from: 0, through: 10_000, by: 173) {
      let found = WeightPair(nearest: Weight(basisPoints: points))
      #expect((0...256).contains(found.stable) && (0...256).contains(found.candidate))
      let best = nearestDistance(to: points)
      #expect(abs(distance(found, points) - best) < 1e-9, "\(points): \(found)")
    }
  }

  @Test func `what is really given is the share rounded to a basis point`() {
    let route = HAProxyRoute.servers(backend: "shop", blue: "blue", green: "green")
    #expect(route.nearest(to: Weight(basisPoints: 50)) == Weight(basisPoints: 50))
    #expect(route.nearest(to: Weight(basisPoints: 3333)) == Weight(basisPoints: 3333))
    #expect(route.nearest(to: Weight(basisPoints: 30)) == Weight(basisPoints: 39))
    #expect(route.nearest(to: Weight(basisPoints: 10)) == .none)
    #expect(WeightPair(stable: 0, candidate: 0).share == nil)
  }

  private func distance(_ pair: WeightPair, _ points: Int) -> Double {
    abs(Double(pair.candidate) / Double(pair.stable + pair.candidate) * 10_000 - Double(points))
  }

  private func nearestDistance(to points: Int) -> Double {
    var best = Double.infinity
    for stable in 0...256 {
      for candidate in 0...256 where stable + candidate > 0 {
        best = min(best, distance(WeightPair(stable: stable, candidate: candidate), points))
      }
    }
    return best
  }
}
