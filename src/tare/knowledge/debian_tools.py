"""Data: Debian packages by what they are for. Names checked against bullseye, bookworm and trixie on
2026-11-24."""

from typing import Literal

Purpose = Literal["build-tool", "editor", "vcs", "debug", "network", "documentation"]

_BUILD_TOOLS = """
    autoconf automake autotools-dev binutils bison build-essential cargo ccache clang cmake cpp cython3
    debhelper dh-python dpkg-dev flex fakeroot g++ gcc gfortran gnat golang golang-go libc6-dev libtool
    libtool-bin linux-libc-dev lld llvm m4 make meson nasm ninja-build patch patchelf pkg-config pkgconf
    protobuf-compiler python3-dev python-dev-is-python3 python3-setuptools python3-wheel rustc scons
    software-properties-common swig yasm
"""
_EDITORS = "emacs emacs-nox ed joe mc micro nano neovim vim vim-nox vim-tiny"
_VCS = "bzr cvs git git-lfs mercurial subversion"
_DEBUG_TOOLS = """
    bat fzf gdb htop iotop jq less lsof ltrace man-db procps psmisc screen strace sysstat tmux tree valgrind
"""
_NETWORK_TOOLS = """
    aria2 bind9-dnsutils curl dnsutils ftp httpie iproute2 iputils-ping net-tools netcat-openbsd
    netcat-traditional nmap openssh-client openssh-server rsync socat tcpdump telnet traceroute wget whois
"""
_DOCUMENTATION = "doxygen info manpages manpages-dev pandoc python3-doc texinfo"

BUILD_TOOLS = frozenset(_BUILD_TOOLS.split())
"""Packages that compile things. (`libstdc++6`, `libgomp1`, `libgfortran5` are libraries and not here.)"""
EDITORS = frozenset(_EDITORS.split())
VCS = frozenset(_VCS.split())
DEBUG_TOOLS = frozenset(_DEBUG_TOOLS.split())
NETWORK_TOOLS = frozenset(_NETWORK_TOOLS.split())
DOCUMENTATION = frozenset(_DOCUMENTATION.split())

RECOMMENDED: dict[str, tuple[str, ...]] = {
    "clang": ("libc6-dev",),
    "curl": ("ca-certificates",),
    "gcc": ("libc6-dev",),
    "gfortran": ("libc6-dev",),
    "git": ("ca-certificates",),
    "graphviz": ("fonts-liberation",),
    "imagemagick": ("ghostscript",),
    "poppler-utils": ("poppler-data",),
    "rustc": ("cargo",),
    "wget": ("ca-certificates",),
}
"""Recommended packages without which the package does not do what it is installed for: gcc links nothing without the
C library's headers, curl trusts no certificate."""

# Commands that an application may call, by the package that brings them: a package stays where its
# command is used.
COMMANDS: dict[str, tuple[str, ...]] = {
    "curl": ("curl",),
    "wget": ("wget",),
    "git": ("git",),
    "git-lfs": ("git-lfs",),
    "mercurial": ("hg",),
    "subversion": ("svn",),
    "procps": ("ps", "top", "free", "pgrep", "pkill", "kill", "uptime", "vmstat", "watch", "sysctl"),
    "psmisc": ("killall", "fuser", "pstree"),
    "net-tools": ("ifconfig", "netstat", "route", "arp"),
    "iproute2": ("ip", "ss", "tc"),
    "iputils-ping": ("ping",),
    "telnet": ("telnet",),
    "netcat-openbsd": ("nc",),
    "netcat-traditional": ("nc",),
    "dnsutils": ("dig", "nslookup", "nsupdate"),
    "bind9-dnsutils": ("dig", "nslookup", "nsupdate"),
    "openssh-client": ("ssh", "scp", "sftp", "ssh-keygen", "ssh-keyscan"),
    "openssh-server": ("sshd",),
    "rsync": ("rsync",),
    "socat": ("socat",),
    "jq": ("jq",),
    "less": ("less",),
    "tree": ("tree",),
    "lsof": ("lsof",),
    "strace": ("strace",),
    "gdb": ("gdb",),
    "screen": ("screen",),
    "tmux": ("tmux",),
    "htop": ("htop",),
    "vim": ("vim", "vi"),
    "nano": ("nano",),
    "emacs": ("emacs",),
    "gcc": ("gcc", "cc"),
    "g++": ("g++", "c++"),
    "make": ("make",),
    "cmake": ("cmake",),
    "ninja-build": ("ninja",),
    "pkg-config": ("pkg-config",),
    "build-essential": ("gcc", "g++", "cc", "c++", "make", "ld", "ar", "as"),
    "binutils": ("ld", "ar", "as", "nm", "objcopy", "objdump", "readelf", "strings", "strip"),
    "gfortran": ("gfortran",),
    "rustc": ("rustc",),
    "cargo": ("cargo",),
    "golang-go": ("go",),
    "protobuf-compiler": ("protoc",),
    "swig": ("swig",),
    "pandoc": ("pandoc",),
    "patchelf": ("patchelf",),
    "ffmpeg": ("ffmpeg", "ffprobe", "ffplay"),
    "poppler-utils": ("pdftoppm", "pdftotext", "pdfinfo", "pdftocairo", "pdfimages"),
    "tesseract-ocr": ("tesseract",),
    "graphviz": ("dot", "neato", "fdp", "sfdp", "twopi", "circo"),
    "imagemagick": ("convert", "identify", "mogrify", "magick"),
    "ghostscript": ("gs",),
    "sox": ("sox", "soxi", "play", "rec"),
    "espeak-ng": ("espeak-ng", "espeak"),
    "wkhtmltopdf": ("wkhtmltopdf", "wkhtmltoimage"),
    "chromium": ("chromium",),
    "chromium-driver": ("chromedriver",),
    "libimage-exiftool-perl": ("exiftool",),
    "default-jre-headless": ("java",),
    "default-jre": ("java",),
    "nodejs": ("node",),
    "npm": ("npm", "npx"),
    "postgresql-client": ("psql", "pg_dump", "pg_restore", "pg_isready"),
    "default-mysql-client": ("mysql", "mysqldump", "mysqladmin"),
    "redis-tools": ("redis-cli",),
    "sqlite3": ("sqlite3",),
    "unzip": ("unzip",),
    "zip": ("zip",),
    "xz-utils": ("xz", "unxz"),
    "bzip2": ("bzip2", "bunzip2"),
    "p7zip-full": ("7z",),
    "file": ("file",),
    "gnupg": ("gpg", "apt-key"),
    "gettext": ("msgfmt", "gettext", "xgettext"),
    "supervisor": ("supervisord", "supervisorctl"),
    "cron": ("cron", "crontab"),
    "nginx": ("nginx",),
    "tini": ("tini",),
    "dumb-init": ("dumb-init",),
    "gosu": ("gosu",),
    "sudo": ("sudo",),
    "software-properties-common": ("add-apt-repository",),
}
