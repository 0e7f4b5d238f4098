package import PipelineModel

/// Text of headgate.yaml → the installation, or everything that is wrong with it.
package struct InstallationParser: Sendable {
  private let form: InstallationForm

  /// - Parameter kinds: what this build can serve; settings are checked against them.
  package init(kinds: [BackendKind]) {
    form = InstallationForm(kinds: kinds)
  }

  /// Settings have the types of their kinds. A router's routes are in its settings as `routes`, a map from names to
  /// maps. The store's path is as written: relative to the file's folder.
  package func parse(_ file: SourceFile) -> Parsed<Installation> {
    parsed(file, form.form) { installation, _ in installation }
  }

  package func parse(_ text: String, path: String) -> Parsed<Installation> {
    parse(SourceFile(path: path, text: text))
  }
}
