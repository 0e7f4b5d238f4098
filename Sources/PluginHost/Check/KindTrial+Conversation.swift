import Conformance
import Foundation
import PipelineModel
import PluginKit

extension KindTrial {
  /// What the protocol asks of every plugin, whatever it does.
  var conversation: [Promise] {
    [
      Promise("its folder can be pinned") {
        do throws(Failure) { _ = try FolderChecksum(of: plugin.directory) } catch { return [error.message] }
        return []
      },
      Promise(Self.starting) { await expectUnknownMethod("an unknown method") },
      Promise("a cancellation of a call that never was is passed over") {
        await connection.send([UInt8](#"{"jsonrpc":"2.0","method":"$/cancel","params":{"id":0}}"#.utf8))
        return await expect("the next call", Wire.Problem.unknownMethod) { id in
          #"{"jsonrpc":"2.0","id":\#(id),"method":"no.such.method","params":{},"newer":true}"#
        }
      },
      Promise("params that are none are answered by an error") {
        await expect("a call without params", nil) { id in
          #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{}}"#
        }
      },
    ]
  }

  /// How the processes go.
  var farewells: [Promise] {
    [
      Promise("it ends within two seconds of shutdown") {
        await connection.close() ? [] : ["it had to be killed"]
      },
      Promise("it ends within two seconds of the end of its standard input") {
        // Begun by a call, unless it runs already.
        let problem = await expectUnknownMethod("a call", by: restarted)
        return problem + (await restarted.close(saying: false) ? [] : ["it had to be killed"])
      },
    ]
  }

  /// What they have said besides.
  var leftovers: [Promise] {
    let logs = [connection, restarted, successor].map(\.log)
    return [
      Promise("nothing but answers is on its standard output") {
        let lines = logs.reduce(0) { $0 + $1.notes }
        return lines == 0 ? [] : ["\(lines) lines are no answer to a call"]
      },
      Promise("no secret is on its standard error") {
        logs.contains(where: \.hasLeaked) ? ["a secret was, and would have been logged"] : []
      },
    ]
  }

  /// A method of the kind's port whose params are never empty.
  private var method: String {
    let method: Wire.Method =
      switch kind.port {
      case .metrics: .sample
      case .traffic: .setWeight
      case .deployment: .deployStart
      case .notification: .notify
      case .step: .stepStart
      }
    return method.rawValue
  }

  func expectUnknownMethod(_ what: String, by connection: PluginConnection? = nil) async -> [String] {
    await expect(what, Wire.Problem.unknownMethod, by: connection) { id in
      #"{"jsonrpc":"2.0","id":\#(id),"method":"no.such.method","params":{}}"#
    }
  }

  /// Sends a line as it is, and expects an error of that code, or of any.
  private func expect(
    _ what: String, _ code: Int?, by connection: PluginConnection? = nil, _ line: (Int) -> String
  ) async -> [String] {
    let connection = connection ?? self.connection
    let id = PluginConnection.nextID()
    let bytes = [UInt8](line(id).utf8)
    let limit = plugin.manifest.limits.start + .seconds(10)
    let answer = try? await within(limit) { await connection.exchange(id, bytes) }
    switch answer {
    case nil: return ["\(what) was not answered within \(limit)"]
    case .failure(let failure)?: return [connection.log.hidden(in: failure.message)]
    case .success(let line)?:
      guard let response = try? JSONDecoder().decode(Wire.Response<JSON>.self, from: Data(line)),
        let problem = response.error
      else { return ["\(what) was answered by no error: \(String(decoding: line.prefix(200), as: UTF8.self))"] }
      guard let code, problem.code != code else { return [] }
      return ["\(what) was answered by the error \(problem.code), and should be by \(code)"]
    }
  }
}
