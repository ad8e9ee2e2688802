"""`slim`: plan, prove, run before and after, leave out the steps that break something, write."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

from tare.build.engine import Engine
from tare.core.errors import UsageError, VerificationError
from tare.core.events import Event, EventSink, null_sink
from tare.image.analysis import Analysis
from tare.image.contents import Contents
from tare.image.digests import digest_of
from tare.image.mutate import Draft, DraftLayer, Edits, grouped, read_config_json, relaid
from tare.schema.run import Verification
from tare.slim.grouping import by_package
from tare.slim.interpreter import compiled, import_cpu_s, start_imports, without_bytecode
from tare.slim.ledger import PATH, Ledger, after, as_file, decode, encode, make_ledger
from tare.slim.model import Level, Step
from tare.slim.plan import Plan, make_plan
from tare.slim.proof import Proof, prove
from tare.slim.python.environment import environment_of, is_test_path
from tare.slim.registry import steps_for
from tare.slim.running import accepted, loaded, observe, seen_bytecode, subject_of
from tare.slim.steps.bytecode import Bytecode, Policy
from tare.slim.steps.cuda_device_code import CudaDeviceCode
from tare.slim.steps.system_packages import SystemPackages
from tare.slim.steps.unseen_modules import UnseenModules
from tare.slim.trace.run import trace_workloads, traced_draft
from tare.slim.trace.tracer import find_tracer
from tare.slim.view import ImageFiles
from tare.verify import VerifySettings
from tare.verify.abilities import SHELL
from tare.verify.checks import judge
from tare.verify.observe import Observation

Layout = Literal["keep", "squash", "flatten", "by-package"]
_PREFIX = "dev.tare.slim."


@dataclass(frozen=True, slots=True)
class SlimOptions:
    """What a user may choose. `keep_layers`: layers that nothing touched are taken as they are stored. `gpus`: architectures
    (90 for sm_90) that CUDA libraries are pruned to; none leaves them whole."""

    level: Level = Level.SAFE
    without: tuple[str, ...] = ()
    layout: Layout = "keep"
    distroless: bool = False
    bytecode: Policy = "keep-imported"
    keep_layers: bool = True
    package_layers: int = 20
    gpus: tuple[int, ...] = ()
    keep_ptx: bool = False
    verify: VerifySettings = field(default_factory=VerifySettings)
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Slimmed:
    """The result, not yet written. `dropped`: steps that broke something, with the reason."""

    draft: Draft
    plan: Plan
    proof: Proof
    ledger: Ledger
    ledger_json: bytes
    verification: Verification | None
    dropped: tuple[tuple[str, str], ...]
    verified: str
    notes: tuple[str, ...]
    start_before_s: float | None = None
    start_after_s: float | None = None
    """CPU seconds of importing what the start imports; None where that was not measured."""


def slim_image(
    analysis: Analysis,
    contents: Contents,
    options: SlimOptions,
    engine: Engine | None,
    why_no_engine: str = "",
    *,
    on_event: EventSink = null_sink,
) -> Slimmed:
    """Make the slim draft of one image. With an engine, it is run before and after; without, the static proof stands
    alone. Raises `VerificationError` when not even the image before works, or when nothing that works is left."""
    return _Run(analysis, contents, options, engine, why_no_engine, on_event).run()


class _Run:
    def __init__(
        self,
        analysis: Analysis,
        contents: Contents,
        options: SlimOptions,
        engine: Engine | None,
        why_no_engine: str,
        on_event: EventSink,
    ) -> None:
        self.analysis = analysis
        self.contents = contents
        self.options = options
        self.engine = engine
        self.why_no_engine = why_no_engine
        self.on_event = on_event
        self.files = ImageFiles(analysis, contents)
        self.settings = options.verify
        self.timed = start_imports(self.files)
        self.start_before_s: float | None = None
        self.start_after_s: float | None = None
        self.dropped: list[tuple[str, str]] = []

    def run(self) -> Slimmed:
        """See `slim_image`."""
        before: Observation | None = None
        bytecode = Bytecode(self.options.bytecode)
        if self.options.bytecode == "compile" and self.engine is None:
            raise UsageError(
                f"--bytecode compile asks the image's own interpreter: {self.why_no_engine}",
                hint="--bytecode keep needs no engine",
            )
        if self.engine is not None:
            self.settings = self._with_imports(self.options.verify)
            original = Draft(self.analysis, read_config_json(self.analysis), relaid(self.analysis, Edits()))
            with loaded(self.engine, original, self.contents, self.options.environ) as name:
                self.on_event(Event("stage", "Asking the image before"))
                before = observe(self.engine, original, name, self.settings, self.on_event)
                self.start_before_s = import_cpu_s(self.engine, name, self.timed, self.settings.user)
                if self.options.bytecode == "compile":
                    missing = without_bytecode(self.files)
                    bytecode = replace(bytecode, compiled=compiled(self.engine, name, missing))
                if self.options.bytecode == "keep-imported" and self.options.level is not Level.LOSSLESS:
                    seen = seen_bytecode(self.engine, original, name, self.settings, self.on_event)
                    bytecode = replace(bytecode, seen=seen)
        self._check_distroless()
        unseen = self._trace() if self.options.level is Level.TRACE else UnseenModules()
        if self.engine is not None:
            self.settings = self._with_imports(self.options.verify, unseen.seen)
        cuda = CudaDeviceCode(self.options.gpus, self.options.keep_ptx)
        system = SystemPackages(distroless=self.options.distroless)
        steps = steps_for(self.options.level, self.options.without, bytecode, cuda, unseen, system)
        self.on_event(Event("stage", f"Planning {len(steps)} steps"))
        steps, plan, proof = self._proved(steps)
        verification = None
        verified = f"no: {self.why_no_engine}" if self.engine is None else f"yes, by {self.engine.name}"
        if self.engine is not None and before is not None:
            steps, plan, proof, verification = self._verified(steps, plan, proof, before)
        notes = tuple(f"step {name} was left out: {reason}" for name, reason in self.dropped)
        ledger = make_ledger(plan, self.options.level.value, verified, notes)
        if PATH in self.files.nodes:
            earlier, _ = decode(self.files.read(PATH), f"{self.analysis.image.reference} {PATH}")
            ledger = after(earlier, ledger)
        document = encode(ledger)
        draft = self._draft(plan, document, verified)
        return Slimmed(
            draft,
            plan,
            proof,
            ledger,
            document,
            verification,
            tuple(self.dropped),
            verified,
            notes,
            self.start_before_s,
            self.start_after_s,
        )

    def _check_distroless(self) -> None:
        """What a user asks of an image without a shell must not need one, and must not need the step left out."""
        if not self.options.distroless:
            return
        if not self.options.level.includes(Level.REACH) or "system-packages" in self.options.without:
            raise UsageError(
                "--base distroless takes packages away", hint="add --level reach or --level trace"
            )
        if self.options.verify.commands:
            raise UsageError(
                "--base distroless leaves no shell, and [verify] commands are shell lines",
                hint="ask with probes, or name a --workload's module in [verify] imports",
            )

    def _trace(self) -> UnseenModules:
        """Run the image and the workloads under a tracer, and say what they used."""
        if self.engine is None:
            raise UsageError(
                f"--level trace must run the image: {self.why_no_engine}", hint="or use --level reach"
            )
        config = self.files.config
        tracer = find_tracer(self.options.environ, config.platform.architecture)
        layers = relaid(self.analysis, Edits(added=tracer.files))
        draft = traced_draft(Draft(self.analysis, read_config_json(self.analysis), layers), tracer)
        shell = self.files.which("sh") is not None
        with loaded(self.engine, draft, self.contents, self.options.environ) as name:
            traced = trace_workloads(
                self.engine,
                name,
                subject_of(draft, name),
                self.settings,
                config.workdir or "/",
                shell,
                self.on_event,
            )
        nodes = set()
        for path in traced.seen.paths:
            for node in (self.analysis.tree.resolve(path), self.files.follow(path)):
                if node is not None:
                    nodes.add(node.path)
        for label, count in traced.workloads:
            self.on_event(Event("detail", f"{label}: {count} paths more"))
        return UnseenModules(frozenset(nodes), tuple(label for label, _ in traced.workloads))

    def _with_imports(self, settings: VerifySettings, seen: frozenset[str] = frozenset()) -> VerifySettings:
        """Unless a user names imports, every top-level package of site-packages is imported before and after; after a trace,
        those of which something was `seen`."""
        if self.options.distroless:
            settings = msgspec.structs.replace(
                settings, without_abilities=(*settings.without_abilities, SHELL)
            )
        if settings.abilities is None:
            settings = msgspec.structs.replace(settings, abilities=True)
        if settings.imports:
            return settings
        environment = environment_of(self.files)
        names = sorted(
            name
            for name, modules in environment.modules.items()
            if "." not in name
            and not name.startswith("_")
            and name
            not in ("pip", "setuptools", "wheel", "pkg_resources", "this", "antigravity", "idlelib", "turtle")
            and any(
                environment.in_site(module.path)
                and not is_test_path(module.path)
                and (not seen or module.path in seen)
                for module in modules
            )
        )
        return msgspec.structs.replace(settings, imports=tuple(names))

    def _proved(self, steps: Sequence[Step]) -> tuple[tuple[Step, ...], Plan, Proof]:
        """Leave out steps until the static proof holds."""
        chosen = tuple(steps)
        while True:
            plan = make_plan(self.files, chosen, on_event=self.on_event)
            proof = prove(plan)
            if not proof.problems:
                return chosen, plan, proof
            named = [step for step in chosen if step.name in proof.guilty]
            if not named:
                raise VerificationError(
                    f"the result would not work: {proof.problems[0]}", detail="\n".join(proof.problems[:20])
                )
            for step in named:
                self._drop(step.name, f"static proof: {proof.problems[0]}")
            chosen = tuple(step for step in chosen if step not in named)

    def _verified(
        self, steps: tuple[Step, ...], plan: Plan, proof: Proof, before: Observation
    ) -> tuple[tuple[Step, ...], Plan, Proof, Verification]:
        """Run the result; on failure find the step to blame by bisection over prefixes, leave it out, and try again."""
        while True:
            self.on_event(Event("stage", f"Verifying {len(steps)} steps"))
            verification = self._ask(plan, before)
            if accepted(verification):
                return steps, plan, proof, verification
            bad = next(check for check in verification.checks if check.passed is not True)
            reason = f"{bad.kind} {bad.name}: {bad.detail}"[:300]
            self.on_event(Event("warning", f"verification failed ({reason}); looking for the step to blame"))
            if not steps:
                raise VerificationError(
                    "the image fails verification even when nothing is taken away",
                    detail=reason,
                    hint="see [verify] in tare.toml: port, probes, env, startup_timeout_s",
                )
            guilty = _first_culprit(
                steps, lambda some: accepted(self._ask(make_plan(self.files, some), before))
            )
            self._drop(guilty.name, reason)
            steps = tuple(step for step in steps if step is not guilty)
            steps, plan, proof = self._proved(steps)

    def _drop(self, name: str, reason: str) -> None:
        self.dropped.append((name, reason))
        self.on_event(Event("warning", f"step {name} is left out: {reason}"))

    def _ask(self, plan: Plan, before: Observation) -> Verification:
        assert self.engine is not None
        draft = self._draft(plan, b"", "")
        with loaded(self.engine, draft, self.contents, self.options.environ) as name:
            after = observe(self.engine, draft, name, self.settings, self.on_event)
            self.start_after_s = import_cpu_s(self.engine, name, self.timed, self.settings.user)
        return judge(after, before, self.settings, subject_of(draft, name))

    def _draft(self, plan: Plan, document: bytes, verified: str) -> Draft:
        edits = plan.view.edits()
        notes: dict[str, str] = {}
        config = read_config_json(self.analysis)
        if document:
            added = {**edits.added, PATH: as_file(document)}
            edits = replace(edits, added=added, removed=edits.removed | {PATH})
            notes = {
                f"{_PREFIX}level": self.options.level.value,
                f"{_PREFIX}verified": verified,
                f"{_PREFIX}ledger": digest_of(document),
            }
            run = config.get("config") or {}
            run["Labels"] = {**(run.get("Labels") or {}), **notes}
            config["config"] = run
        layers = self._layers(edits, plan)
        fresh = self.options.layout in ("flatten", "by-package")
        return Draft(self.analysis, json.loads(json.dumps(config)), layers, notes, fresh)

    def _layers(self, edits: Edits, plan: Plan) -> tuple[DraftLayer, ...]:
        match self.options.layout:
            case "keep":
                return relaid(self.analysis, edits, keep=self.options.keep_layers)
            case "by-package":
                names, place = by_package(plan.view, self.options.package_layers)
                return grouped(self.analysis, edits, names, place)
            case _:
                return grouped(self.analysis, edits, ("all files",), lambda node: 0)


def _first_culprit(steps: tuple[Step, ...], works: Callable[[tuple[Step, ...]], bool]) -> Step:
    """The step with which a growing prefix stops working; at most log2 + 1 runs."""
    low, high = 0, len(steps)
    while high - low > 1:
        middle = (low + high) // 2
        if works(steps[:middle]):
            low = middle
        else:
            high = middle
    return steps[high - 1]
