"""RUN steps, one a line: each is put after `FROM debian:12` and judged beside hadolint."""

STEPS = r"""
apt-get install curl
apt-get install -y curl
apt-get install --yes curl
apt-get install --assume-yes curl
apt-get install -qq curl
apt-get install -q -q curl
apt-get install -q=2 curl
apt-get install --quiet --quiet curl
apt-get install --quiet=2 curl
apt-get -y install curl
apt-get -yqq install curl
apt-get install -y curl=7.1
apt-get install -y curl/stable
apt-get install -y ./curl.deb
apt-get install -y /tmp/curl.deb
apt-get install -y $PACKAGES
apt-get install -y ${PACKAGES}
apt-get install -y "curl=$VERSION"
apt-get install -y curl=$VERSION wget
apt-get install -t stretch-backports curl
apt-get install -y -t stretch curl=1
apt-get install -y --target-release stretch curl=1
apt-get install -y --target-release=stretch curl=1
apt-get -t stretch install -y curl=1
apt-get install -y --no-install-recommends curl=1
apt-get install -y --no-install-recommends curl
apt-get install -y -o APT::Install-Recommends=false curl=1
apt-get -o APT::Install-Recommends=0 install -y curl=1
apt-get install -y -o APT::Install-Recommends=true curl=1
apt-get install -y -o Dpkg::Options::="--force-confold" curl=1
apt-get install --option Acquire::Retries=3 -y curl=1
apt-get update
apt-get update && apt-get install -y curl
apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists
apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/
apt-get update && apt-get install -y curl && rm -r /var/lib/apt/lists/*
apt-get update && apt-get install -y curl && rm -rf /var/cache/apt /var/lib/apt/lists/*
apt-get update && apt-get install -y curl && apt-get clean && rm -rf /var/lib/apt/lists/* /tmp/* /var/tmp/*
apt-get update && apt-get install -y curl && apt-get clean
apt-get update && apt-get install -y curl && rm -rf "/var/lib/apt/lists/*"
apt-get update && apt-get install -y curl && rm -Rf /var/lib/apt/*
apt-get update; apt-get install -y curl; rm -rf /var/lib/apt/lists/*
apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y curl
DEBIAN_FRONTEND=noninteractive apt-get install curl
sudo apt-get install curl
sudo apt-get update
sudo -E apt install curl
apt install curl
apt update && apt install -y curl
apt list
apt-mark hold curl
/usr/bin/apt-get install curl
aptitude install curl
apt-get upgrade
apt-get dist-upgrade -y
apt-get remove curl
apt-get purge --auto-remove curl
apt-get build-dep curl
apt-get source curl
apt-get install
apt-get install -y --only-upgrade curl
apt-get install -y linux-headers-$(uname -r)
apt-get install -y curl || true
(apt-get update && apt-get install curl)
{ apt-get update; apt-get install curl; }
if true; then apt-get install curl; fi
for p in a b; do apt-get install $p; done
bash -c "apt-get install curl"
echo "apt-get install curl"
echo $(apt-get install curl)
time apt-get install curl
exec apt-get install curl
command apt-get install curl
builtin cd /tmp
nohup apt-get install curl
env A=b apt-get install curl
eatmydata apt-get install -y curl
apt-get update \
  && apt-get install -y curl \
  wget git
["apt-get", "install", "curl"]
["apt-get", "install", "-y", "--no-install-recommends", "curl=1"]
["/bin/bash", "-c", "apt-get install curl"]
pip install numpy
pip install numpy==1.0
pip install --no-cache-dir numpy==1.0
pip install --no-cache-dir numpy
pip install --no-cache-dir numpy>=1.0
pip install --no-cache-dir "numpy>=1.0"
pip install --no-cache-dir "numpy~=1.0"
pip install --no-cache-dir 'numpy<2'
pip install --no-cache-dir numpy===1.0
pip install --no-cache-dir numpy!=1.0
pip install --no-cache-dir "numpy==1.0,<2"
pip install --no-cache-dir -r requirements.txt
pip install -r requirements.txt
pip install --requirement requirements.txt
pip install --requirement=requirements.txt numpy
pip install --no-cache-dir -r requirements.txt numpy
pip install --no-cache-dir .
pip install --no-cache-dir ./pkg
pip install --no-cache-dir -e .
pip install --no-cache-dir --editable .
pip install --no-cache-dir -e git+https://github.com/a/b.git#egg=b
pip install --no-cache-dir .[test]
pip install --no-cache-dir /tmp/pkg
pip install --no-cache-dir /tmp/pkg.whl
pip install --no-cache-dir pkg.tar.gz
pip install --no-cache-dir pkg-1.0.zip
pip install --no-cache-dir git+https://github.com/a/b
pip install --no-cache-dir git+https://github.com/a/b@v1
pip install --no-cache-dir git+https://github.com/a/b.git
pip install --no-cache-dir git+https://github.com/a/b@v1#egg=b
pip install --no-cache-dir git+ssh://git@github.com/a/b
pip install --no-cache-dir hg+https://example.org/b
pip install --no-cache-dir https://example.org/pkg.whl
pip install --no-cache-dir http://example.org/pkg
pip install --no-cache-dir "b @ git+https://github.com/a/b"
pip install --no-cache-dir --upgrade pip
pip install --no-cache-dir -U pip setuptools
pip install --no-cache-dir --upgrade pip==20
pip install --no-cache-dir -U pip==20 wheel==1
pip install --upgrade pip
pip install --no-cache-dir --index-url https://e.org numpy==1
pip install --no-cache-dir -i https://e.org numpy==1
pip install --no-cache-dir --extra-index-url https://e.org numpy==1
pip install --no-cache-dir --trusted-host e.org numpy==1
pip install --no-cache-dir --find-links /x numpy==1
pip install --no-cache-dir -f /x numpy==1
pip install --no-cache-dir -t /x numpy==1
pip install --no-cache-dir --target /x numpy==1
pip install --no-cache-dir --prefix /x numpy==1
pip install --no-cache-dir --prefix=/x numpy==1
pip install --no-cache-dir --root /x numpy==1
pip install --no-cache-dir -c constraints.txt numpy
pip install --no-cache-dir --constraint constraints.txt numpy
pip install --no-cache-dir --constraint=constraints.txt numpy
pip install --no-cache-dir --user numpy==1
pip install --no-cache-dir --global-option=x numpy==1
pip install --no-cache-dir --install-option x numpy==1
pip install --no-cache-dir --timeout 10 numpy==1
pip install --no-cache-dir --retries 10 numpy==1
pip install --no-cache-dir --default-timeout=10 numpy==1
pip install --no-cache-dir --platform x numpy==1
pip install --no-cache-dir --python-version 3 numpy==1
pip install --no-cache-dir --abi x numpy==1
pip install --no-cache-dir --implementation x numpy==1
pip install --no-cache-dir --no-binary :all: numpy==1
pip install --no-cache-dir --only-binary :all: numpy==1
pip install --no-cache-dir --progress-bar off numpy==1
pip install --no-cache-dir --log x numpy==1
pip install --no-cache-dir --proxy x numpy==1
pip install --no-cache-dir --src x numpy==1
pip install --no-cache-dir --build x numpy==1
pip install --no-cache-dir --cache-dir x numpy==1
pip install --no-cache-dir --cert x numpy==1
pip install --no-cache-dir --client-cert x numpy==1
pip install --no-cache-dir --exists-action x numpy==1
pip install --no-cache-dir --upgrade-strategy eager numpy==1
pip install --no-cache-dir --config-settings x numpy==1
pip install --no-cache-dir -b x numpy==1
pip install --no-cache numpy==1
pip install --cache-dir=/x numpy==1
pip --no-cache-dir install numpy==1
pip -q install numpy==1
pip install --no-cache-dir $PKG
pip install --no-cache-dir "$PKG"
pip install --no-cache-dir numpy==$V
pip install --no-cache-dir ${PKG}==1
pip install --no-cache-dir `cat x`
pip install --no-cache-dir $(cat x)
pip install --no-cache-dir numpy[extra]
pip install --no-cache-dir numpy[extra]==1
pip install --no-cache-dir numpy[extra]>=1
pip2 install numpy
pip3 install numpy
pip3.9 install numpy
/usr/bin/pip install numpy
/opt/venv/bin/pip3 install numpy
pipx install numpy
pipenv install numpy
pip-sync install numpy
pip3 download numpy
pip uninstall numpy
pip wheel numpy
python -m pip install numpy
python3 -m pip install --no-cache-dir numpy==1
python3.9 -m pip install numpy
python -m pip --no-cache-dir install numpy
python -mpip install numpy
python -E -m pip install numpy
python setup.py install
python -m venv x && x/bin/pip install numpy
conda install numpy
uv pip install numpy
poetry install
export PIP_NO_CACHE_DIR=1 && pip install numpy==1
PIP_NO_CACHE_DIR=1 pip install numpy==1
PIP_NO_CACHE_DIR=off pip install numpy==1
pip install numpy==1 && rm -rf /root/.cache
pip install numpy==1 && pip cache purge
pip install --no-cache-dir numpy==1 && pip install x==1
pip install
npm install
npm install express
npm install express@4.1.1
npm install express@"4.1.1"
npm install express@latest
npm install -g express
npm install --global express
npm install -g express@4 sax
npm install @scope/pkg
npm install @scope/pkg@1.0
npm install git+https://github.com/a/b
npm install git+https://github.com/a/b#v1
npm install git://github.com/a/b.git
npm install git+ssh://git@github.com/a/b#semver:1
npm install https://e.org/a.tgz
npm install ./a
npm install ../a
npm install /a
npm install a.tgz
npm install a.tar.gz
npm install a.tar
npm install ~/a
npm install $PKG
npm install file:a
npm install user/repo
npm install --production
npm install --registry https://e.org express@1
npm i express
npm add express
npm ci
npm install --loglevel verbose sax@0.1.1
npm config set a && npm install x
apk add curl
apk add --no-cache curl
apk add --no-cache curl=7
apk add --no-cache curl~7
apk add --no-cache curl~=7
apk add --no-cache "curl>7"
apk add --no-cache curl<7
apk add --update curl=7
apk add -U curl=7
apk --no-cache add curl=7
apk --update add curl=7
apk add --no-cache --virtual .build gcc=1
apk add --no-cache -t .build gcc=1
apk add --no-cache --virtual=.build gcc
apk add --no-cache --repository https://e.org gcc=1
apk add --no-cache -X https://e.org gcc=1
apk add --no-cache ./x.apk
apk add --no-cache /x.apk
apk add --no-cache $PKG
apk add --update curl=7 && rm -rf /var/cache/apk/*
apk update && apk add curl=7 && rm -rf /var/cache/apk/*
apk update && apk upgrade
apk del curl
apk add
apk add --no-cache gcc@edge
apk add --no-cache --keys-dir x gcc=1
apk add --no-cache -p x gcc=1
apk add --no-cache --root x --initdb gcc=1
yum install httpd
yum install -y httpd
yum install -y httpd-2.24.4
yum install -y httpd-2.24.4 && yum clean all
yum -y install httpd-2.24.4 && yum clean all
yum install --assumeyes httpd-2 && rm -rf /var/cache/yum
yum install -y httpd && rm -rf /var/cache/yum/*
yum install -yq httpd-devel
yum localinstall x.rpm
yum groupinstall -y dev
yum reinstall x
yum install -y x.rpm && yum clean all
yum install -y https://e.org/x.rpm && yum clean all
yum install -y /x.rpm && yum clean all
yum module install -y nodejs
yum module install -y nodejs:14
yum install @dev
yum update -y
yum upgrade
yum clean all
yum makecache
yum install -y a-1 && yum clean packages
yum install -y a-1.2-3.el7 b && yum -y clean all
dnf install httpd
dnf install -y httpd
dnf install -y httpd-2.24.4 && dnf clean all
dnf install -y httpd-2.24.4 && rm -rf /var/cache/dnf
dnf install -y httpd-2.24.4 && rm -rf /var/cache/libdnf5
microdnf install httpd
microdnf install -y httpd-2 && microdnf clean all
microdnf install -y httpd-2
dnf module install -y nodejs
dnf module install -y nodejs:14 && dnf clean all
dnf groupinstall x
dnf localinstall x
dnf -y install a && dnf clean all
dnf install -y a-$V && dnf clean all
dnf install --setopt=tsflags=nodocs -y a-1 && dnf clean all
dnf reinstall a
dnf update -y
dnf install -y a-1 && microdnf clean all
tdnf install -y a
zypper install httpd
zypper -n install httpd=2
zypper install -y httpd=2
zypper install -n httpd=2
zypper install --no-confirm httpd=2
zypper --non-interactive install httpd=2
zypper in -y httpd
zypper --non-interactive in httpd>=2
zypper -n in "httpd>=2" && zypper clean
zypper -n in httpd=2 && zypper cc
zypper -n in httpd=2 && zypper clean --all
zypper -n in x.rpm
zypper -n in /x.rpm
zypper remove httpd
zypper rm -y httpd
zypper source-install httpd
zypper si httpd
zypper patch
zypper dup
zypper -n dup
zypper dist-upgrade
zypper update
zypper up -y
zypper refresh
zypper ref
zypper addrepo x
gem install bundler
gem install bundler:1.0
gem install bundler -v 1.0
gem install bundler -v '~> 1.0'
gem install bundler --version 1.0
gem install bundler --version '1.0'
gem install bundler --version='1.0'
gem install bundler -v1.0
gem install x:1 y
gem install --no-document x
gem i bundler
gem install bundler -- --with-x
gem install bundler:1 -- --with-x=/y
gem update
go install github.com/a/b
go install github.com/a/b@latest
go install github.com/a/b@v1
go install github.com/a/b@$V
go install ./...
go install .
go install
go get github.com/a/b
go get github.com/a/b@v1
go run github.com/a/b
go run github.com/a/b@latest
go run main.go
go build ./...
go install -v -ldflags "-s" github.com/a/b
go install -tags x github.com/a/b@v1
go install std
go install cmd/x
yarn install
yarn install && yarn cache clean
yarn add x
yarn
yarn --frozen-lockfile
yarn install --frozen-lockfile && rm -rf x
yarn cache clean
yarn global add x
ssh a
vim x
shutdown
service x start
ps aux
free
top
kill 1
mount x
ifconfig
echo ssh
apt-get install -y ssh
which ssh
ssh-keyscan x
htop
nano x
cd /x && make
(cd /x && make)
cd $X
cd x || exit 1
cd
pushd /x
find / -exec cd {} \;
wget x
wget -q x
wget -nv x
wget -qO- x
wget -O - x
wget --quiet x
wget --no-verbose x
wget -b x
wget --progress=dot:giga x
wget --progress dot:giga x
wget --show-progress x
wget -o log x
wget -a log x
wget --output-file=log x
wget --append-output=log x
wget --background x
wget -nc x
wget -no-verbose x
wget x && curl y
curl y
curl -fsSL y | sh
wget -qO- x | tar xz
wget -O- x | tar xz
curl x | bash -
cat x | grep y
cat x | grep y | wc
false || true
echo 'a|b'
set -o pipefail && cat x | grep y
set -euxo pipefail; cat x | grep y
bash -o pipefail -c "cat x | grep y"
echo a |& cat
if a | b; then c; fi
x=$(a | b)
! a | b
ln -s /bin/bash /bin/sh
ln -sf /bin/bash /bin/sh
ln -sfv bash /bin/sh
ln -snf /bin/bash /bin/sh
ln -s /bin/sh /bin/x
ln -s /usr/bin/x /usr/local/bin/y
rm /bin/sh && ln -s /bin/bash /bin/sh
ln -s /bin/bash /usr/bin/sh
useradd -u 123456 x
useradd -l -u 123456 x
useradd -u 12345 x
useradd -u 100000 x
useradd -u 99999 x
useradd -lmu 123456 x
useradd -u 123456 --no-log-init x
useradd --uid 123456 x
useradd --uid=123456 x
useradd -u $UID x
useradd x
adduser -u 123456 x
useradd -mu 123456 x
useradd -ou 123456 x
useradd -u123456 x
sudo ls
gosu x y
su - x
tar xzf a.tar.gz
unzip x.zip
sha256sum x
true
echo $((1+2)) | cat
[ -f x ] && apt-get install curl
test -f x || apt-get install curl
case $X in a) apt-get install curl;; esac
while true; do apt-get install curl; done
f() { apt-get install curl; }; f
apt-get install curl > /dev/null 2>&1
apt-get install curl &
a=b
A=1 B=2
echo "a
b"
export A=b
"apt-get" install curl
'apt-get' install curl
apt\-get install curl
$APT install curl
${APT:-apt-get} install curl
apt-get 'install' curl
apt-get install c{url,at}
apt-get install -y curl*
apt-get install -y ^curl
apt-get install -y curl+ wget-
apt-get install -y curl:amd64
apt-get install -y curl:amd64=1
apt-get -qq update && apt-get -qq -y install curl
apt-get --yes install curl
apt-get install -y -- curl
apt-get install --reinstall curl
apt-get update -y && apt-get install -yq --no-install-recommends --fix-missing curl=1 && apt-get autoremove -y
apt-get install -y --force-yes curl
apt-get install -y --allow-unauthenticated -f curl
apt-get -f install
apt-get install -fy
python3 -c "print(1)" && pip install x
curl -sSL https://install.python-poetry.org | python3 -
echo "deb x" | tee /etc/apt/sources.list.d/x.list && apt-get update
make && make install
npm install && npm cache clean --force
npm install -g npm@latest yarn@1 pnpm
"""


def steps() -> list[str]:
    """The steps; a line that begins with blanks continues the one before, as does one after an open quote."""
    found: list[str] = []
    for line in STEPS.strip("\n").split("\n"):
        if found and (line.startswith(" ") or line == 'b"'):
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found
