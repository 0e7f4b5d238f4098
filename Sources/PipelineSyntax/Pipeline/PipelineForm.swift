import PipelineModel

/// A pipeline file as read: every value typed, names not yet resolved.
struct PipelineDraft {
  var place: Place
  var name: Located<String>?
  var service: String?
  var environment: String?
  var owner: String?
  var runbook: String?
  var parameters: [Named<Parameter>]
  var objectives: [Named<ObjectiveDraft>]
  var metrics: [Named<MetricDraft>]
  var gates: [Named<GateDraft>]
  var stages: [StageDraft]
  var deadline: Located<Interval>?
  var whenBusy: BusyPolicy
  var notify: [Named<[Set<NoticeEvent>]>]
  /// Names of metrics and the like that are there and could not be read.
  var unread: Set<String>
  /// Keys of which nothing could be read.
  var unreadable: Set<String>
  /// Keys of which something could not be read.
  var broken: Set<String>
}

extension PipelineDraft {
  static let nameKey = Key("pipeline", Form.name, required: true, "name of the pipeline")
  static let serviceKey = Key("service", Form.identifier, required: true, "name of the service it changes")
  static let environmentKey = Key(
    "environment", Form.identifier, required: true, "the environment it changes it in, for example `production`")
  static let ownerKey = Key("owner", Form.name, "team that answers for it")
  static let runbookKey = Key("runbook", Form.name, "address of the runbook, shown wherever something goes wrong")
  static let parametersKey = Key("parameters", Parameter.form.named, "values given when a run starts")
  static let objectivesKey = Key(
    "objectives", ObjectiveDraft.form.named, "service level objectives, for metrics to judge their error budgets")
  static let metricsKey = Key(
    "metrics", MetricDraft.form.named.watched, "questions to providers, with the rules that judge the answers")
  static let gatesKey = Key("gates", GateDraft.form.named.watched, "gates with a name, for stages to refer to")
  static let stagesKey = Key("stages", StageForm.form.list.watched, required: true, "what is done, in this order")
  static let deadlineKey = Key(
    "deadline", Form.positiveDuration, default: "the sum of the stages' deadlines",
    "longest a run may take, pauses and approvals included")
  static let whenBusyKey = Key(
    "whenBusy", Form<BusyPolicy>.oneOf("policy"), default: "refuse",
    "what happens to a run that starts while another is in flight")

  static let object = ObjectForm(
    name: "pipeline", about: "A pipeline of Headgate: how a version of a service reaches its users.",
    keys: [
      nameKey, serviceKey, environmentKey, ownerKey, runbookKey, parametersKey, objectivesKey, metricsKey, gatesKey,
      stagesKey, deadlineKey, whenBusyKey, SubscriptionForm.key,
    ])

  private static func broken(_ fields: Fields) -> Set<String> {
    let whole = [
      metricsKey.name: fields[metricsKey]?.value.isWhole, gatesKey.name: fields[gatesKey]?.value.isWhole,
      stagesKey.name: fields[stagesKey]?.value.isWhole,
    ]
    return fields.unreadable.union(whole.filter { $0.value == false }.keys)
  }

  /// Whether there may be such a name under the key, in what could not be read.
  func mayHave(_ name: String, under key: any KeyDescription) -> Bool {
    unread.contains(name) || unreadable.contains(key.name)
  }

  /// Whether all that is written under these keys could be read: what could not may use what nothing else does.
  func couldRead(_ keys: any KeyDescription...) -> Bool { broken.isDisjoint(with: keys.map(\.name)) }

  static let form = Form<PipelineDraft>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    return PipelineDraft(
      place: node.place, name: fields[nameKey], service: fields[serviceKey]?.value,
      environment: fields[environmentKey]?.value, owner: fields[ownerKey]?.value, runbook: fields[runbookKey]?.value,
      parameters: fields[parametersKey]?.value ?? [], objectives: fields[objectivesKey]?.value ?? [],
      metrics: fields[metricsKey]?.value.value ?? [],
      gates: fields[gatesKey]?.value.value ?? [], stages: fields[stagesKey]?.value.value ?? [],
      deadline: fields[deadlineKey],
      whenBusy: fields[whenBusyKey]?.value ?? .refuse, notify: fields[SubscriptionForm.key]?.value ?? [],
      unread: reader.unread, unreadable: fields.unreadable, broken: broken(fields))
  }
}
