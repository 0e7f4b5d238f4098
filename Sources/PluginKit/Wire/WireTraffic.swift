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

  /// The candidate's share as the router has it now; of `traffic.readBack` also what else it does on the route.
  package struct Share: Codable, Sendable {
    package var percent: Double
    /// Share of the requests that is copied to the candidate, of routers with the capability `mirror`.
    package var mirror: Double?
    /// Of routers with the capability `headerRoute`; absent: there is no rule.
    package var headerRoute: HeaderRule?

    package init(percent: Double, mirror: Double? = nil, headerRoute: HeaderRule? = nil) {
      self.percent = percent
      self.mirror = mirror
      self.headerRoute = headerRoute
    }

    /// To the nearest basis point; `nil`: not a share.
    package var weight: Weight? { Self.weight(percent) }

    package static func weight(_ percent: Double) -> Weight? {
      (0...100).contains(percent) ? Weight(basisPoints: Int((percent * 100).rounded())) : nil
    }
  }

  /// Requests with a header, and the slot they go to.
  package struct HeaderRule: Codable, Hashable, Sendable {
    package var header: String
    /// The header's whole value.
    package var value: String
    package var slot: String

    package init(_ rule: HeaderRoute) {
      header = rule.header
      value = rule.value
      slot = rule.slot.rawValue
    }

    /// `nil`: the slot is none.
    package var rule: HeaderRoute? {
      Slot(rawValue: slot).map { HeaderRoute(header: header, value: value, slot: $0) }
    }
  }

  /// `traffic.headerRoute`
  package struct SetHeaderRoute: Codable, Sendable {
    package var route: String
    /// Absent: the rule is taken away.
    package var rule: HeaderRule?
    package var key: String
    package var within: Double

    package init(_ change: HeaderRouteChange, within: Interval) {
      route = change.route
      rule = change.rule.map(HeaderRule.init)
      key = change.key
      self.within = within.seconds
    }
  }
}
