import Engine
import PipelineModel
import PluginKit

extension Errands {
  func measure(_ order: WorkOrder, _ index: Int) async throws(Failure) -> Fact {
    let provider = try backends.provider(order.plan.pipeline.metrics[index].provider)
    // One behind the other: one look does not ask a provider a dozen things at once.
    var samples: [Sample] = []
    do throws(Failure) {
      for query in try queries(order, index) { samples.append(try await provider.ask(query)) }
    } catch {
      guard let sample = try await fallback(of: order, index, instead: error) else { throw error }
      samples = [sample]
    }
    return measured(order, index, samples)
  }

  /// What the metric's own fallback says; `nil`: it has none, or the question is wrong there too.
  private func fallback(
    of order: WorkOrder, _ index: Int, instead first: Failure
  ) async throws(Failure) -> Sample? {
    let metric = order.plan.pipeline.metrics[index]
    guard let fallback = metric.fallback, first.kind != .rejected, !Task.isCancelled else { return nil }
    do throws(Failure) {
      let other = try backends.provider(fallback.provider)
      var query = try query(order, metric, nil, fallback.query, order.interval, at: end(of: order, metric))
      query.timeout = backends.limits(of: fallback.provider).timeout
      var sample = try await other.ask(query)
      sample.stand = .init(provider: fallback.provider, because: first.message)
      return sample
    } catch {
      throw first.told("\(first.message); nor could its fallback \(fallback.provider): \(error.message)")
    }
  }

  /// The same by a provider that needs not be waited for.
  func measureAtOnce(
    _ order: WorkOrder, _ index: Int, by provider: any SynchronousMetricProvider
  ) throws(Failure) -> Fact {
    let metric = order.plan.pipeline.metrics[index]
    if metric.questions.isEmpty {
      let query = try query(order, metric, nil, metric.query, order.interval, at: end(of: order, metric))
      return .measured(order.effect.id, .answer(try provider.answer(query)))
    }
    var samples: [Sample] = []
    for query in try queries(order, index) { samples.append(Sample(answer: try provider.answer(query))) }
    return measured(order, index, samples)
  }

  /// What a metric asks, all of it about the same instant.
  private func queries(_ order: WorkOrder, _ index: Int) throws(Failure) -> [MetricQuery] {
    let metric = order.plan.pipeline.metrics[index]
    let at = end(of: order, metric)
    if metric.questions.isEmpty { return [try query(order, metric, nil, metric.query, order.interval, at: at)] }
    var queries: [MetricQuery] = []
    for question in metric.questions {
      let interval = question.interval ?? order.interval
      queries.append(try query(order, metric, question.name, question.text, interval, at: at))
    }
    return queries
  }

  /// When the time ends that a look is about: now; where evidence is carried from look to look, when the look was due, since
  /// one that comes late would count requests that the next one counts again.
  private func end(of order: WorkOrder, _ metric: Metric) -> Timestamp {
    metric.isCarried ? clock.elsewhere(order.effect.notBefore) : clock.elsewhere
  }

  private func query(
    _ order: WorkOrder, _ metric: Metric, _ question: String?, _ text: Template, _ interval: Interval, at: Timestamp
  ) throws(Failure) -> MetricQuery {
    MetricQuery(
      metric: metric.name, question: question, text: try order.text(text, interval: interval), range: metric.range,
      at: at, timeout: backends.limits(of: metric.provider).timeout, interval: interval, look: order.look)
  }

  private func measured(_ order: WorkOrder, _ index: Int, _ samples: [Sample]) -> Fact {
    let questions = order.plan.pipeline.metrics[index].questions
    guard !questions.isEmpty else { return .measured(order.effect.id, Reading(samples[0])) }
    let members = zip(questions, samples).map { PipelineModel.Answer.Member(name: $0.name, value: $1.answer) }
    // Where one part of the answer is another provider's, all of it is said to be.
    let stand = samples.lazy.compactMap(\.stand).first
    let warnings = samples.flatMap(\.warnings).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return .measured(
      order.effect.id, Reading(Sample(answer: .object(members), warnings: warnings, stand: stand)))
  }
}

extension Reading {
  fileprivate init(_ sample: Sample) {
    if sample.stand == nil, sample.warnings.isEmpty {
      self = .answer(sample.answer)
    } else {
      let stand = sample.stand.map { Notes.Stand(provider: $0.provider, because: $0.because) }
      self = .noted(sample.answer, Notes(stand: stand, warnings: sample.warnings))
    }
  }
}
