import ControlAPI
import Engine
import Flags
import Foundation
import PipelineModel

/// What a request for a change says.
///
///     {
///       "definition": {"state": "ENABLED", …},
///       "contract": {"owner": "checkout", "purpose": "…", "expires": "2027-01-31T00:00:00.000Z", "endState": "on",
///                    "services": ["checkout"]},
///       "fractional": "v2", "variant": "on", "revision": 7, "hash": "sha256:…",
///       "reason": "…", "at": "2026-11-22T08:00:00.000Z", "onlyPropose": true, "breakGlass": true
///     }
struct ChangeRequest {
  /// Canonical JSON.
  var definition: String?
  var owner: String??
  var purpose: String??
  var expires: Timestamp??
  var endState: String??
  var services: [String]?
  var generation: Generation?
  var variant: String?
  var revision: Int64?
  var hash: String?
  var reason: String?
  var at: Timestamp?
  var onlyProposes = false
  var breaksGlass = false

  private static let known = [
    "definition", "contract", "fractional", "variant", "revision", "hash", "reason", "at", "onlyPropose", "breakGlass",
  ]
  private static let knownOfContracts = ["owner", "purpose", "expires", "endState", "services"]

  /// - Parameter now: what is written as "ago" is counted from it.
  init(_ bytes: [UInt8], now: Timestamp) throws(Problem) {
    if bytes.isEmpty { return }
    let body = try Self.object(bytes)
    try Self.mustBeKnown(body, Self.known, "a change")
    definition = try Self.definition(body["definition"])
    if let contract = body["contract"] {
      guard let contract = contract.object else { throw Self.wrong("contract", "an object") }
      try read(contract, now)
    }
    if let name = try Self.text(body, "fractional") {
      guard let generation = Generation(rawValue: name) else { throw Self.wrong("fractional", "`v1`, `v2` or `v3`") }
      self.generation = generation
    }
    variant = try Self.text(body, "variant")
    hash = try Self.text(body, "hash")
    reason = try Self.text(body, "reason")
    at = try Self.instant(body, "at", now)
    revision = try Self.whole(body, "revision")
    onlyProposes = try Self.bool(body, "onlyPropose")
    breaksGlass = try Self.bool(body, "breakGlass")
  }

  private mutating func read(_ contract: JSONObject, _ now: Timestamp) throws(Problem) {
    try Self.mustBeKnown(contract, Self.knownOfContracts, "a contract")
    if contract["owner"] != nil { owner = try Self.text(contract, "owner") }
    if contract["purpose"] != nil { purpose = try Self.text(contract, "purpose") }
    if contract["expires"] != nil { expires = try Self.instant(contract, "expires", now) }
    if contract["endState"] != nil { endState = try Self.text(contract, "endState") }
    guard let services = contract["services"] else { return }
    guard let names = services.list?.map(\.text), !names.contains(nil) else {
      throw Self.wrong("services", "a list of names")
    }
    self.services = names.compactMap(\.self)
  }

  /// What is said of it, and of the rest what was said before.
  func contract(after former: FlagContract) -> FlagContract {
    FlagContract(
      owner: owner ?? former.owner, purpose: purpose ?? former.purpose, expires: expires ?? former.expires,
      endState: endState ?? former.endState, services: services ?? former.services)
  }
}

extension ChangeRequest {
  private static func object(_ bytes: [UInt8]) throws(Problem) -> JSONObject {
    do throws(JSONRefusal) {
      let value = try JSONParser.value(in: bytes, limits: .change)
      if let object = value.object { return object }
    } catch {
      throw Problem(.badRequest, "the request is not JSON that is read here: \(error)")
    }
    throw Problem(.badRequest, "the request is no object", mend: "send {\"definition\": {…}, \"reason\": \"…\"}")
  }

  private static func definition(_ value: JSONValue?) throws(Problem) -> String? {
    guard let value else { return nil }
    do throws(JSONRefusal) {
      if let members = value.object { try FlagDefinition(members).mustFit() }
      return value.written
    } catch {
      throw Problem(.invalid, "the definition is larger than a flag may be: \(error)")
    }
  }

  private static func mustBeKnown(_ object: JSONObject, _ known: [String], _ what: String) throws(Problem) {
    guard let strange = object.members.first(where: { !known.contains($0.name.text) }) else { return }
    throw Problem(
      .invalid, "`\(strange.name.text)` means nothing in \(what)", mend: "it has \(known.joined(separator: ", "))")
  }

  private static func wrong(_ name: String, _ wanted: String) -> Problem {
    Problem(.invalid, "`\(name)` is to be \(wanted)")
  }

  private static func text(_ object: JSONObject, _ name: String) throws(Problem) -> String? {
    guard let value = object[name], !value.isNull else { return nil }
    guard let text = value.text else { throw wrong(name, "a text") }
    return text
  }

  private static func bool(_ object: JSONObject, _ name: String) throws(Problem) -> Bool {
    guard let value = object[name], !value.isNull else { return false }
    guard case .bool(let bool) = value else { throw wrong(name, "true or false") }
    return bool
  }

  private static func whole(_ object: JSONObject, _ name: String) throws(Problem) -> Int64? {
    guard let value = object[name], !value.isNull else { return nil }
    guard case .number(let number) = value, let whole = Int64(exactly: number.value) else {
      throw wrong(name, "a whole number")
    }
    return whole
  }

  private static func instant(_ object: JSONObject, _ name: String, _ now: Timestamp) throws(Problem) -> Timestamp? {
    guard let text = try text(object, name) else { return nil }
    do throws(Instant.Mistake) {
      return try Instant(written: text).timestamp(now: now)
    } catch {
      throw Problem(.invalid, "`\(name)`: \(error)")
    }
  }
}
