package import PipelineModel

extension Wire {
  /// `traffic.setWeight`, and `traffic.mirror`: the share of requests that is sent to the candidate, too.
  package struct SetWeight: Codable, Sendable {
    package var route: String
    /// `blue` or `green`: the slot of the version that is rolled out.
    package var candidate: String
    /// 0 … 100, at most two digits behind the point.
    package var percent: Double
    /// The same for every try of the same change.
    package var key: String
    /// Seconds until nobody waits any more.
    package var within: Double

    package init(_ change: WeightChange, within: Interval) {
      route = change.route
      candidate = change.candidate.rawValue
      percent = Double(change.weight.basisPoints) / 100
      key = change.key
      self.within = within.seconds
    }
  }

  /// `traffic.readBack`
  package struct ReadBack: Codable, Sendable {
    package var route: String
    package var candidate: String
    package var within: Double

    package init(route: String, candidate: Slot, within: Interval) {
      self.route = route
      self.candidate = candidate.rawValue
      self.within = within.seconds
    }
  }

  /// The candidate's share as the router has it now.
  package struct Share: Codable, Sendable {
    package var percent: Double
    package init(percent: Double) { self.percent = percent }

    /// To the nearest basis point; `nil`: not a share.
    package var weight: Weight? {
      (0...100).contains(percent) ? Weight(basisPoints: Int((percent * 100).rounded())) : nil
    }
  }

  /// `traffic.headerRoute`: requests with this header go to the candidate, whatever its share.
  package struct HeaderRoute: Codable, Sendable {
    package var route: String
    package var candidate: String
    package var header: String
    /// The header's whole value; `nil` takes the rule away.
    package var value: String?
    package var key: String
    package var within: Double
  }
}
