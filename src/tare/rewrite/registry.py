"""All transforms, in the order in which they are applied. A new one is a new file and a line here."""

from tare.rewrite.transform import Transform
from tare.rewrite.transforms import (
    apt_hygiene,
    cache_mounts,
    cpu_torch,
    dependencies_first,
    drop_tools,
    exec_form,
    health_check,
    keyed_copy,
    multi_stage,
    narrow_copy,
    non_root,
    project_dependencies,
    prune_environment,
    python_env,
    secret_mounts,
    slim_base,
    stable_dependencies,
    version_args,
)

TRANSFORMS: tuple[Transform, ...] = (
    exec_form.TRANSFORM,
    secret_mounts.TRANSFORM,
    health_check.TRANSFORM,
    dependencies_first.TRANSFORM,
    project_dependencies.TRANSFORM,
    cpu_torch.TRANSFORM,
    stable_dependencies.TRANSFORM,
    multi_stage.TRANSFORM,
    slim_base.TRANSFORM,
    drop_tools.TRANSFORM,
    apt_hygiene.TRANSFORM,
    prune_environment.TRANSFORM,
    narrow_copy.TRANSFORM,
    non_root.TRANSFORM,
    python_env.TRANSFORM,
    cache_mounts.TRANSFORM,
    version_args.TRANSFORM,
    keyed_copy.TRANSFORM,
)
