import PipelineModel
package import PluginKit

extension BackendFactory<any Deployer> {
  private static var unit: SettingFormat {
    .matching("[^@/ ]+", example: "shop", help: "give the NAME in NAME@.service, without the rest")
  }

  /// Instances of a systemd template unit.
  package static var systemd: Self {
    Self(
      kind: BackendKind(
        name: "systemd", port: .deployment,
        about: "Runs each slot's version as an instance of a systemd template unit, NAME@SLOT.service.",
        settings: SettingsSchema([
          .init("unit", .text, unit, required: true, about: "NAME of the template NAME@.service."),
          .init("service", .text, about: "The service it runs, as pipelines name it: one backend runs one service."),
          .init("environmentFiles", .text, required: true, about: "PREFIX of the files PREFIX-SLOT.env it reads."),
          .init("environment", .mapOf(.text), about: "More variables for those files."),
          .init("timeout", .duration, about: "Longest one systemctl may take; 2m unless given."),
          .init("systemctl", .text, about: "Such as sudo systemctl or systemctl --user; systemctl unless given."),
        ]), serviceSetting: "service")
    ) { backend, context throws(Failure) in
      let unit = backend.settings.text("unit") ?? ""
      guard !unit.isEmpty, !unit.contains(where: { "@/ ".contains($0) }), !unit.hasSuffix(".service") else {
        throw Failure(.misconfigured, "\(backend.name): `unit` is the NAME in NAME@.service, without the rest")
      }
      let files = backend.settings.text("environmentFiles") ?? ""
      return SystemdDeployer(
        name: backend.name, unit: unit,
        environmentFiles: files.hasPrefix("/") ? files : "\(context.baseDirectory)/\(files)",
        environment: texts("environment", of: backend), directory: context.baseDirectory,
        timeout: backend.settings.duration("timeout") ?? .minutes(2),
        systemctl: backend.settings.text("systemctl") ?? "systemctl",
        service: backend.settings.text("service"), root: "\(context.stateDirectory)/deployments/\(backend.name)")
    }
  }
}
