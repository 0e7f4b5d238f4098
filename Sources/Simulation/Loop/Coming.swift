import Engine
import PipelineModel

/// What is to come at one instant, in the order it was put there. A few words, since a queue moves them about.
struct Coming: Comparable {
  enum What: UInt8 {
    /// An effect of the run is due, by its number; what it is, the run knows.
    case effect
    /// An answer on its way, by its place among the answers.
    case answer
    case alarm
    /// Something of the scenario, by its place in it.
    case scenario
    /// The controller looks whether routers still have their weights.
    case readBack
    case restart
  }

  var at: Timestamp
  var order: Int
  var index: Int32
  /// Controllers that were killed hear no answers.
  var generation: Int16
  var what: What

  static func < (a: Coming, b: Coming) -> Bool { a.at == b.at ? a.order < b.order : a.at < b.at }
  static func == (a: Coming, b: Coming) -> Bool { a.order == b.order }
}

/// Answers on their way, each in a place that is used again.
struct Answers {
  private var places: [Fact?] = []
  private var free: [Int32] = []

  mutating func put(_ fact: Fact) -> Int32 {
    if let place = free.popLast() {
      places[Int(place)] = fact
      return place
    }
    places.append(fact)
    return Int32(places.count - 1)
  }

  mutating func take(_ place: Int32) -> Fact? {
    free.append(place)
    return places[Int(place)].take()
  }

  /// Forgets all; nothing that was put is to be taken any more.
  mutating func removeAll() {
    places.removeAll()
    free.removeAll()
  }
}
