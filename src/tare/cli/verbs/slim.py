"""`tare slim`."""

import os
from dataclasses import replace
from pathlib import Path

import click
import msgspec

from tare import api
from tare.cli.options import BUILDER, PATH, QUIET, format_option, print_report
from tare.cli.progress import progress
from tare.core.io import write_all
from tare.image.compress import CODECS, compression
from tare.slim.elf.fatbin import parse_architectures
from tare.slim.model import Level
from tare.slim.pipeline import SlimOptions


@click.command()
@click.argument("image")
@click.option(
    "--output",
    "-o",
    metavar="DEST",
    help="oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE[:NAME] or docker-daemon:NAME; without it, only plan.",
)
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    default=Level.SAFE.value,
    show_default=True,
    help="How far to go; each level includes those before it.",
)
@click.option(
    "--workload",
    "workloads",
    multiple=True,
    metavar="COMMAND",
    help="For trace: a shell line to run in the image, beside its start, probes and commands of [verify]; repeat.",
)
@click.option(
    "--base",
    type=click.Choice(["distroless"]),
    help="With reach or trace: leave no shell and no package manager; refused where something needs them.",
)
@click.option("--without", multiple=True, metavar="STEP", help="Leave a step out; repeat for more.")
@click.option("--squash", is_flag=True, help="One layer; the history stays.")
@click.option("--flatten", is_flag=True, help="One layer and one history entry.")
@click.option(
    "--layers",
    "layout",
    type=click.Choice(["keep", "by-package"]),
    default="keep",
    show_default=True,
    help="How files are spread over layers.",
)
@click.option(
    "--package-layers", type=click.IntRange(3, 120), default=20, show_default=True, help="For by-package."
)
@click.option(
    "--bytecode",
    type=click.Choice(["keep-imported", "drop", "keep", "compile"]),
    default="keep-imported",
    show_default=True,
    help="Which .pyc files stay.",
)
@click.option("--gpu", metavar="sm_90[,…]", help="Prune CUDA libraries to the code that these GPUs load.")
@click.option("--keep-ptx", is_flag=True, help="With --gpu: keep all PTX, which later GPUs can compile.")
@click.option(
    "--compress", type=click.Choice(CODECS), help="Recompress every layer [default: gzip, new layers only]."
)
@click.option("--compression-level", type=int, help="gzip 1-9, zstd 1-22.")
@click.option(
    "--platform", help="Which image of an index: linux/arm64; all for every one (OCI, static levels)."
)
@click.option("--ledger", type=PATH, help="Also write the ledger (JSON) to this file.")
@click.option(
    "--restore-layer",
    metavar="DEST",
    help="Keep what is taken away as a layer (oci:DIR[:TAG], oci-archive:FILE); tare restore puts it back.",
)
@click.option(
    "--sbom",
    "sboms",
    type=PATH,
    metavar="DIR",
    help="Also write before.cdx.json and after.cdx.json (CycloneDX).",
)
@click.option("--no-verify", is_flag=True, help="Do not run the result; the image's annotations say so.")
@BUILDER
@format_option("slim")
@QUIET
def command(
    image: str,
    output: str | None,
    level: str,
    workloads: tuple[str, ...],
    base: str | None,
    without: tuple[str, ...],
    squash: bool,
    flatten: bool,
    layout: str,
    package_layers: int,
    bytecode: str,
    gpu: str | None,
    keep_ptx: bool,
    compress: str | None,
    compression_level: int | None,
    platform: str | None,
    ledger: Path | None,
    restore_layer: str | None,
    sboms: Path | None,
    no_verify: bool,
    builder: str,
    format_: str,
    quiet: bool,
) -> None:
    """Make a smaller image that still works, with every removed byte on the record. Exit code 3 when it would not."""
    configuration = api.load_configuration(Path(), environ=os.environ)
    chosen = compression(compress or "gzip", compression_level)
    if workloads and level != Level.TRACE.value:
        raise click.UsageError("--workload is for --level trace")
    verify = msgspec.structs.replace(
        configuration.verify, commands=(*configuration.verify.commands, *workloads)
    )
    options = SlimOptions(
        level=Level(level),
        without=without,
        distroless=base == "distroless",
        package_layers=package_layers,
        gpus=parse_architectures(gpu) if gpu else (),
        keep_ptx=keep_ptx,
        keep_layers=compress != "zstd:chunked",
        verify=verify,
        environ=os.environ,
    )
    if squash + flatten + (layout != "keep") > 1:
        raise click.UsageError("--squash, --flatten and --layers exclude each other")
    if sboms is not None and (output is None or platform == "all"):
        raise click.UsageError("--sbom needs --output, and one platform")
    layout = "squash" if squash else "flatten" if flatten else layout
    options = replace(options, layout=layout, bytecode=bytecode)  # type: ignore[arg-type]
    with progress(quiet) as on_event:
        report = api.slim(
            image,
            output,
            options=options,
            compression=chosen,
            recompress=compress is not None or compression_level is not None,
            builder=builder,
            verify=not no_verify,
            platform=platform,
            ledger=ledger,
            restore_layer=restore_layer,
            on_event=on_event,
        )
        if sboms is not None and report.written is not None:
            documents = {
                sboms / f"{name}.cdx.json": api.sbom(
                    reference, platform=platform, environ=os.environ, on_event=on_event
                )
                for name, reference in (("before", image), ("after", report.written))
            }
            sboms.mkdir(parents=True, exist_ok=True)
            write_all(documents)
    print_report(report, format_)
