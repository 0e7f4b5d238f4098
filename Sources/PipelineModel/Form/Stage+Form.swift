extension Stage: Formed {
  func write(to form: inout FormWriter) { form.write(name, work, deadline, onFailure, onInconclusive, switchesOff) }

  init(from form: inout FormReader) {
    self.init(
      name: form.read(), work: form.read(), deadline: .some(form.read()), onFailure: form.read(),
      onInconclusive: form.read(), switchesOff: form.read())
  }
}

extension Stage.Work: Formed {
  func write(to form: inout FormWriter) {
    switch self {
    case .check(let check): form.write(case: 0, check)
    case .approve(let approval): form.write(case: 1, approval)
    case .canary(let canary): form.write(case: 2, canary)
    case .blueGreen(let change): form.write(case: 3, change)
    case .verify(let watch): form.write(case: 4, watch)
    case .wait(let interval): form.write(case: 5, interval)
    case .flag(let ramp): form.write(case: 6, ramp)
    case .step(let call): form.write(case: 7, call)
    }
  }

  init(from form: inout FormReader) {
    switch form.byte() {
    case 0: self = .check(form.read())
    case 1: self = .approve(form.read())
    case 2: self = .canary(form.read())
    case 3: self = .blueGreen(form.read())
    case 4: self = .verify(form.read())
    case 5: self = .wait(form.read())
    case 6: self = .flag(form.read())
    case 7: self = .step(form.read())
    default:
      form.fail()
      self = .wait(.zero)
    }
  }
}

extension Check: Formed {
  func write(to form: inout FormWriter) { form.write(command, timeout, retries, environment, directory) }

  init(from form: inout FormReader) {
    self.init(
      command: form.read(), timeout: form.read(), retries: form.read(), environment: form.read(),
      directory: form.read())
  }
}

extension Check.Variable: Formed {
  func write(to form: inout FormWriter) { form.write(name, value) }
  init(from form: inout FormReader) { self.init(name: form.read(), value: form.read()) }
}

extension Approval: Formed {
  func write(to form: inout FormWriter) { form.write(from, approvals, expires, excludeRequester) }

  init(from form: inout FormReader) {
    self.init(from: form.read(), approvals: form.read(), expires: form.read(), excludeRequester: form.read())
  }
}

extension Canary: Formed {
  func write(to form: inout FormWriter) { form.write(route, deploy, previews, steps, background) }

  init(from form: inout FormReader) {
    self.init(
      route: form.read(), deploy: form.read(), previews: form.read(), steps: form.read(), background: form.read())
  }
}

extension Canary.Step: Formed {
  func write(to form: inout FormWriter) { form.write(weight, hold, gate) }
  init(from form: inout FormReader) { self.init(weight: form.read(), hold: form.read(), gate: form.read()) }
}

extension Canary.Preview: Formed {
  func write(to form: inout FormWriter) { form.write(header, mirror, hold, gate) }

  init(from form: inout FormReader) {
    self.init(header: form.read(), mirror: form.read(), hold: form.read(), gate: form.read())
  }
}

extension HeaderMatch: Formed {
  func write(to form: inout FormWriter) { form.write(header, value) }
  init(from form: inout FormReader) { self.init(header: form.read(), value: form.read()) }
}

extension FlagRamp: Formed {
  func write(to form: inout FormWriter) { form.write(key, environment, variant, from, steps, background) }

  init(from form: inout FormReader) {
    self.init(
      key: form.read(), environment: form.read(), variant: form.read(), from: form.read(), steps: form.read(),
      background: form.read())
  }
}

extension BlueGreen: Formed {
  func write(to form: inout FormWriter) { form.write(route, deploy, preSwitch, postSwitch, keepAlive, background) }

  init(from form: inout FormReader) {
    self.init(
      route: form.read(), deploy: form.read(), preSwitch: form.read(), postSwitch: form.read(),
      keepAlive: form.read(), background: form.read())
  }
}

extension Watch: Formed {
  func write(to form: inout FormWriter) { form.write(gate, hold) }
  init(from form: inout FormReader) { self.init(gate: form.read(), hold: form.read()) }
}

extension Gate: Formed {
  func write(to form: inout FormWriter) { form.write(metrics, every, delay, atLeast, allow, patience, score) }

  init(from form: inout FormReader) {
    self.init(
      metrics: form.read(), every: form.read(), delay: .some(form.read()), atLeast: form.read(), allow: form.read(),
      patience: form.read(), score: form.read())
  }
}

extension Allowance: Formed {
  func write(to form: inout FormWriter) {
    form.write(failures, failuresInARow, inconclusive, inconclusiveInARow, noDataInARow, errorsInARow)
  }

  init(from form: inout FormReader) {
    self.init(
      failures: form.read(), failuresInARow: form.read(), inconclusive: form.read(), inconclusiveInARow: form.read(),
      noDataInARow: form.read(), errorsInARow: form.read())
  }
}
