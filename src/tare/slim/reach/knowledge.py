"""What no file says: packages that are needed by custom, and tools that libraries only mention."""

import re

ALWAYS = frozenset(
    {
        "base-files",
        "base-passwd",
        "ca-certificates",
        "coreutils",
        "dash",
        "libc-bin",
        "libc6",
        "media-types",
        "mime-support",
        "netbase",
        "tzdata",
        "libnss-systemd",
        # Alpine
        "alpine-baselayout",
        "alpine-baselayout-data",
        "alpine-keys",
        "alpine-release",
        "busybox",
        "busybox-binsh",
        "ca-certificates-bundle",
        "musl",
        "musl-utils",
        "libc-utils",
    }
)
"""Users and groups, certificates, name service, time zones, types of files, a shell and the commands of its scripts."""

SHELLS = frozenset(
    {
        "bash",
        "bsdutils",
        "busybox",
        "busybox-binsh",
        "coreutils",
        "dash",
        "debianutils",
        "diffutils",
        "findutils",
        "gawk",
        "grep",
        "hostname",
        "login",
        "mawk",
        "mount",
        "ncurses-bin",
        "original-awk",
        "procps",
        "sed",
        "tar",
        "util-linux",
        "util-linux-extra",
        "zsh",
    }
)
"""Shells and the commands of their scripts: what an image without a shell does not have."""

MAINTAINER_TOOLS = frozenset(
    {
        "adduser",
        "apt",
        "cdebconf",
        "debconf",
        "debconf-2.0",
        "debianutils",
        "dpkg",
        "dpkg-dev",
        "gpgv",
        "init-system-helpers",
        "install-info",
        "libpam-runtime",
        "lsb-base",
        "openssl",
        "passwd",
        "perl",
        "perl-base",
        "sensible-utils",
        "sysvinit-utils",
        "tar",
        "ucf",
    }
)
"""Packages that others depend on for their installation scripts. A dependency alone does not keep them."""

COMPANIONS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(library), re.compile(companion))
    for library, companion in (
        (r"libfontconfig1?|fontconfig", r"fonts?-.*|fontconfig(?:-config)?|ttf-.*"),
        (
            r"libg(?:l|lx|les)[-\w.]*|libegl[-\w.]*|mesa-.*",
            r"libg(?:l|lx)[-\w]*mesa.*|libegl-mesa.*|mesa-.*|libglvnd.*",
        ),
        (r"libssl[\d.]+(?:t64)?", r"openssl"),  # its links lead OpenSSL from /usr/lib/ssl to the certificates
        (r"libpam0g", r"libpam-(?:modules|runtime).*"),
        (r"libsasl2-2", r"libsasl2-modules.*"),
        (r"libgdk-pixbuf.*", r"libgdk-pixbuf.*|librsvg2-common|shared-mime-info"),
        (r"libmagickcore.*|imagemagick.*", r"libmagickcore.*|imagemagick-\d.*common|ghostscript"),
        (r"unixodbc|libodbc\d?", r"odbcinst.*|unixodbc.*|tdsodbc|odbc-.*|msodbcsql.*"),
        (r"libqt5.*|libqt6.*", r"qt[56].*|libqt[56].*"),
        (r"libgstreamer1.*", r"gstreamer1\.0-.*"),
        (r"libasound2|libpulse0", r"libasound2-(?:data|plugins)|alsa-.*"),
        (r"libproj\d+", r"proj-data"),
        (r"libgdal\d+", r"gdal-.*|libgdal.*"),
        (r"libicu\d+", r"icu-data.*"),
        (r"libenchant.*|libhunspell.*", r"hunspell-.*|libenchant.*|aspell.*"),
        (r"tesseract-ocr|libtesseract\d+", r"tesseract-ocr-.*"),
        (r"libvips\d*", r"libvips.*"),
        (r"libgs\d+|ghostscript", r"libgs.*|fonts-urw.*|gsfonts|poppler-data"),
        (r"openjdk-.*|default-jre.*", r"openjdk-.*-jre.*|ca-certificates-java|java-common"),
        (r"krb5-.*|libkrb5-3", r"krb5-config|libgssapi-.*"),
        (r"libva\d+", r".*-va-driver.*|va-driver-.*"),
        (r"ocl-icd-libopencl1|libopencl1", r"pocl-.*|.*-opencl-icd|ocl-icd.*"),
    )
)
"""Plug-ins and data that a library loads from directories: (kept package, package kept with it)."""

DEVELOPMENT_TOOLS = frozenset(
    [
        "git",
        "hg",
        "svn",
        "bzr",
        "gcc",
        "g++",
        "cc",
        "c++",
        "clang",
        "make",
        "cmake",
        "ninja",
        "nvcc",
        "ld",
        "ar",
        "nm",
        "objdump",
        "readelf",
        "gdb",
        "lldb",
        "perf",
        "valgrind",
        "pip",
        "conda",
        "uv",
        "python",
        "python3",
        "setup",
        "sphinx-build",
        "pytest",
        "tox",
        "docker",
        "podman",
        "kubectl",
        "ssh",
        "scp",
        "rsync",
        "tar",
        "unzip",
        "gzip",
        "apt",
        "apt-get",
        "dpkg",
        "brew",
        "bash",
        "zsh",
        "fish",
        "csh",
        "vim",
        "nano",
        "less",
        "more",
        "man",
        "lsb_release",
    ]
)
"""Programs that library code names for its developers; named by the application itself, they count."""
