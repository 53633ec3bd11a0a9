"""Route from the command line: serve, check, explain, decide, why."""

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from schemas.decisions import Facts
from schemas.yaml_marks import BadFile
from services.route.domain.decide import decide, explain
from services.route.domain.matchers import BadCondition, read_facts
from services.route.domain.policy import Policy
from services.route.domain.policy_file import read_policy
from services.route.domain.why import page
from services.route.settings import read
from stream.log import log_to_stderr
from stream.settings import BadSettings


def main(arguments: list[str]) -> int:
    """Run one command; 0 done, 1 something is wrong with what was checked, 2 bad usage."""
    chosen = _parser().parse_args(arguments)
    try:
        return _COMMANDS[chosen.command](chosen)
    except (BadSettings, BadFile, BadCondition, OSError, msgspec.DecodeError) as error:
        print(f"{chosen.command}: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.route")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the service until SIGTERM")
    check = commands.add_parser("check", help="check policies and run their tests")
    check.add_argument("policies", nargs="+")
    for name, what in (
        ("explain", "each rule with yes or no and the reason"),
        ("decide", "the decision on each line of facts"),
    ):
        command = commands.add_parser(name, help=f"{what}; JSON Lines of {{id, facts}}")
        command.add_argument("--policy", required=True)
        command.add_argument("file", nargs="?", default="-")
    why = commands.add_parser("why", help="one page on why a post was decided so")
    why.add_argument("post", help="the post's id, or its number in the file")
    why.add_argument("--events", required=True, help="JSON Lines of events, as exported")
    return parser


def _serve(_: argparse.Namespace) -> int:
    from services.route.app import serve

    settings = read()
    log_to_stderr("route", settings.log_level)
    asyncio.run(serve(settings))
    return 0


def _check(chosen: argparse.Namespace) -> int:
    answers = [_checked(file) for file in chosen.policies]
    for answer in answers:
        print(msgspec.json.encode(answer).decode())
    return 0 if all(answer["ok"] for answer in answers) else 1


def _checked(file: str) -> dict[str, object]:
    try:
        read_policy(Path(file).read_text(encoding="utf-8"))
    except BadFile as error:
        return {"file": file, "ok": False, "errors": error.problems}
    except (OSError, UnicodeDecodeError) as error:
        return {"file": file, "ok": False, "errors": [{"why": str(error)}]}
    return {"file": file, "ok": True, "errors": []}


class _Line(msgspec.Struct):
    id: str
    facts: dict[str, msgspec.Raw]


def _lines(chosen: argparse.Namespace) -> tuple[Policy, list[tuple[str, Facts]]]:
    policy = read_policy(Path(chosen.policy).read_text(encoding="utf-8"))
    text = sys.stdin.read() if chosen.file == "-" else Path(chosen.file).read_text("utf-8")
    found = []
    for number, line in enumerate(filter(str.strip, text.splitlines()), 1):
        try:
            one = msgspec.json.decode(line, type=_Line)
            facts = {name: msgspec.json.decode(raw) for name, raw in one.facts.items()}
            found.append((one.id, read_facts(facts)))
        except (msgspec.DecodeError, BadCondition) as error:
            raise BadCondition(f"line {number}: {error}") from error
    return policy, found


def _explain(chosen: argparse.Namespace) -> int:
    policy, lines = _lines(chosen)
    for name, facts in lines:
        rules = [
            {"rule": rule, "matches": refusal is None, "reason": refusal}
            for rule, refusal in explain(policy, facts)
        ]
        print(msgspec.json.encode({"id": name, "rules": rules}).decode())
    return 0


def _decide(chosen: argparse.Namespace) -> int:
    policy, lines = _lines(chosen)
    for name, facts in lines:
        verdict, then = (found := decide(facts, (), policy)), found.rule.then
        answer = {
            "id": name,
            "rule": verdict.rule.id,
            "disposition": verdict.disposition,
            "team": then.team,
            "priority": verdict.band,
            "sla": then.sla,
            "alert": verdict.alert,
            "reasons": verdict.reasons,
        }
        print(msgspec.json.encode(answer).decode())
    return 0


def _why(chosen: argparse.Namespace) -> int:
    file = Path(chosen.events)
    if not file.exists():
        print(f"why: no events in {file} yet; `make demo` writes them", file=sys.stderr)
        return 1
    found = page(file.read_text(encoding="utf-8").splitlines(), chosen.post)
    if not found:
        expected = "its number from 1 on, or its id"
        print(f"why: no post `{chosen.post}` here; expected {expected}", file=sys.stderr)
        return 1
    print(found, end="")
    return 0


_COMMANDS = {
    "serve": _serve,
    "check": _check,
    "explain": _explain,
    "decide": _decide,
    "why": _why,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
