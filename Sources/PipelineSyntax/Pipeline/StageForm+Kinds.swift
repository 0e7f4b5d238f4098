import PipelineModel

struct CheckDraft {
  /// `nil`: it could not be read.
  var command: TemplateDraft?
  var timeout: Interval
  var retries: Int
  var environment: [Named<TemplateDraft>]
  var directory: TemplateDraft?
}

struct ApprovalDraft {
  var from: [Located<String>]
  var approvals: Int
  var expires: Interval
  var excludeRequester: Bool
}

struct WatchDraft {
  /// `nil`: it could not be read.
  var gate: GateUse?
  /// A value of `nil` could not be read.
  var hold: Located<Interval?>
}

extension StageForm {
  static let check: StageForm = {
    let run = Key(
      "run", Form.template.filled(\.text.text), required: true, "the command, for `/bin/sh -c`; it must exit with 0")
    let timeout = Key("timeout", Form.positiveDuration, default: "10m", "longest one try may take")
    let retries = Key("retries", Form.integer(0...100), default: "0", "tries after the first")
    let env = Key("env", Form.template.named, "environment variables for the command")
    let directory = Key("directory", Form.template, default: "the folder of the file", "where the command runs")
    return StageForm(
      "check", about: "a command that must exit with 0", [run, timeout, retries, env, directory, onFailure]
    ) { fields, _ in
      .check(
        CheckDraft(
          command: fields[run]?.value, timeout: fields[timeout]?.value ?? .minutes(10),
          retries: fields[retries]?.value ?? 0,
          environment: fields[env]?.value ?? [], directory: fields[directory]?.value))
    }
  }()

  static let approve: StageForm = {
    let from = Key("from", Form.text.located.list, default: "anybody", "roles that may approve")
    let approvals = Key("approvals", Form.integer(1...100), default: "1", "different people needed")
    let expires = Key("expires", Form.positiveDuration, default: "24h", "longest it waits; then the stage has failed")
    let excludeRequester = Key(
      "excludeRequester", Form.bool, default: "false", "true: whoever started the run may not approve it")
    return StageForm(
      "approve", about: "waits for people", [from, approvals, expires, excludeRequester, onFailure]
    ) { fields, _ in
      .approve(
        ApprovalDraft(
          from: fields[from]?.value ?? [], approvals: fields[approvals]?.value ?? 1,
          expires: fields[expires]?.value ?? .hours(24), excludeRequester: fields[excludeRequester]?.value ?? false))
    }
  }()

  static let verify: StageForm = {
    let gate = Key("gate", GateUse.form, required: true, "what is judged meanwhile")
    let hold = Key("hold", Form.duration, required: true, "how long")
    return StageForm("verify", about: "a gate held for a time", [gate, hold, onGateFailure, onInconclusive]) {
      fields, _ in
      .verify(
        WatchDraft(gate: fields[gate]?.value, hold: fields.written(hold) ?? Located(nil, at: fields.place)))
    }
  }()

  static let wait: StageForm = {
    let length = Key("for", Form.positiveDuration, required: true, "how long")
    return StageForm("wait", about: "lets time pass", [length]) { fields, _ in
      .wait(fields[length]?.value)
    }
  }()
}
