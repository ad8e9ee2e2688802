"""`optimize`: plan, build both images, verify, leave out what does not work, compare."""

import difflib
import secrets as randomness
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tare import __version__
from tare.build.engine import BuildRequest, Engine
from tare.build.measure import measure
from tare.compare import compare_sides
from tare.core.errors import BuildError, VerificationError
from tare.core.events import Event, EventSink, null_sink
from tare.core.io import write_all
from tare.core.redaction import is_secret_name
from tare.dockerfile import parse
from tare.dockerfile.stages import effective
from tare.image import open_image
from tare.image.analysis import analyse
from tare.image.facts import facts_of
from tare.knowledge.bases import base_facts, slim_variant
from tare.optimize.checklist import checklist, ignore_item
from tare.optimize.culprits import first_culprit
from tare.optimize.evidence import gather
from tare.optimize.expectation import expect, outlook, would_free
from tare.optimize.inputs import check_inputs
from tare.optimize.parts import Part, Weight, measured_parts
from tare.optimize.placing import check_output, check_targets, put_beside
from tare.optimize.project import Workplace, port_of
from tare.optimize.shares import IGNORE_FILE, NO_SHARES, Shares, measured_shares
from tare.rewrite.engine import Rewrite, rewrite
from tare.rewrite.registry import TRANSFORMS
from tare.rewrite.secrets import secret_values
from tare.schema.finding import Applicability, Saving
from tare.schema.image import ImageFacts
from tare.schema.optimize import CostInputs, OptimizeReport, Outcome, Side
from tare.schema.report import FileChange
from tare.schema.run import Timings, Verification
from tare.slim.built import slim_built
from tare.verify import Probe, VerifySettings
from tare.verify.checks import Subject, judge, look
from tare.verify.observe import Observation

MOST_ROUTES = 5


@dataclass(frozen=True, slots=True)
class Options:
    """Choices for one run. `write` puts the files in place; `unsafe`: also what only a build could have proved, where
    nothing was built; `without` names transforms to leave out. `debian_mirror` and `cache_days`: where sizes of Debian
    packages come from when nothing is built, and how long the lists are kept. `slim`: the level at which the built image is
    slimmed afterwards."""

    write: bool = False
    unsafe: bool = False
    without: tuple[str, ...] = ()
    network: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    verify: VerifySettings = field(default_factory=VerifySettings)
    inputs: CostInputs = field(default_factory=CostInputs)
    rebuilds: bool = True
    keep: str | None = None
    slim: str | None = None
    output: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    debian_mirror: str | None = None
    cache_days: int = 7


def optimize(
    place: Workplace, engine: Engine | None, options: Options, on_event: EventSink = null_sink
) -> OptimizeReport:
    """Do the main job. Nothing in the project is changed unless `options.write` is set; then everything was verified, or,
    without an engine, is safe by argument (all of it with `options.unsafe`).

    Raises `BuildError` when the original does not build, `VerificationError` when not even the original passes.
    """
    check_output(options.output)
    if options.write:
        check_targets(place.root, (place.dockerfile_path, place.ignore_path))
    if engine is None:
        return _planned(place, options, on_event)
    secrets = options.secrets
    check_inputs(place.dockerfile, place.context, place.dockerfile_path, options.build_args, secrets)
    run = _Run(place, engine, options, on_event)
    try:
        return run.report()
    finally:
        run.clean()


def _planned(place: Workplace, options: Options, on_event: EventSink) -> OptimizeReport:
    on_event(Event("stage", "plan"))
    result = _unproved(place, options)
    source = outlook(place, options.environ, options.debian_mirror, options.cache_days)
    expected = expect(place, result.text, _applied(result, place), source)
    outcome: Outcome = "unchanged" if result.text == place.text and not _ignore_differs(place) else "planned"
    return _assemble(
        place,
        options,
        result,
        outcome,
        Side(estimate=expected.before),
        Side(estimate=expected.after),
        None,
        None,
        expected.notes,
        expected.shares,
        would_free(place, result, source),
    )


