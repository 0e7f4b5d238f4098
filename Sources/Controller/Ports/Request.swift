package import Engine
package import PipelineModel

/// What another process asks of the controller that drives the store. It is kept in the store until it is answered, so
/// it waits when nobody drives, and is done once whoever drives.
package struct Request: Hashable, Sendable {
  /// Given by the store, rising; 0 before it is made.
  package var id: Int64
  package var time: Timestamp
  package var actor: Principal
  package var origin: String
  package var reason: String?
  package var ask: Ask

  package enum Ask: Hashable, Sendable {
    case act(RunID, Act)
    case start(StartRequest)
    case incident(IncidentAct)
    case freeze(FreezeAct)
    case flag(FlagAct)
    /// Something about the journal itself is to be written down.
    case audit(AuditFact)
    /// Something that this version does not know, or that is damaged; by the word for its kind.
    case unreadable(kind: String)
  }

  package init(id: Int64 = 0, time: Timestamp, actor: Principal, origin: String, reason: String?, ask: Ask) {
    self.id = id
    self.time = time
    self.actor = actor
    self.origin = origin
    self.reason = reason
    self.ask = ask
  }
}

/// A run somebody wants to start.
package struct StartRequest: Hashable, Sendable {
  /// The pipeline's text, verbatim, and where it was read.
  package var text: String
  package var path: String
  /// As given; defaults not yet filled in.
  package var parameters: [Start.Binding]
  /// Start although this version was rolled back here before.
  package var again: Bool
  /// What the change is for; `nil`: as the pipeline has it.
  package var change: ChangeKind?

  package init(
    text: String, path: String, parameters: [Start.Binding], again: Bool = false, change: ChangeKind? = nil
  ) {
    self.text = text
    self.path = path
    self.parameters = parameters
    self.again = again
    self.change = change
  }
}

extension Request.Ask {
  /// What follows "asked to": `start checkout.yaml`, `promote run 41`.
  package var words: String {
    switch self {
    case .act(let run, let act): "\(act.verb) run \(run)"
    case .start(let start): "start \(start.path)"
    case .incident: "report an incident"
    case .freeze: "freeze"
    case .flag: "change a flag"
    case .audit: "write something into the record"
    case .unreadable(let kind): "do something unknown (`\(kind)`)"
    }
  }
}
