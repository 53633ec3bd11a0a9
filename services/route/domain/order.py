"""Can each rule be reached, and is nothing left unrouted? First match wins, so order is meaning."""

from schemas.states import RuleMode
from services.route.domain.findings import Findings
from services.route.domain.policy import Policy, Rule


def check_order(policy: Policy, findings: Findings) -> None:
    """Each id once, no rule behind one that takes all of its posts, a last rule for the rest."""
    seen: dict[str, Rule] = {}
    for n, rule in enumerate(policy.rules):
        if not findings.clear(f"$.rules[{n}].when"):
            continue
        if rule.id in seen:
            findings.wrong(f"$.rules[{n}].id", f"expected each id once, `{rule.id}` stands again")
        elif shadow := next((one for one in seen.values() if _takes_all_of(one, rule)), None):
            what = "everything" if not shadow.matchers else "every post that it asks for"
            why = f"unreachable: `{shadow.id}` stands before it and matches {what}"
            findings.wrong(f"$.rules[{n}]", why)
        seen.setdefault(rule.id, rule)
    last = policy.rules[-1] if policy.rules else None
    if not last or last.matchers or last.mode is not RuleMode.active or last.until:
        why = "expected a last rule without `when`, active and without `until`"
        findings.wrong("$.rules", f"{why}: nothing stays unrouted")


def _takes_all_of(earlier: Rule, later: Rule) -> bool:
    """Provably: for each field that the earlier one asks for, the later one asks for no more."""
    if earlier.mode is not RuleMode.active or not _outlives(earlier, later):
        return False
    asked = {one.field: one for one in later.matchers}
    return all(one.field in asked and one.covers(asked[one.field]) for one in earlier.matchers)


def _outlives(earlier: Rule, later: Rule) -> bool:
    if earlier.until is None:
        return True
    return later.until is not None and later.until <= earlier.until
