import FoundationEssentials
import PipelineModel
import PluginKit

/// Tells by a command of the operator's own.
///
/// It finds the notice in its environment, each name of a template as a variable: `HEADGATE_TITLE`, `HEADGATE_TEXT`,
/// `HEADGATE_EVENT`, `HEADGATE_SEVERITY`, `HEADGATE_RUN` and so on; `HEADGATE_KEY` is the same at every try. Exit
/// statuses: see `CommandExit`.
struct CommandNotifier: Notifier {
  var name: String
  var run: String
  var timeout: Interval
  var environment: [String: String]
  var directory: String
  var templates: NoticeTemplates

  func send(_ notice: Notice) async throws(Failure) {
    let notice = templates.retell(notice)
    var variables = environment
    for name in NoticeTemplate.names {
      variables[Template.environmentName(of: name)] = notice.value(of: name).replacing("\0", with: "")
    }
    variables["HEADGATE_ALARM"] = notice.alarm?.rawValue ?? ""
    variables["HEADGATE_THREAD"] = notice.thread
    let command = ShortCommand(
      text: run, environment: CommandEnvironment.with(variables), directory: directory,
      timeout: min(timeout, notice.timeout))
    let attempt = "\(name) could not deliver \"\(notice.title.excerpt(80))\""
    _ = try CommandExit.check(command, try await command.run(), attempt)
  }
}
