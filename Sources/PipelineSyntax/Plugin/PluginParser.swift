package import PipelineModel

/// Text of plugin.yaml → what the plugin says of itself, or everything that is wrong with it.
package struct PluginParser: Sendable {
  package init() {}

  package func parse(_ file: SourceFile) -> Parsed<PluginManifest> {
    parsed(file, PluginForm.form) { manifest, _ in manifest }
  }

  package func parse(_ text: String, path: String) -> Parsed<PluginManifest> {
    parse(SourceFile(path: path, text: text))
  }
}
