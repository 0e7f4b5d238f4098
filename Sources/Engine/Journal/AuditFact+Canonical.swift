extension AuditFact {
  /// What follows `"kind":"audit"`.
  func write(to out: inout JournalWriter) {
    out.raw(",\"what\":\"")
    switch self {
    case .checkpointed(let size, let note):
      out.raw("checkpointed\",\"size\":")
      out.integer(size)
      out.raw(",\"note\":")
      out.string(note)
    case .read(let reading):
      out.raw("read\",\"verb\":")
      out.string(reading.verb)
      out.raw(",\"filter\":")
      out.string(reading.filter)
      out.raw(",\"through\":")
      out.integer(reading.through)
    case .carried(let entry):
      out.raw("carried\",\"original\":")
      out.integer(entry.original)
      out.raw(",\"entry\":")
      out.string(entry.text)
      out.raw(",\"path\":")
      out.string(entry.path)
    case .sealed(let segment):
      out.raw("sealed\"")
      segment.write(to: &out)
    case .sealRefused(let segment, let because):
      out.raw("sealRefused\"")
      segment.write(to: &out)
      out.raw(",\"because\":")
      out.string(because)
    case .refused(let asked, let because):
      out.raw("refused\",\"asked\":")
      out.string(asked)
      out.raw(",\"because\":")
      out.string(because)
    }
  }

  init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"what\":\"")
    if input.take("checkpointed\",\"size\":") {
      let size = try input.integer()
      try input.expect(",\"note\":")
      self = .checkpointed(size: size, note: try input.string())
    } else if input.take("read\",\"verb\":") {
      let verb = try input.string()
      try input.expect(",\"filter\":")
      let filter = try input.string()
      try input.expect(",\"through\":")
      self = .read(AuditReading(verb: verb, filter: filter, through: try input.integer()))
    } else if input.take("carried\",\"original\":") {
      let original = try input.integer()
      try input.expect(",\"entry\":")
      let text = try input.string()
      try input.expect(",\"path\":")
      self = .carried(CarriedEntry(original: original, text: text, path: try input.string()))
    } else if input.take("sealed\"") {
      self = .sealed(try SealedSegment(from: &input))
    } else if input.take("refused\",\"asked\":") {
      let asked = try input.string()
      try input.expect(",\"because\":")
      self = .refused(asked: asked, because: try input.string())
    } else {
      try input.expect("sealRefused\"")
      let segment = try SealedSegment(from: &input)
      try input.expect(",\"because\":")
      self = .sealRefused(segment, because: try input.string())
    }
  }
}

extension SealedSegment {
  fileprivate func write(to out: inout JournalWriter) {
    out.raw(",\"first\":")
    out.integer(first)
    out.raw(",\"last\":")
    out.integer(last)
    out.raw(",\"before\":")
    out.string(before)
    out.raw(",\"after\":")
    out.string(after)
    out.raw(",\"root\":")
    out.string(root)
    out.raw(",\"file\":")
    out.string(file)
    if breaksGlass { out.raw(",\"breaksGlass\":true") }
  }

  fileprivate init(from input: inout JournalReader) throws(DamagedEntry) {
    try input.expect(",\"first\":")
    first = try input.integer()
    try input.expect(",\"last\":")
    last = try input.integer()
    try input.expect(",\"before\":")
    before = try input.string()
    try input.expect(",\"after\":")
    after = try input.string()
    try input.expect(",\"root\":")
    root = try input.string()
    try input.expect(",\"file\":")
    file = try input.string()
    breaksGlass = input.take(",\"breaksGlass\":true")
  }
}

extension AuditFact {
  /// As a request keeps it: the canonical text of the fact.
  package init(canonicalText text: String) throws(DamagedEntry) {
    guard case .audit(let fact) = try Fact(canonicalText: text) else { throw DamagedEntry(position: 0) }
    self = fact
  }
}

extension Fact {
  /// Reads what `canonicalText` says; every byte must belong to it.
  package init(canonicalText text: String) throws(DamagedEntry) {
    self = try JournalReader.read(text) { input throws(DamagedEntry) in try Fact(from: &input) }
  }
}
