import Controller
import Engine
import Foundation
import GRDB
import PipelineModel

extension Database {
  func targets() throws -> [TargetRecord] {
    let rows = try Prepared(self, StoredTarget.query)
    var targets: [TargetRecord] = []
    while try rows.step() {
      let target = Target(service: rows.text(0), environment: rows.text(1))
      let stored = StoredTarget(stable: rows.text(2), reverted: rows.text(3), live: rows.text(4), spent: rows.text(5))
      targets.append(try stored.record(of: target))
    }
    return targets
  }
}

/// The lists of a target's record, each as JSON.
struct StoredTarget {
  var stable: String
  var reverted: String
  var live: String
  var spent: String

  /// Names of the target, then the lists.
  static let query = "SELECT service, environment, stable, reverted, live, spent FROM targets ORDER BY 1, 2"

  private struct Promoted: Codable {
    var version: String
    var run: Int64
  }

  private struct LiveSlot: Codable {
    var router: String
    var route: String
    var slot: String
  }

  init(stable: String, reverted: String, live: String, spent: String) {
    self.stable = stable
    self.reverted = reverted
    self.live = live
    self.spent = spent
  }

  init(_ record: TargetRecord) throws {
    stable = try json(record.stable.map { Promoted(version: $0.version, run: $0.run.number) })
    reverted = try json(record.reverted)
    live = try json(
      record.live.map { LiveSlot(router: $0.route.router, route: $0.route.route, slot: $0.slot.rawValue) })
    spent = try json(record.spent)
  }

  func record(of target: Target) throws -> TargetRecord {
    TargetRecord(
      target: target,
      stable: try value([Promoted].self, stable).map { .init(version: $0.version, run: RunID($0.run)) },
      reverted: try value([String].self, reverted),
      live: try value([LiveSlot].self, live).map { live in
        guard let slot = Slot(rawValue: live.slot) else { throw unreadable("targets", target.description) }
        return .init(route: RouteName(router: live.router, route: live.route), slot: slot)
      }, spent: try value([String].self, spent))
  }
}

func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

func value<T: Decodable>(_ type: T.Type, _ json: String) throws -> T {
  try JSONDecoder().decode(type, from: Data(json.utf8))
}

/// What a reader says of a row of a read model that no Headgate has written.
func unreadable(_ table: String, _ row: String) -> JournalFailure {
  JournalFailure(
    .unusable, "the row of \(row) in table `\(table)` is not as Headgate writes it; restore the store from a copy")
}
