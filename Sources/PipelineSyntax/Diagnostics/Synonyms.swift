/// The key that was probably meant by `written`: the one that other tools call so, or else the nearest in letters.
func nearKey(of written: String, among known: [String]) -> String? {
  let plain = written.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
  return synonyms[plain]?.first(where: known.contains) ?? nearMiss(of: written, among: known)
}

/// What people write out of habit → our keys, the likelier first; a form offers the first that it has.
private let synonyms: [String: [String]] = [
  "environment": ["env"], "environmentvariables": ["env"], "envvars": ["env"], "variables": ["env", "parameters"],
  "vars": ["env", "parameters"], "command": ["run", "check"], "cmd": ["run", "check"], "script": ["run", "check"],
  "exec": ["run", "check"], "shell": ["run"], "cwd": ["directory"], "workdir": ["directory"],
  "workingdirectory": ["directory"], "retry": ["retries"], "attempts": ["retries"], "tries": ["retries"],
  "weights": ["steps"], "setweight": ["steps"], "percent": ["weight"], "percentage": ["weight"],
  "traffic": ["weight", "steps"], "share": ["weight"], "duration": ["hold", "for", "over"],
  "wait": ["for", "hold"], "pause": ["hold", "for", "wait"], "sleep": ["for", "hold", "wait"],
  "delay": ["for", "wait"], "bake": ["hold", "verify"], "bakein": ["hold"], "soak": ["hold", "verify"],
  "analysis": ["gate", "verify"], "gates": ["gate"], "interval": ["every"], "period": ["every"],
  "frequency": ["every"], "initialdelay": ["delay"], "min": ["atLeast"], "minimum": ["atLeast"],
  "count": ["atLeast"], "failurelimit": ["failures"], "consecutivefailures": ["failuresInARow"],
  "threshold": ["pass"], "success": ["pass"], "successcondition": ["pass"], "failure": ["fail"],
  "failurecondition": ["fail"], "expr": ["query"], "expression": ["query"], "promql": ["query"],
  "source": ["provider"], "approvers": ["from"], "roles": ["from"], "users": ["from"],
  "name": ["pipeline", "scenario"], "app": ["service"], "application": ["service"], "team": ["owner"],
  "params": ["parameters"], "inputs": ["parameters"], "regex": ["pattern"], "regexp": ["pattern"],
  "type": ["kind"], "description": ["about"], "approval": ["approve"], "manual": ["approve"], "judgment": ["approve"],
  "rollout": ["canary"], "test": ["check"], "address": ["url"], "endpoint": ["url", "address"],
  "host": ["url", "address"],
  "server": ["serve"], "listen": ["address"], "bind": ["address"], "url": ["address"], "scopes": ["may"],
  "permissions": ["may"], "scope": ["may"], "person": ["as"], "user": ["as"], "ratelimit": ["rate"],
  "feature": ["flag"], "featureflag": ["flag"], "toggle": ["flag"], "rampup": ["ramp"],
]
