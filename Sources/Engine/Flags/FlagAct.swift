package import Flags
package import PipelineModel

/// What a person may ask for of flags.
package enum FlagAct: Hashable, Sendable {
  case wish(FlagWish)
  /// All of them, or none.
  case wishes([FlagWish])
  /// - Parameter hash: of what the approver has seen.
  case approve(Int64, hash: String)
  case reject(Int64)
  /// Puts another definition in a proposal's place; approvals given are void.
  case amend(Int64, FlagDraft)

  package var name: FlagName? {
    switch self {
    case .wish(let wish): wish.name
    case .wishes(let wishes): wishes.first?.name
    case .approve, .reject, .amend: nil
    }
  }

  package var wishes: [FlagWish] {
    switch self {
    case .wish(let wish): [wish]
    case .wishes(let wishes): wishes
    case .approve, .reject, .amend: []
    }
  }

  package var proposal: Int64? {
    switch self {
    case .wish, .wishes: nil
    case .approve(let id, _), .reject(let id), .amend(let id, _): id
    }
  }
}

/// A change of one flag that somebody wants.
package struct FlagWish: Hashable, Sendable {
  package var name: FlagName
  package var deed: FlagDeed
  /// The revision the asker has seen, 0 for none; refused when the flag is at another. `nil`: whatever it is at.
  package var ifRevision: Int64?
  /// `nil`: as soon as it may be.
  package var at: Timestamp?
  /// Waits for an approval also where none is wanted.
  package var onlyProposes: Bool
  /// Goes past approvals; needs a reason, and is listed for review.
  package var breaksGlass: Bool

  package init(
    _ name: FlagName, _ deed: FlagDeed, ifRevision: Int64? = nil, at: Timestamp? = nil, onlyProposes: Bool = false,
    breaksGlass: Bool = false
  ) {
    self.name = name
    self.deed = deed
    self.ifRevision = ifRevision
    self.at = at
    self.onlyProposes = onlyProposes
    self.breaksGlass = breaksGlass
  }
}

package enum FlagDeed: Hashable, Sendable {
  /// A flag that is not there yet, or was archived.
  case create(FlagDraft)
  case set(FlagDraft)
  /// As `create` or `set`, whichever fits.
  case `import`(FlagDraft)
  /// - Parameter variant: for everybody whom no rule gives another.
  case turnOn(variant: String?)
  case turnOff
  case kill
  case revert(to: Int64)
  case archive
}

/// What an author says of a flag.
package struct FlagDraft: Hashable, Sendable {
  /// JSON, written in whatever way.
  package var definition: String
  /// Its revision, rollout and approvals are not looked at.
  package var contract: FlagContract
  /// `nil`: as it is, or as the environment has it.
  package var generation: Generation?

  package init(definition: String, contract: FlagContract = FlagContract(), generation: Generation? = nil) {
    self.definition = definition
    self.contract = contract
    self.generation = generation
  }
}
