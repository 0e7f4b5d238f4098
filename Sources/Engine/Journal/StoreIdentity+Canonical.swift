extension StoreIdentity {
  func write(to out: inout JournalWriter) {
    out.raw(",\"store\":")
    out.string(name)
    out.raw(",\"purpose\":")
    out.string(purpose)
  }

  /// `nil`: the entry is older than that stores are named in it.
  static func read(from input: inout JournalReader) throws(DamagedEntry) -> StoreIdentity? {
    guard input.take(",\"store\":") else { return nil }
    let name = try input.string()
    try input.expect(",\"purpose\":")
    return StoreIdentity(name: name, purpose: try input.string())
  }
}
