#!/usr/bin/env python3
"""An API server of Kubernetes, as far as clients of single objects can tell it from the real one.

    kubernetes_api.py PORT [--certificate FILE --key FILE] [--client-authority FILE]

Objects of any kind under /api/v1 and /apis/GROUP/VERSION in namespaces: create, get, list, put, merge patch, server-side
apply, delete, watch with bookmarks. resourceVersion and generation move as they should; HTTPRoutes are validated and, when
told to, taken up by a gateway that writes their status; Deployments are validated and, when told to, rolled out pod by pod
by a controller that writes their status and their revision.

POST /_fake       {"tokens": [...], "delay": s, "fail": [{"verb": "PATCH", "status": 500, "times": 1, "body": "..."}], ...}
                  see KNOBS; what is not named stays
POST /_fake/act   {"forget": true}   history before now is gone, so that older watches get 410
                  {"drop": true}     every watch is cut
GET  /_fake/log   what was asked: [["GET", "/apis/...", "query"], ...]
"""
import argparse
import copy
import json
import re
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--client-authority")
options = parser.parse_args()

KNOBS = {
    "tokens": None,           # accepted bearer tokens; None: everybody
    "forbidden": False,       # 403 to all
    "delay": 0.0,             # seconds before each answer
    "fail": [],               # answers in place of the real ones
    "touch": 0,               # so many patches find the object changed since it was read
    "truncate": 0,            # so many answers end in the middle
    "drip": 0.0,              # seconds between the bytes of each answer
    "silent": False,          # watches say nothing any more, and are not ended
    "bookmarks": 0.2,         # seconds between bookmarks; 0: none
    "watchSeconds": 300.0,    # longest a watch lasts
    "prune": [],              # fields that this version of the kinds does not have, and drops from what it is given
    "gateway": None,          # {"delay": s, "accepted": "True", "message": ""} writes the status of HTTPRoutes; with
                              # {"looks": true} it looks whether the Services are there
    "rollout": None,          # {"delay": s, "failing": "text", "stuck": "text"} rolls Deployments out, a pod in each delay;
                              # pods whose image has the text are never available, past the deadline or before it
}
lock = threading.Condition()
objects = {}      # (path of the collection, name) -> object
owners = {}       # (path of the collection, name) -> {leaf: manager}
pods = {}         # (path of the collection, name) -> [{"template": ..., "available": bool}]
history = []      # (version, path of the collection, event type, object)
state = {"version": 1000, "forgotten": 0, "drops": 0}
log = []


class Refusal(Exception):
    def __init__(self, code, reason, message, causes=None):
        self.code, self.reason, self.message, self.causes = code, reason, message, causes

    def body(self):
        details = {"details": {"causes": self.causes}} if self.causes else {}
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message,
                "reason": self.reason, "code": self.code, **details}


def leaves(value, path=""):
    """Lists are atomic, as rules of an HTTPRoute are."""
    if isinstance(value, dict):
        return {k: v for name, part in value.items() for k, v in leaves(part, f"{path}.{name}").items()}
    return {path: value}


def merged(old, patch):
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    new = dict(old) if isinstance(old, dict) else {}
    for name, value in patch.items():
        if value is None:
            new.pop(name, None)
        else:
            new[name] = merged(new.get(name), value)
    return new


def pruned(value):
    if isinstance(value, dict):
        return {name: pruned(part) for name, part in value.items() if name not in KNOBS["prune"]}
    return [pruned(part) for part in value] if isinstance(value, list) else value


def plural(path):
    parts = path.strip("/").split("/")
    group = parts[1] if parts[0] == "apis" else ""
    return f"{parts[-1]}.{group}" if group else parts[-1]


