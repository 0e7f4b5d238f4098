extension Pipeline: Formed {
  func write(to form: inout FormWriter) {
    form.write(name, target, owner, runbook, parameters, metrics, stages, deadline, whenBusy, notify)
  }

  init(from form: inout FormReader) {
    self.init(
      name: form.read(), target: form.read(), owner: form.read(), runbook: form.read(), parameters: form.read(),
      metrics: form.read(), stages: form.read(), deadline: .some(form.read()), whenBusy: form.read(),
      notify: form.read())
  }
}

extension Target: Formed {
  func write(to form: inout FormWriter) { form.write(service, environment) }
  init(from form: inout FormReader) { self.init(service: form.read(), environment: form.read()) }
}

extension RouteName: Formed {
  func write(to form: inout FormWriter) { form.write(router, route) }
  init(from form: inout FormReader) { self.init(router: form.read(), route: form.read()) }
}

extension Parameter: Formed {
  func write(to form: inout FormWriter) { form.write(name, kind, required, pattern, `default`, about) }

  init(from form: inout FormReader) {
    self.init(
      name: form.read(), kind: form.read(), required: form.read(), pattern: form.read(), default: form.read(),
      about: form.read())
  }
}

extension Subscription: Formed {
  func write(to form: inout FormWriter) { form.write(notifier, NoticeEvent.allCases.filter(events.contains)) }

  init(from form: inout FormReader) {
    let notifier: String = form.read()
    let events: [NoticeEvent] = form.read()
    self.init(notifier: notifier, events: Set(events))
  }
}

extension Template: Formed {
  func write(to form: inout FormWriter) { form.write(parts) }
  init(from form: inout FormReader) { self.init(parts: form.read()) }
}

extension Template.Part: Formed {
  func write(to form: inout FormWriter) {
    switch self {
    case .text(let text): form.write(case: 0, text)
    case .variable(let name): form.write(case: 1, name)
    }
  }

  init(from form: inout FormReader) { self = form.byte() == 0 ? .text(form.read()) : .variable(form.read()) }
}
