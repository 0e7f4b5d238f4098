import Controller
import Engine
import Flags
import PipelineModel

/// What somebody may ask of flags, sensible or not; the same seed asks the same.
struct FuzzedAct: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }

  mutating func act(_ ledger: FlagLedger, _ now: Timestamp) -> FlagAct {
    let id = Int64(below(12))
    switch below(8) {
    case 0, 1: return .approve(id, hash: below(5) == 0 ? "sha256:no" : ledger.proposal(id)?.hash ?? "")
    case 2: return .reject(id)
    case 3: return .amend(id, draft())
    case 4: return .wishes([wish(ledger, now), wish(ledger, now)])
    default: return .wish(wish(ledger, now))
    }
  }

  private mutating func wish(_ ledger: FlagLedger, _ now: Timestamp) -> FlagWish {
    let name = FlagName(environment: pick(["staging", "production", "nowhere"]), key: pick(["a", "b", "c d"]))
    let head = ledger.head(name)?.number ?? 0
    return FlagWish(
      name, deed(), ifRevision: pick([nil, nil, head, head + 1]),
      at: pick([nil, nil, now + .hours(Int64(below(48)) - 2)]), onlyProposes: below(6) == 0, breaksGlass: below(6) == 0)
  }

  private mutating func deed() -> FlagDeed {
    switch below(9) {
    case 0, 1: .create(draft())
    case 2: .set(draft())
    case 3: .import(draft())
    case 4: .turnOn(variant: pick([nil, "on", "blue"]))
    case 5: .turnOff
    case 6: .kill
    case 7: .revert(to: Int64(below(5)))
    default: .archive
    }
  }

  private mutating func draft() -> FlagDraft {
    FlagDraft(
      definition: pick([
        #"{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off"}"#,
        #"{"state":"DISABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}"#,
        #"{"state":"ENABLED","variants":{"a":1,"b":2},"targeting":{"fractional":[["a",1],["b",1]]}}"#,
        #"{"state":"ENABLED"}"#, "nonsense",
      ]), contract: FlagContract(owner: pick([nil, "checkout"])), generation: pick([nil, .v1, .v3]))
  }
}
