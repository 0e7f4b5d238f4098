extension Problem {
  /// A refusal of the store, which speaks of commands and their options, and what these are over HTTP.
  package init(refused refusal: String) {
    let words = Self.words.filter { refusal.contains($0.command) }.map(\.here)
    self.init(.conflict, refusal, mend: words.isEmpty ? nil : "over HTTP: \(words.joined(separator: "; "))")
  }

  private static let words: [(command: String, here: String)] = [
    ("--reason", "`--reason` is a `reason` in the body"),
    ("--break-glass", "`--break-glass` is `\"breakGlass\": true` in the body"),
    ("headgate flag create", "`flag create` is POST to the flag's address"),
    ("headgate flag set", "`flag set` is PATCH of the flag's address"),
    ("headgate flag on", "`flag on` is POST …/on"), ("headgate flag off", "`flag off` is POST …/off"),
    ("headgate flag kill", "`flag kill` is POST …/kill"), ("headgate flag revert", "`flag revert` is POST …/revert"),
    ("headgate flag show", "`flag show` is GET of the flag's address"),
    ("headgate flag history", "`flag history` is GET …/history"),
    ("headgate flag proposals", "`flag proposals` is GET /api/v1/proposals"),
  ]
}