def invalid_deployment(spec):
    """What is wrong, and where; None when nothing is."""
    ready, deadline = spec.get("minReadySeconds", 0), spec.get("progressDeadlineSeconds", 600)
    if not isinstance(spec.get("replicas", 1), int) or spec.get("replicas", 1) < 0:
        return "spec.replicas", f'Invalid value: {spec["replicas"]}: must be greater than or equal to 0'
    if deadline <= ready:
        return "spec.progressDeadlineSeconds", f"Invalid value: {deadline}: must be greater than minReadySeconds"
    containers = spec.get("template", {}).get("spec", {}).get("containers") or []
    if not containers:
        return "spec.template.spec.containers", "Required value"
    for c, container in enumerate(containers):
        image, field = container.get("image", ""), f"spec.template.spec.containers[{c}].image"
        if image != image.strip():
            return field, f'Invalid value: "{image}": must not have leading or trailing whitespace'
        if not image:
            return field, "Required value"
    return None


def validate(path, thing):
    name = thing.get("metadata", {}).get("name", "")
    wrong = invalid_deployment(thing.get("spec", {})) if plural(path) == "deployments.apps" else None
    if wrong:
        message = ": ".join(wrong)
        raise Refusal(422, "Invalid", f'Deployment.apps "{name}" is invalid: {message}',
                      [{"reason": "FieldValueInvalid", "message": message, "field": wrong[0]}])
    if not plural(path).startswith("httproutes."):
        return
    for r, rule in enumerate(thing.get("spec", {}).get("rules", [])):
        for b, ref in enumerate(rule.get("backendRefs", [])):
            weight, field = ref.get("weight", 1), f"spec.rules[{r}].backendRefs[{b}]"
            if not isinstance(weight, int) or not 0 <= weight <= 1_000_000:
                message = f"{field}.weight: Invalid value: {json.dumps(weight)}: should be from 0 to 1000000"
                raise Refusal(422, "Invalid", f'HTTPRoute.gateway.networking.k8s.io "{name}" is invalid: {message}',
                              [{"reason": "FieldValueInvalid", "message": message, "field": f"{field}.weight"}])


def store(path, name, new, kind):
    """Under the lock. A change of what is wished for is a new generation; no change at all is no new version."""
    old = objects.get((path, name))
    meta = new.setdefault("metadata", {})
    if old is not None:
        meta["generation"] = old["metadata"]["generation"] + (new.get("spec") != old.get("spec"))
        meta["resourceVersion"] = old["metadata"]["resourceVersion"]
        meta["uid"] = old["metadata"]["uid"]
        if new == old:
            return old
    else:
        meta["generation"], meta["uid"] = 1, f"uid-{state['version']}"
    state["version"] += 1
    meta["resourceVersion"] = str(state["version"])
    objects[path, name] = new
    record(path, kind, new)
    if KNOBS["gateway"] is not None and plural(path).startswith("httproutes.") and (
            old is None or old.get("spec") != new.get("spec")):
        threading.Timer(KNOBS["gateway"].get("delay", 0), gateway, (path, name, meta["generation"])).start()
    if plural(path) == "deployments.apps" and (old is None or old.get("spec") != new.get("spec")):
        control_rollout(path, name, meta["generation"])
    return new


def record(path, kind, thing):
    history.append((state["version"], path, kind, copy.deepcopy(thing)))
    lock.notify_all()


def gateway(path, name, generation):
    with lock:
        thing, knob = copy.deepcopy(objects.get((path, name))), KNOBS["gateway"]
        if thing is None or knob is None or thing["metadata"]["generation"] != generation:
            return
        resolved, message = knob.get("resolved", "True"), knob.get("message", "")
        if knob.get("looks"):
            services = "/api/v1/" + "/".join(path.strip("/").split("/")[3:5]) + "/services"
            refs = [ref["name"] for rule in thing["spec"]["rules"] for ref in rule.get("backendRefs", [])]
            missing = [ref for ref in refs if (services, ref) not in objects]
            if missing:
                resolved, message = "False", f"Service {missing[0]} not found"
        thing["status"] = {"parents": [{
            "parentRef": parent, "controllerName": "example.com/gateway",
            "conditions": [
                {"type": "Accepted", "status": knob.get("accepted", "True"), "reason": "Accepted",
                 "message": knob.get("message", ""), "observedGeneration": generation},
                {"type": "ResolvedRefs", "status": resolved,
                 "reason": "ResolvedRefs" if resolved == "True" else "BackendNotFound",
                 "message": message, "observedGeneration": generation}],
        } for parent in thing["spec"].get("parentRefs", [])]}
        store(path, name, thing, "MODIFIED")


