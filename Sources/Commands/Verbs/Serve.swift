import ArgumentParser
import Controller
import Foundation
import PipelineModel

struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Drives the store, and serves flags to applications.",
    discussion: """
      Every unfinished run goes on, and applications ask for flags by OFREP, or take their definitions. What is served to \
      whom stands under `serve:` of headgate.yaml; without tokens this machine alone is served. When another controller \
      drives the store, this one serves only, and drives as soon as nobody else does. SIGTERM and Ctrl-C end it; runs are \
      left to whoever drives next.

      EXAMPLES
        headgate serve
        headgate serve --port 0                             any port that is free
        headgate serve --config /etc/headgate/headgate.yaml
        curl -d '{"context":{"targetingKey":"u1"}}' \\
          http://127.0.0.1:8710/ofrep/v1/evaluate/flags/new-checkout
      """)

  @Option(help: "Listens on this port; 0: any that is free. Unless given, what headgate.yaml says, or 8710.")
  var port: UInt16?

  @Flag(help: "Leaves driving the store to another process.")
  var only = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    guard let installation = try Loader().installation(store, .used) else {
      throw Stop(
        code: .badFile,
        description: "there is no headgate.yaml here; write one (see `headgate schema installation`), or name one with "
          + "--config")
    }
    var (model, base) = installation
    if let port { model.serve.address.port = Int(port) }
    let access = try StoreAccess(store, installation: installation)
    let house = try ServingHouse(model, baseDirectory: base, access: access)
    try house.serve(drives: !only) { address, isDriving in
      if output.isJSON {
        try? Console.jsonLine(ServingReport(address: "http://\(address)", drives: isDriving, store: access.path))
      } else {
        let driver = isDriving ? "driving" : "another controller drives"
        Console.print("serving on http://\(address)\n\(driver) \(access.path)\(isDriving ? "" : ", or nobody does")")
      }
    }
  }
}

private struct ServingReport: Encodable {
  var address: String
  var drives: Bool
  var store: String
}
