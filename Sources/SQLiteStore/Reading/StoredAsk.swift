import Controller
import Engine
import PipelineModel

/// What a request asks for, as its row keeps it: the kind, and the rest as JSON.
struct StoredAsk {
  var kind: String
  var payload: String

  private struct StoredAct: Codable {
    var run: Int64
    var act: String
    var roles: [String]?
  }

  private struct StoredStart: Codable {
    var path: String
    var text: String
    var parameters: [[String]]
    var again: Bool
    var change: String?
  }

  init(kind: String, payload: String) {
    self.kind = kind
    self.payload = payload
  }

  init(_ ask: Request.Ask) throws {
    switch ask {
    case .incident(let act):
      kind = "incident"
      payload = try json(StoredIncidentAct(act))
    case .freeze(let act):
      kind = "freeze"
      payload = act.canonicalText
    case .act(let run, let act):
      kind = "act"
      payload = try json(StoredAct(run: run.number, act: act.name, roles: act.roles))
    case .flag(let act):
      kind = "flag"
      payload = act.canonicalText
    case .start(let start):
      kind = "start"
      payload = try json(
        StoredStart(
          path: start.path, text: start.text, parameters: start.parameters.map { [$0.name, $0.value] },
          again: start.again, change: start.change?.rawValue))
    case .audit(let fact):
      kind = "audit"
      payload = Fact.audit(fact).canonicalText
    case .unreadable(let kind):
      self.kind = kind
      payload = ""
    }
  }

  var ask: Request.Ask {
    get throws {
      switch kind {
      case "act":
        let stored = try value(StoredAct.self, payload)
        guard let act = Act(named: stored.act, roles: stored.roles ?? []) else { throw unreadable("requests", payload) }
        return .act(RunID(stored.run), act)
      case "flag":
        guard let act = try? FlagAct(canonicalText: payload) else { throw unreadable("requests", payload) }
        return .flag(act)
      case "start": return .start(try startRequest)
      case "incident": return .incident(try value(StoredIncidentAct.self, payload).act)
      case "freeze":
        guard let act = try? FreezeAct(canonicalText: payload) else { throw unreadable("requests", payload) }
        return .freeze(act)
      case "audit":
        guard let fact = try? AuditFact(canonicalText: payload) else { throw unreadable("requests", payload) }
        return .audit(fact)
      default: throw unreadable("requests", kind)
      }
    }
  }

  private var startRequest: StartRequest {
    get throws {
      let stored = try value(StoredStart.self, payload)
      let parameters = try stored.parameters.map { pair in
        guard pair.count == 2 else { throw unreadable("requests", payload) }
        return Start.Binding(name: pair[0], value: pair[1])
      }
      let change = stored.change.flatMap(ChangeKind.init)
      if stored.change != nil, change == nil { throw unreadable("requests", payload) }
      return StartRequest(
        text: stored.text, path: stored.path, parameters: parameters, again: stored.again, change: change)
    }
  }
}

extension Act {
  fileprivate var name: String {
    switch self {
    case .approve: "approve"
    case .reject: "reject"
    case .pause: "pause"
    case .resume: "resume"
    case .promote(.step): "promote"
    case .promote(.all): "promoteAll"
    case .abort: "abort"
    case .rollback: "rollback"
    }
  }

  fileprivate var roles: [String]? {
    if case .approve(let roles) = self { roles } else { nil }
  }

  fileprivate init?(named name: String, roles: [String]) {
    switch name {
    case "approve": self = .approve(roles: roles)
    case "reject": self = .reject
    case "pause": self = .pause
    case "resume": self = .resume
    case "promote": self = .promote(.step)
    case "promoteAll": self = .promote(.all)
    case "abort": self = .abort
    case "rollback": self = .rollback
    default: return nil
    }
  }
}