def control_rollout(path, name, generation):
    """Under the lock."""
    if KNOBS["rollout"] is not None:
        threading.Timer(KNOBS["rollout"].get("delay", 0), roll_out, (path, name, generation)).start()


def roll_out(path, name, generation):
    """One step of the controller: a pod more, a pod that becomes available, or a pod less; then the status."""
    with lock:
        thing, knob = copy.deepcopy(objects.get((path, name))), KNOBS["rollout"]
        if thing is None or knob is None or thing["metadata"]["generation"] != generation:
            return
        spec, mine = thing["spec"], pods.setdefault((path, name), [])
        image = spec["template"]["spec"]["containers"][0]["image"]
        fails, sticks = [knob.get(way) and knob[way] in image for way in ("failing", "stuck")]
        change = None if spec.get("paused") else rolled(mine, spec, fails or sticks)
        updated = [pod for pod in mine if pod["template"] == spec["template"]]
        is_complete = len(updated) == len(mine) == spec.get("replicas", 1) and all(pod["available"] for pod in mine)
        if is_complete:
            progress = ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}-1" has successfully progressed.')
        elif fails and change is None:
            progress = ("False", "ProgressDeadlineExceeded", f'ReplicaSet "{name}-1" has timed out progressing.')
        else:
            progress = ("True", "ReplicaSetUpdated", f'ReplicaSet "{name}-1" is progressing.')
        counts = {"replicas": len(mine), "updatedReplicas": len(updated),
                  "availableReplicas": sum(pod["available"] for pod in mine)}
        # As the real one, it leaves zeros out.
        thing["status"] = {name: count for name, count in counts.items() if count} | {
            "observedGeneration": generation,
            "conditions": [dict(zip(("type", "status", "reason", "message"), ("Progressing", *progress)))]}
        seen = state.setdefault("templates", {}).setdefault((path, name), [])
        if not seen or seen[-1] != spec["template"]:
            seen.append(spec["template"])
        thing["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = str(len(seen))
        store(path, name, thing, "MODIFIED")
        if change:
            control_rollout(path, name, generation)


def rolled(mine, spec, is_unfit):
    """Changes the pods by one; what it did, or None when there is nothing to do."""
    wanted, template = spec.get("replicas", 1), spec["template"]
    old = [pod for pod in mine if pod["template"] != template]
    updated = [pod for pod in mine if pod["template"] == template]
    waiting = [pod for pod in updated if not pod["available"]]
    if len(updated) > wanted or (old and not wanted):
        mine.remove((old + updated)[0])
        return "less"
    if waiting and not is_unfit:
        waiting[0]["available"] = True
        return "available"
    if waiting:
        return None
    if len(updated) < wanted:
        mine.append({"template": copy.deepcopy(template), "available": False})
        return "more"
    if old:
        mine.remove(old[0])
        return "less"
    return None


def own(path, name, old, new, manager):
    mine = owners.setdefault((path, name), {})
    before = leaves((old or {}).get("spec", {}), ".spec")
    for leaf, value in leaves(new.get("spec", {}), ".spec").items():
        if leaf not in before or before[leaf] != value:
            mine[leaf] = manager


def applied(path, name, patch, manager, force):
    old = objects.get((path, name))
    wanted = leaves(patch.get("spec", {}), ".spec")
    known, before = owners.setdefault((path, name), {}), leaves((old or {}).get("spec", {}), ".spec")
    causes = [{"reason": "FieldManagerConflict", "field": leaf,
               "message": f'conflict with "{known[leaf]}" using {patch.get("apiVersion")}'}
              for leaf, value in wanted.items()
              if known.get(leaf, manager) != manager and before.get(leaf) != value]
    if causes and not force:
        count = f"{len(causes)} conflict{'s' if len(causes) > 1 else ''}"
        fields = "".join(f'\n- {c["field"]}' for c in causes)
        raise Refusal(409, "Conflict", f"Apply failed with {count}: {causes[0]['message']}{fields}", causes)
    known.update({leaf: manager for leaf in wanted})
    new = copy.deepcopy(old) if old else {"metadata": {}}
    return merged(new, patch)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def answer(self, code, value, kind="application/json"):
        body = value if isinstance(value, bytes) else (json.dumps(value) + "\n").encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if KNOBS["truncate"] > 0 and not self.path.startswith("/_fake"):
            KNOBS["truncate"] -= 1
            self.wfile.write(body[:len(body) // 2])
            return self.cut()
        if not KNOBS["drip"] or self.path.startswith("/_fake"):
            return self.wfile.write(body)
        for byte in body:
            self.wfile.write(bytes([byte]))
            time.sleep(KNOBS["drip"])

    def cut(self):
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def handle_any(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length) if length else b""
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        try:
            if parts.path.startswith("/_fake"):
                return self.control(parts.path, body)
            log.append([self.command, parts.path, parts.query])
            time.sleep(KNOBS["delay"])
            self.admit()
            self.route(parts.path, query, body)
        except Refusal as refusal:
            self.answer(refusal.code, refusal.body())
        except (BrokenPipeError, ConnectionError, ssl.SSLError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def control(self, path, body):
        if path == "/_fake/log":
            return self.answer(200, log)
        wish = json.loads(body)
        with lock:
            if path == "/_fake":
                KNOBS.update(wish)
                for (collection, name), thing in list(objects.items()) if wish.get("rollout") else []:
                    if plural(collection) == "deployments.apps":
                        control_rollout(collection, name, thing["metadata"]["generation"])
            if wish.get("forget"):
                state["version"] += 1
                state["forgotten"] = state["version"]
                history.clear()
            if wish.get("drop"):
                state["drops"] += 1
            lock.notify_all()
        self.answer(200, {})

    def admit(self):
        for rule in KNOBS["fail"]:
            if rule.get("verb", self.command) == self.command and rule.get("times", 1) > 0:
                rule["times"] = rule.get("times", 1) - 1
                status = rule["status"]
                if "body" in rule:
                    self.answer(status, rule["body"].encode(), "text/plain")
                    raise ConnectionError
                raise Refusal(status, "InternalError", f"made to fail with {status}")
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if KNOBS["tokens"] is not None and token not in KNOBS["tokens"]:
            raise Refusal(401, "Unauthorized", "Unauthorized")
        if KNOBS["forbidden"]:
            raise Refusal(403, "Forbidden", f'{self.path} is forbidden: User "headgate" cannot do this here')

    def route(self, path, query, body):
        match = re.fullmatch(r"(/(?:api/v1|apis/[^/]+/[^/]+)/namespaces/[^/]+/[a-z]+)(?:/([^/]+))?", path)
        if not match:
            return self.answer(404, b"404 page not found\n", "text/plain")
        collection, name = match.groups()
        if self.command == "GET" and name is None:
            return self.watch(collection, query) if query.get("watch") == "true" else self.list(collection)
        with lock:
            code, thing = self.act(collection, name, query, body)
            text = json.dumps(thing).encode() + b"\n"
        self.answer(code, text)

    def act(self, collection, name, query, body):
        key, manager = (collection, name), query.get("fieldManager", "unknown")
        old = objects.get(key)
        missing = Refusal(404, "NotFound", f'{plural(collection)} "{name}" not found')
        if self.command == "GET":
            if old is None:
                raise missing
            return 200, old
        if self.command == "DELETE":
            if old is None:
                raise missing
            del objects[key]
            owners.pop(key, None)
            pods.pop(key, None)
            state["version"] += 1
            old["metadata"]["resourceVersion"] = str(state["version"])
            record(collection, "DELETED", old)
            return 200, {"kind": "Status", "apiVersion": "v1", "status": "Success"}
        try:
            wish = json.loads(body)
        except ValueError:
            raise Refusal(400, "BadRequest", "the object provided is unrecognized")
        if self.command == "POST":
            name = wish.get("metadata", {}).get("name", "")
            if (collection, name) in objects:
                raise Refusal(409, "AlreadyExists", f'{plural(collection)} "{name}" already exists')
            new = wish
        elif self.command == "PUT":
            if old is None:
                raise missing
            new = wish
        else:
            new = self.patched(collection, name, wish, query, missing)
        old = objects.get((collection, name))
        version = wish.get("metadata", {}).get("resourceVersion")
        if self.command != "POST" and version and old and version != old["metadata"]["resourceVersion"]:
            raise Refusal(409, "Conflict", f"Operation cannot be fulfilled on {plural(collection)} \"{name}\": the object "
                          "has been modified; please apply your changes to the latest version and try again")
        new = pruned(new)
        validate(collection, new)
        own(collection, name, old, new, manager)
        stored = store(collection, name, new, "ADDED" if old is None else "MODIFIED")
        return 201 if old is None else 200, stored

    def patched(self, collection, name, wish, query, missing):
        kind = self.headers.get("Content-Type", "").split(";")[0]
        old = objects.get((collection, name))
        if old is not None and KNOBS["touch"] > 0:
            KNOBS["touch"] -= 1
            touched = copy.deepcopy(old)
            touched["metadata"].setdefault("annotations", {})["touched"] = str(state["version"])
            store(collection, name, touched, "MODIFIED")
            old = touched
        if kind == "application/apply-patch+yaml":
            manager, force = query.get("fieldManager"), query.get("force") == "true"
            if not manager:
                raise Refusal(400, "BadRequest", "PatchOptions.meta.k8s.io is invalid: fieldManager: Required value")
            version = wish.get("metadata", {}).get("resourceVersion")
            if old and version and version != old["metadata"]["resourceVersion"]:
                raise Refusal(409, "Conflict", f"Operation cannot be fulfilled on {plural(collection)} \"{name}\": the "
                              "object has been modified; please apply your changes to the latest version and try again")
            return applied(collection, name, wish, manager, force)
        if kind != "application/merge-patch+json":
            raise Refusal(415, "UnsupportedMediaType", f"the body of the request was in an unknown format: {kind}")
        if old is None:
            raise missing
        return merged(copy.deepcopy(old), wish)

    def list(self, collection):
        with lock:
            items = [thing for (path, _), thing in sorted(objects.items()) if path == collection]
            value = {"kind": "List", "metadata": {"resourceVersion": str(state["version"])}, "items": items}
            text = json.dumps(value).encode() + b"\n"
        self.answer(200, text)

    def watch(self, collection, query):
        name = query.get("fieldSelector", "").removeprefix("metadata.name=")
        given, end = query.get("resourceVersion", ""), time.monotonic() + KNOBS["watchSeconds"]
        with lock:
            if given and int(given) < state["forgotten"]:
                events = [(0, "ERROR", Refusal(410, "Expired", f"too old resource version: {given}").body())]
            elif given:
                events = [(v, k, t) for v, p, k, t in history if p == collection and v > int(given)]
            else:
                events = [(0, "ADDED", t) for (p, _), t in sorted(objects.items()) if p == collection]
            place, drops = state["version"], state["drops"]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        bookmark = time.monotonic() + KNOBS["bookmarks"]
        while True:
            for _, kind, thing in events:
                if kind == "ERROR" or not name or thing["metadata"]["name"] == name:
                    self.line({"type": kind, "object": thing})
                if kind == "ERROR":
                    return self.line(None)
            with lock:
                lock.wait(0.05)
                if state["drops"] != drops:
                    break
                events = [] if KNOBS["silent"] else [
                    (v, k, t) for v, p, k, t in history if p == collection and v > place]
                if events:
                    place = events[-1][0]
            if time.monotonic() > end:
                return self.line(None)
            if KNOBS["bookmarks"] and not KNOBS["silent"] and time.monotonic() > bookmark and not events:
                with lock:
                    version = state["version"]
                self.line({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": str(version)}}})
                bookmark = time.monotonic() + KNOBS["bookmarks"]
        self.cut()

    def line(self, event):
        text = b"" if event is None else json.dumps(event).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
        self.wfile.flush()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, address):
        pass


server = Server(("127.0.0.1", options.port), Handler)
if options.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    if options.client_authority:
        context.load_verify_locations(options.client_authority)
        context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
