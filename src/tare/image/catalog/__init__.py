"""What is installed in an image: one module a package manager, each a `Catalog`; `CATALOGS` lists them."""

from tare.image.catalog.apk import ApkCatalog
from tare.image.catalog.conda import CondaCatalog
from tare.image.catalog.dpkg import DpkgCatalog
from tare.image.catalog.npm import NpmCatalog
from tare.image.catalog.package import Catalog, Package
from tare.image.catalog.python import PythonCatalog
from tare.image.catalog.rpm import RpmCatalog

CATALOGS: tuple[Catalog, ...] = (
    DpkgCatalog(),
    ApkCatalog(),
    RpmCatalog(),
    PythonCatalog(),
    CondaCatalog(),
    NpmCatalog(),
)

__all__ = ["CATALOGS", "Catalog", "Package"]
