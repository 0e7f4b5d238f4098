import LiveRig
import Testing

/// Whole deployments through the real `headgate`, HAProxy, Prometheus, a service in two versions, and load.
///
/// One at a time: each has a machine's worth of processes.
@Suite(.serialized, .live(.haproxy, .prometheus, .python3), .timeLimit(.minutes(10)))
struct LiveStories {}
