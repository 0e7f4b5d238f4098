extension Wire {
  /// A line on a plugin's standard error; a line that is not such an object is taken as its message.
  package struct Log: Codable, Sendable {
    package enum Level: String, Codable, Sendable { case debug, info, warning, error }
    package var level: Level
    package var message: String
    package var facts: [String: JSON]?

    package init(level: Level, message: String, facts: [String: JSON]? = nil) {
      self.level = level
      self.message = message
      self.facts = facts
    }
  }
}
