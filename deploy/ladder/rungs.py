"""Which checks does the chart climb, the cheapest first? One function each; it says what it saw."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from deploy.ladder import composed, image, sbom, schemas, tools
from deploy.ladder.tree import VERSIONS, Refused, Tree

KUBE_SCORE_IGNORED = {
    "container-image-pull-policy": "an image by digest never changes, and a registry that is down "
    "must not keep a pod from starting",
    "container-ephemeral-storage-request-and-limit": "the root is read-only; what is written goes "
    "to volumes with a size limit of their own",
    "deployment-has-host-podantiaffinity": "pods are spread by topologySpreadConstraints",
    "deployment-replicas": "a poller is one by nature, and how many others are is the user's",
    "deployment-strategy": "two pods must not hold one SQLite file, so there it is Recreate",
}
"""What kube-score would have otherwise, and why not here."""


CHART = ("deploy/helm/", "deploy/examples/", "deploy/ladder/")
SHIPPED = ("deploy/", ".github/", ".dockerignore", "Makefile", "docs/", "services/ingest/")
PROCESSES = ("schemas/", "services/", "stream/", "worktime/")


@dataclass(frozen=True)
class Rung:
    """A check by its name, and where the files lie that it reads; "" is anywhere."""

    name: str
    check: Callable[[Tree], str]
    reads: tuple[str, ...]

    def climb(self, tree: Tree) -> str:
        """What it saw; raises ``Refused``, also for what it could not even read."""
        try:
            return self.check(tree)
        except (OSError, LookupError, TypeError, ValueError, yaml.YAMLError) as error:
            raise Refused(f"{type(error).__name__}: {error}") from error


def helm_lint(tree: Tree) -> str:
    """Are the values as their schema wants them, and do the templates render?"""
    for values in tree.examples:
        lint = [str(tools.helm()), "lint", "--strict", str(tree.chart), "--values", str(values)]
        tree.run(lint)
    return f"the chart with {len(tree.examples)} examples"


def helm_template(tree: Tree) -> str:
    """Does each example render for each Kubernetes?"""
    for version in VERSIONS:
        tree.rendered(version)
    return f"{len(tree.examples)} examples, {len(tree.manifests())} objects, {_versions()}"


def kubeconform(tree: Tree) -> str:
    """Does each object keep to its schema, no unknown field, on each Kubernetes?"""
    custom = tree.scratch / "crds"
    count = schemas.write(custom, tree.root / "deploy/ladder/crds")
    kinds = tools.kubernetes_schemas()
    name = "{{.ResourceKind}}{{.KindSuffix}}.json"
    for version in VERSIONS:
        where = [f"{kinds}/v{version}.0-local-strict/{name}", f"{custom}/{name}"]
        located = [part for one in where for part in ("-schema-location", one)]
        files = [str(file) for file in sorted(tree.rendered(version).glob("*.yaml"))]
        tree.run([str(tools.kubeconform()), "-strict", "-n", "2", *located, *files])
    return f"{len(tree.manifests())} objects, {_versions()}, {count} CRDs"


def kustomize(tree: Tree) -> str:
    """Does kustomize take what the chart renders, and do the patches of the example fit?"""
    example = tree.root / "deploy/examples/kustomize"
    for file in sorted(tree.rendered().glob("*.yaml")):
        folder = tree.scratch / "kustomize" / file.stem
        shutil.copytree(example, folder)
        shutil.copy(file, folder / "rendered.yaml")
        tree.run([str(tools.kubectl()), "kustomize", str(folder)])
    return f"{len(tree.examples)} examples, each with the patches of deploy/examples/kustomize"


def promtool(tree: Tree) -> str:
    """Does Prometheus read the rules that lie in the rendered PrometheusRules?"""
    rules = [(of, one) for of, one in tree.manifests() if one["kind"] == "PrometheusRule"]
    if not rules:
        raise Refused("expected an example with a PrometheusRule; there is none")
    for number, (_, rule) in enumerate(rules):
        file = tree.scratch / f"rules-{number}.yaml"
        file.write_text(yaml.safe_dump(rule["spec"]), encoding="utf-8")
        tree.run([str(tools.promtool()), "check", "rules", str(file)])
    return f"{len(rules)} PrometheusRules of the examples"


def kube_score(tree: Tree) -> str:
    """What would an old hand say? All of it counts but what stands in KUBE_SCORE_IGNORED."""
    ignored = [part for name in KUBE_SCORE_IGNORED for part in ("--ignore-test", name)]
    options = ["--ignore-container-cpu-limit", "--disable-ignore-checks-annotations"]
    files = [str(file) for file in sorted(tree.rendered().glob("*.yaml"))]
    for file in files:
        command = [str(tools.kube_score()), "score", "--output-format", "ci", *options, *ignored]
        said = tree.run([*command, "--kubernetes-version", f"v{VERSIONS[1]}", file])
        wrong = [line for line in said.splitlines() if line.startswith(("[CRITICAL]", "[WARNING]"))]
        if wrong:
            raise Refused("\n".join(wrong))
    return f"{len(files)} examples, {len(KUBE_SCORE_IGNORED)} tests ignored with a reason"


def hadolint(tree: Tree) -> str:
    """Is the Dockerfile as its linter wants it?"""
    tree.run([str(tools.hadolint()), "--no-color", "deploy/docker/Dockerfile"])
    return "deploy/docker/Dockerfile"


def image_files(tree: Tree) -> str:
    """Does what the Dockerfile copies run, with no other file at hand?"""
    made = image.lay_out(tree.root, tree.scratch / "image")
    image.run_all(made, tree.root / "requirements/run.txt")
    return f"{len(image.files(made))} files, run from a folder of their own"


def compose(tree: Tree) -> str:
    """Does Compose read its file, and do Prometheus and Alertmanager read theirs?"""
    found, folder = composed.model(tree), tree.root / "deploy/compose"
    check = ["check", "config", "--syntax-only", str(folder / "prometheus.yaml")]
    tree.run([str(tools.promtool()), *check])
    tree.run([str(tools.amtool()), "check-config", str(folder / "alertmanager.yaml")])
    return f"{len(found['services'])} services of compose.yaml"


def zizmor(tree: Tree) -> str:
    """Is a workflow unsafe: an action without its commit, a right too many, a text run as code?"""
    folder = tree.root / ".github"
    tree.run([str(tools.zizmor()), "--offline", "--no-progress", "--pedantic", str(folder)])
    return f"{len(list(folder.glob('workflows/*')))} workflows"


def sbom_is_lock(tree: Tree) -> str:
    """Does the list of components say what the lock installs?"""
    lock = tree.root / "requirements/run.txt"
    count = sbom.compare(sbom.made(lock), lock.read_text(encoding="utf-8"))
    return f"{count} components are the lines of requirements/run.txt"


def dashboards(tree: Tree) -> str:
    """Are the dashboards those that deploy/observe makes?"""
    tree.python("-m", "deploy.observe", "--check")
    return f"{len(list(tree.chart.glob('files/dashboards/*.json')))} dashboards"


def shipped(tree: Tree) -> str:
    """Our own rules over the Dockerfile, Compose and the workflows."""
    return _pytest(tree, "tests/unit/deploy/test_shipped.py")


def own_rules(tree: Tree) -> str:
    """Our own rules over the rendered objects."""
    return _pytest(tree, "tests/chart")


def observed(tree: Tree) -> str:
    """Does each rule fire, does each panel show something, on a real Prometheus?"""
    return _pytest(tree, "tests/integration/test_rules.py", "tests/integration/test_panels.py")


def _pytest(tree: Tree, *where: str) -> str:
    said = tree.python("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *where)
    return f"{', '.join(where)}: {said.splitlines()[-1]}"


def _versions() -> str:
    return f"Kubernetes {', '.join(VERSIONS)}"


RUNGS = (
    Rung("dashboards", dashboards, ("deploy/observe/", "deploy/helm/otklik/files/dashboards/")),
    Rung("hadolint", hadolint, ("deploy/docker/",)),
    Rung("zizmor", zizmor, (".github/",)),
    Rung("helm lint", helm_lint, CHART),
    Rung("helm template", helm_template, CHART),
    Rung("kustomize", kustomize, CHART),
    Rung("promtool", promtool, CHART),
    Rung("kube-score", kube_score, CHART),
    Rung("compose", compose, ("deploy/compose", "deploy/helm/", "services/")),
    Rung(
        "image files", image_files, ("deploy/docker/", ".dockerignore", "requirements/", *PROCESSES)
    ),
    Rung("kubeconform", kubeconform, CHART),
    Rung("sbom", sbom_is_lock, ("requirements/", "deploy/ladder/")),
    Rung("shipped", shipped, SHIPPED),
    Rung("own rules", own_rules, ("deploy/", "docs/", "tests/", *PROCESSES)),
    Rung("observed", observed, ("deploy/", "docs/", "tests/", *PROCESSES)),
)