def _unproved(place: Workplace, options: Options) -> Rewrite:
    """The plan without a build. What is to be written keeps only transforms that are safe by argument, unless all are
    asked for; leaving one out may let another in, so that this is done until nothing unsafe is left."""
    dropped = dict.fromkeys(options.without, "left out on request")
    while True:
        result = rewrite(
            place.text,
            place.facts,
            TRANSFORMS,
            path=str(place.dockerfile_path),
            without=dropped,
            dropped=dropped,
        )
        unsafe = [step.transform for step in result.steps if step.applicability is Applicability.UNSAFE]
        if not unsafe or not options.write or options.unsafe:
            return result
        reason = "not written without a build that proves it; --unsafe-fixes writes it all the same"
        dropped |= dict.fromkeys(unsafe, reason)


class _Run:
    """One run with an engine."""

    def __init__(self, place: Workplace, engine: Engine, options: Options, on_event: EventSink) -> None:
        self.place = place
        self.engine = engine
        self.options = options
        self.on_event = on_event
        token = randomness.token_hex(4)
        self.before_tag = f"tare-before:{token}"
        self.after_tag = options.keep or f"tare-after:{token}"
        self.port = port_of(place.dockerfile, place.project)
        self.settings = _with_defaults(options.verify, place)
        self.facts = replace(
            place.facts,
            settings=replace(
                place.facts.settings,
                cache_mounts=engine.capabilities.cache_mounts,
                cache_locks=engine.capabilities.cache_locks,
                stage_copies_cached=engine.capabilities.stage_copies_cached,
            ),
        )
        self.reasons: dict[str, str] = dict.fromkeys(options.without, "left out on request")
        self.verification: Verification | None = None
        self.slim_notes: tuple[str, ...] = ()
        self.troubles: dict[str, str | None] = {}
        self.parts: dict[str, Mapping[Part, Weight]] = {}

    def report(self) -> OptimizeReport:
        """The whole way."""
        place = self.place
        before_request = self.request(place.text, place.context.ignore_text, self.before_tag)
        try:
            _, before_times = self.measured(before_request)
        except BuildError as error:
            raise BuildError(
                "the original does not build, so that there is nothing to compare with",
                where=str(place.dockerfile_path),
                detail=error.detail,
                hint="make it build first; --builder none plans without building",
            ) from error
        self.learn()
        before = look(
            self.engine, self.subject(self.before_tag, place.text), self.settings, on_event=self.on_event
        )
        self.must_work(before)
        result = self.best(before)
        changed = result.text != place.text or _ignore_differs(place)
        before_side = Side(self.image(self.before_tag, place.text), before_times)
        if not changed and self.options.slim is None:
            return self.assembled(result, "unchanged", before_side, before_side)
        _, after_times = self.measured(self.request(result.text, place.proposed_ignore, self.after_tag))
        if self.options.slim is not None:
            self.on_event(Event("stage", f"slim the result ({self.options.slim})"))
            arguments = (
                self.after_tag,
                self.options.slim,
                self.settings,
                self.options.environ,
                self.on_event,
            )
            self.slim_notes = slim_built(self.engine, *arguments)
        after_side = Side(self.image(self.after_tag, result.text), after_times)
        return self.assembled(result, "optimized" if changed else "unchanged", before_side, after_side)

    def assembled(self, result: Rewrite, outcome: Outcome, before: Side, after: Side) -> OptimizeReport:
        """The report, with the files written where that was asked for."""
        return _assemble(
            self.place,
            self.options,
            result,
            outcome,
            before,
            after,
            self.verification,
            self.engine.name,
            self.slim_notes,
            self.shares(result, before, after),
            self.left_behind(result),
        )

    def left_behind(self, result: Rewrite) -> Mapping[str, Saving]:
        """What the transforms that were left out would have freed, by estimate."""
        if not any(step.status in ("dropped", "refused") for step in result.steps):
            return {}
        options = self.options
        source = outlook(self.place, options.environ, options.debian_mirror, options.cache_days)
        return would_free(self.place, result, source)

    def shares(self, result: Rewrite, before: Side, after: Side) -> Shares:
        """What each applied optimization frees, out of the files of both images."""
        if (
            self.options.slim is not None
            or self.after_tag not in self.parts
            or before.image is None
            or after.image is None
        ):
            return NO_SHARES
        applied = _applied(result, self.place)
        totals = (before.image.compressed_bytes, after.image.compressed_bytes)
        return measured_shares(self.parts[self.before_tag], self.parts[self.after_tag], applied, totals)

    def learn(self) -> None:
        """Look into the built image for what the installed files need from the system."""
        base = self.place.dockerfile.final.base
        facts, slim = base_facts(base), slim_variant(base)
        if facts is None or (slim is None and not facts.is_slim):
            return
        self.on_event(Event("step", "shared libraries that the installed packages need"))
        found = gather(self.engine, self.before_tag, slim.reference if slim else base)
        if found is not None:
            self.facts = replace(self.facts, runtime_packages=found.packages, release=found.release)

    def must_work(self, before: Observation) -> None:
        """The original must answer what is asked of it, or there is nothing that could be proved."""
        broken = [reply.error for reply in before.replies if reply.error]
        if self.settings.probes and (broken or not before.replies):
            probe = self.settings.probes[0]
            at = (
                f"on port {self.settings.port or self.port}"
                if self.settings.port or self.port
                else "anywhere"
            )
            raise VerificationError(
                f"the original image does not answer {probe.method} {probe.path} {at}",
                where=str(self.place.dockerfile_path),
                detail=broken[0] if broken else before.output[-2000:],
                hint="see [verify] in tare.toml: port, probes, env, startup_timeout_s",
            )

    def best(self, before: Observation) -> Rewrite:
        """The variant with the most transforms that builds and verifies; the others are dropped with the reason."""
        while True:
            names = [transform.name for transform in TRANSFORMS if transform.name not in self.reasons]
            result = self.plan(names)
            self.on_event(Event("stage", f"verify {len(result.applied)} optimizations"))
            trouble = self.trouble(result, before)
            if trouble is None:
                return result
            unchanged = self.trouble(self.plan(()), before)
            if unchanged is not None:
                raise VerificationError(
                    "not even the unchanged Dockerfile passes verification", detail=unchanged
                )

            def works(kept: Sequence[str]) -> bool:
                return self.trouble(self.plan(kept), before) is None

            culprit = first_culprit(names, works)
            kept = names[: names.index(culprit) + 1]
            reason = self.trouble(self.plan(kept), before) or trouble
            self.reasons[culprit] = f"tried, and left out because with it {reason}"
            self.on_event(Event("warning", f"{culprit} {self.reasons[culprit]}"))

    def plan(self, names: Sequence[str]) -> Rewrite:
        """The rewrite with the named transforms only."""
        without = {transform.name for transform in TRANSFORMS} - set(names)
        return rewrite(
            self.place.text,
            self.facts,
            TRANSFORMS,
            path=str(self.place.dockerfile_path),
            without=without,
            dropped=self.reasons,
        )

    def trouble(self, result: Rewrite, before: Observation) -> str | None:
        """Why a variant does not build or does not answer as the original does; None when it does. Asked once a text."""
        if result.text not in self.troubles:
            self.troubles[result.text] = self.attempt(result.text, before)
        return self.troubles[result.text]

    def attempt(self, text: str, before: Observation) -> str | None:
        """Build and verify one text."""
        self.engine.remove(self.after_tag)
        try:
            self.engine.build(self.request(text, self.place.proposed_ignore, self.after_tag), self.on_event)
        except BuildError as error:
            return "the build fails: " + _last_line(error.detail or "")
        subject = self.subject(self.after_tag, text)
        after = look(self.engine, subject, self.settings, on_event=self.on_event)
        verification = judge(after, before, self.settings, subject)
        if verification.ok:
            self.verification = verification
            return None
        failed = next((check for check in verification.checks if check.passed is not True), None)
        return f"{failed.kind} {failed.name}: {failed.detail}" if failed else "nothing could be checked"

    def subject(self, image: str, text: str) -> Subject:
        """What is known of an image from its Dockerfile."""
        document = parse(text)
        state = effective(document, document.final)
        check = state.healthcheck
        return Subject(image, self.port, bool(check) and check != ("NONE",))

    def request(self, text: str, ignore: str, tag: str) -> BuildRequest:
        """The same settings for every build. A build argument that became a secret is passed as one."""
        arguments = dict(self.options.build_args)
        secrets = dict(self.options.secrets)
        for name in [key for key in arguments if is_secret_name(key) and f"id={key}" in text]:
            secrets[name] = arguments.pop(name)
        secrets = secret_values(self.place.dockerfile, text, self.place.root) | secrets
        return BuildRequest(self.place.root, text, ignore, tag, arguments, secrets, self.options.network)

    def measured(self, request: BuildRequest) -> tuple[object, Timings]:
        """Build and time."""
        source = self.place.source_file if self.options.rebuilds else None
        requirements = self.place.requirements_file if self.options.rebuilds else None
        return measure(self.engine, request, source, requirements, self.on_event)

    def image(self, tag: str, text: str) -> ImageFacts:
        """The facts of an image built from `text`, through a docker-archive; its parts are kept for the shares."""
        self.on_event(Event("stage", f"reading {tag}"))
        with tempfile.TemporaryDirectory(prefix="tare-image-") as directory:
            archive = Path(directory) / "image.tar"
            self.engine.export(tag, archive)
            with open_image(f"docker-archive:{archive}") as image:
                analysis = analyse(image, on_event=self.on_event)
                self.parts[tag] = measured_parts(analysis, parse(text))
                return replace(facts_of(analysis), reference=tag)

    def clean(self) -> None:
        """Take away the images of this run, except one that the user asked to keep."""
        self.engine.remove(self.before_tag)
        if self.options.keep is None:
            self.engine.remove(self.after_tag)


