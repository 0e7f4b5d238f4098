/// What a port adds to the skeleton of a plugin.
struct PortSkeleton {
  /// In one language.
  struct Part {
    /// Functions that do the work.
    var work: String
    /// Which method is done by which.
    var methods: String
  }

  /// Of its kind in plugin.yaml.
  var manifest: String
  var python: Part
  var shell: Part
  var swift: Part
}
