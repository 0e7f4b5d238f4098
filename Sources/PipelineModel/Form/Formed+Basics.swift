extension Int: Formed {
  func write(to form: inout FormWriter) { form.append(UInt64(bitPattern: Int64(self))) }
  init(from form: inout FormReader) { self = Int(truncatingIfNeeded: form.word()) }
}

extension Double: Formed {
  func write(to form: inout FormWriter) { form.append(bitPattern) }
  init(from form: inout FormReader) { self.init(bitPattern: form.word()) }
}

extension Bool: Formed {
  func write(to form: inout FormWriter) { form.write(case: self ? 1 : 0) }
  init(from form: inout FormReader) { self = form.byte() != 0 }
}

extension String: Formed {
  func write(to form: inout FormWriter) { form.append(self) }
  init(from form: inout FormReader) { self = form.text() }
}

extension Optional: Formed where Wrapped: Formed {
  func write(to form: inout FormWriter) { if let self { form.write(case: 1, self) } else { form.write(case: 0) } }
  init(from form: inout FormReader) { self = form.byte() == 0 ? nil : .some(form.read()) }
}

extension Array: Formed where Element: Formed {
  func write(to form: inout FormWriter) {
    form.write(count)
    for element in self { form.write(element) }
  }

  init(from form: inout FormReader) {
    let count = form.count()
    self.init()
    reserveCapacity(count)
    for _ in 0..<count { append(form.read()) }
  }
}

extension Interval: Formed {
  func write(to form: inout FormWriter) { form.append(UInt64(bitPattern: milliseconds)) }
  init(from form: inout FormReader) { self.init(milliseconds: Int64(bitPattern: form.word())) }
}

extension Weight: Formed {
  func write(to form: inout FormWriter) { form.write(basisPoints) }
  init(from form: inout FormReader) { self.init(basisPoints: form.read()) }
}

/// Cases without values, by their place among all.
extension Formed where Self: CaseIterable & Equatable {
  func write(to form: inout FormWriter) {
    form.write(case: UInt8(Array(Self.allCases).firstIndex(of: self) ?? 255))
  }

  init(from form: inout FormReader) {
    let (cases, place) = (Array(Self.allCases), Int(form.byte()))
    if place >= cases.count { form.fail() }
    self = cases[place < cases.count ? place : 0]
  }
}

extension BusyPolicy: Formed {}
extension ChangeKind: Formed {}
extension Condition.Function: Formed {}
extension Condition.Operator: Formed {}
extension Condition.Quantifier: Formed {}
extension FailurePolicy: Formed {}
extension MissingCount: Formed {}
extension MissingPolicy: Formed {}
extension NoticeEvent: Formed {}
extension Parameter.Kind: Formed {}
extension Question.Side: Formed {}
extension RankSum.Direction: Formed {}
extension RankSum.Effect: Formed {}
extension RankSum.Missing: Formed {}
extension RankSum.OutlierMeasure: Formed {}
extension SampleComparison.Worse: Formed {}