def _with_defaults(settings: VerifySettings, place: Workplace) -> VerifySettings:
    """Where nothing is configured: the health route and other plain GET routes, and all imports of the application."""
    import_names = settings.imports or tuple(sorted(place.project.required_imports))
    probes = settings.probes
    if not probes:
        urls: list[str] = [place.facts.health_path] if place.facts.health_path else []
        for route in place.project.routes:
            if (
                route.certain
                and "GET" in route.methods
                and not set(route.url) & set("<{*^$(")
                and len(urls) < MOST_ROUTES
            ):
                urls += [route.url] if route.url not in urls else []
        if port_of(place.dockerfile, place.project) is not None:
            probes = tuple(Probe(url) for url in urls)
    values = {name: getattr(settings, name) for name in settings.__struct_fields__}
    return VerifySettings(**{**values, "probes": probes, "imports": import_names})


def _applied(result: Rewrite, place: Workplace) -> frozenset[str]:
    """The names of everything that changes something, the ignore file too."""
    return frozenset(result.applied) | ({IGNORE_FILE} if _ignore_differs(place) else set())


def _ignore_differs(place: Workplace) -> bool:
    return place.proposed_ignore != place.context.ignore_text


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()]
    return (telling or lines or ["no output"])[-1][:400]


def _assemble(
    place: Workplace,
    options: Options,
    result: Rewrite,
    outcome: Outcome,
    before: Side,
    after: Side,
    verification: Verification | None,
    engine: str | None,
    notes: tuple[str, ...],
    shares: Shares,
    missed: Mapping[str, Saving],
) -> OptimizeReport:
    dockerfile = file_change(place.dockerfile_path, place.text, result.text, place.root)
    had_ignore = place.context.ignore_path is not None
    ignore = file_change(
        place.ignore_path,
        place.context.ignore_text if had_ignore else None,
        place.proposed_ignore,
        place.root,
    )
    written: tuple[str, ...] = ()
    directory: str | None = None
    files = {change.path: change.after for change in (dockerfile, ignore) if change.diff}
    proved = verification.ok if verification is not None else engine is None
    if files and options.write and proved:
        write_all({place.root / path: text for path, text in files.items()})
        written = tuple(files)
    elif files:
        directory = str(put_beside(files, options.output))
    if written and engine is None:
        kept = "everything" if options.unsafe else "only what is safe by argument"
        notes = (*notes, f"nothing was built and verified: {kept} was written")
    return OptimizeReport(
        verb="optimize",
        tool_version=__version__,
        path=str(place.root),
        outcome=outcome,
        dockerfile=dockerfile,
        dockerignore=ignore,
        plan=checklist(
            result, verification, shares, ignore_item(place.proposal, changed=_ignore_differs(place)), missed
        ),
        before=before,
        after=after,
        verification=verification,
        comparison=compare_sides(before, after, options.inputs),
        inputs=options.inputs,
        engine=engine,
        work_directory=directory,
        written=written,
        notes=notes,
        unattributed=shares.remainder,
    )


def file_change(path: Path, before: str | None, after: str, root: Path) -> FileChange:
    """A file as it was and as it is proposed, with the unified diff; named relative to `root` where it is below."""
    name = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    old = (before or "").splitlines(keepends=True)
    new = after.splitlines(keepends=True)
    lines = list(
        difflib.unified_diff(old, new, f"a/{name}" if before is not None else "/dev/null", f"b/{name}")
    )
    text = "".join(
        line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines
    )
    return FileChange(name, before, after, text)
