import Foundation

/// Requests a second on one core: one flag by OFREP, beside a bare route of the same library that answers the same bytes
/// and looks at nothing. Server and load are each held to a core of their own; rounds take turns.
func measureServing() throws -> [Figure] {
  guard ProcessInfo.processInfo.processorCount > 1, Load.isThere else {
    print("# serving not measured: two cores, wrk and taskset are needed")
    return []
  }
  let folder = try ScratchFolder()
  let script = folder.file("post.lua")
  try Data(
    """
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = "Bearer \(Load.token)"
    wrk.body = '{"context":{"targetingKey":"5c3d8535-f81a-4478-a6d3-100000004711","country":"de","tier":"gold"}}'

    """.utf8
  ).write(to: URL(fileURLWithPath: script))
  let flags = folder.file("flags.json")
  try Data(flagDefinitions(10_000)).write(to: URL(fileURLWithPath: flags))
  var (single, bare): ([Double], [Double]) = ([], [])
  for _ in 0..<3 {
    bare.append(
      try Load.requestsPerSecond(of: "bare", path: "/ofrep/v1/evaluate/flags/checkout-flag-4711", script, flags))
    single.append(
      try Load.requestsPerSecond(of: "flags", path: "/ofrep/v1/evaluate/flags/checkout-flag-4711", script, flags))
  }
  return [
    Figure(
      name: "serving/OFREP single, 10 000 flags", value: single.median, unit: "requests/s a core",
      peer: ("a bare route with the same bytes", bare.median), goal: "-")
  ]
}

private enum Load {
  static let isThere = ["wrk", "taskset"].allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }

  static let token = "a-token-of-the-benchmark"

  /// The server is built beside this program.
  private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("BenchServer").path

  static func requestsPerSecond(of kind: String, path: String, _ script: String, _ flags: String) throws -> Double {
    let server = Process()
    server.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
    server.arguments = ["-c", "0", program, kind, flags, token]
    let output = Pipe()
    server.standardOutput = output
    try server.run()
    defer {
      server.terminate()
      server.waitUntilExit()
    }
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw Unexpected("the server said \"\(line)\" instead of its port")
    }
    return try wrk("http://127.0.0.1:\(port)\(path)", script)
  }

  private static func wrk(_ address: String, _ script: String) throws -> Double {
    let wrk = Process()
    wrk.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
    wrk.arguments = ["-c", "1", "wrk", "-t", "1", "-c", "64", "-d", "4s", "-s", script, address]
    let output = Pipe()
    wrk.standardOutput = output
    try wrk.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    wrk.waitUntilExit()
    guard let rate = text.firstMatch(of: #/Requests/sec:\s+([0-9.]+)/#).flatMap({ Double($0.output.1) }),
      !text.contains("Non-2xx")
    else { throw Unexpected("wrk said:\n\(text)") }
    return rate
  }
}
