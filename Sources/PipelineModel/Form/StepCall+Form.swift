extension StepCall: Formed {
  func write(to form: inout FormWriter) { form.write(step, with, timeout, retries) }

  init(from form: inout FormReader) {
    self.init(step: form.read(), with: form.read(), timeout: form.read(), retries: form.read())
  }
}

extension StepName: Formed {
  func write(to form: inout FormWriter) { form.write(runner, step) }
  init(from form: inout FormReader) { self.init(runner: form.read(), step: form.read()) }
}

extension StepArgument: Formed {
  func write(to form: inout FormWriter) { form.write(name, value) }
  init(from form: inout FormReader) { self.init(name: form.read(), value: form.read()) }
}

extension StepArgument.Value: Formed {
  func write(to form: inout FormWriter) {
    switch self {
    case .text(let text): form.write(case: 0, text)
    case .list(let items): form.write(case: 1, items)
    case .map(let members): form.write(case: 2, members)
    }
  }

  init(from form: inout FormReader) {
    switch form.byte() {
    case 0: self = .text(form.read())
    case 1: self = form.deeper { .list($0.read()) } ?? .list([])
    case 2: self = form.deeper { .map($0.read()) } ?? .map([])
    default:
      form.fail()
      self = .list([])
    }
  }
}
