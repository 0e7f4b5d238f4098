"""Asks for flags through the OpenFeature SDK and prints what the application gets, one JSON value a line.

    openfeature_client.py ofrep BASE_ADDRESS [TOKEN]
    openfeature_client.py flagd FILE

Reads questions from standard input: {"type", "key", "default", "context"?}.
"""

import json
import sys

from openfeature import api
from openfeature.evaluation_context import EvaluationContext


def provider(kind, source, token):
    if kind == "ofrep":
        from openfeature.contrib.provider.ofrep import OFREPProvider

        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return OFREPProvider(source, headers_factory=lambda: headers, timeout=30)
    from openfeature.contrib.provider.flagd import FlagdProvider
    from openfeature.contrib.provider.flagd.config import ResolverType

    return FlagdProvider(
        resolver_type=ResolverType.FILE, offline_flag_source_path=source, deadline_ms=100
    )


def main():
    kind, source, *rest = sys.argv[1:]
    api.set_provider_and_wait(provider(kind, source, rest[0] if rest else None))
    client = api.get_client()
    for line in sys.stdin:
        question = json.loads(line)
        context = dict(question.get("context") or {})
        user = EvaluationContext(context.pop("targetingKey", None), context)
        ask = getattr(client, f"get_{question['type']}_details")
        answer = ask(question["key"], question["default"], user)
        print(
            json.dumps(
                {
                    "value": answer.value,
                    "variant": answer.variant,
                    "reason": answer.reason and str(answer.reason),
                    "error": answer.error_code and answer.error_code.value,
                    "message": answer.error_message,
                    "metadata": dict(answer.flag_metadata or {}),
                }
            ),
            flush=True,
        )
    api.shutdown()


main()
