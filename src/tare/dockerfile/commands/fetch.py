"""curl and wget (tables from `curl --help all` of curl 7.88 and `wget --help` of wget 1.21)."""

import re
from dataclasses import dataclass

from tare.dockerfile.commands.base import PackageCommand, is_url
from tare.dockerfile.commands.options import OptionTable
from tare.dockerfile.shell.model import Command, Word

_CURL = OptionTable(
    """
    --abstract-unix-socket= --alt-svc= --anyauth -a/--append --aws-sigv4= --basic --cacert= --capath=
    -E/--cert= --cert-status --cert-type= --ciphers= --compressed --compressed-ssh -K/--config=
    --connect-timeout= --connect-to= -C/--continue-at= -b/--cookie= -c/--cookie-jar= --create-dirs
    --create-file-mode= --crlf --crlfile= --curves= -d/--data= --data-ascii= --data-binary= --data-raw=
    --data-urlencode= --delegation= --digest -q/--disable --disable-eprt --disable-epsv
    --disallow-username-in-url --dns-interface= --dns-ipv4-addr= --dns-ipv6-addr= --dns-servers=
    --doh-cert-status --doh-insecure --doh-url= -D/--dump-header= --egd-file= --engine= --etag-compare=
    --etag-save= --expect100-timeout= -f/--fail --fail-early --fail-with-body --false-start -F/--form=
    --form-escape --form-string= --ftp-account= --ftp-alternative-to-user= --ftp-create-dirs
    --ftp-method= --ftp-pasv -P/--ftp-port= --ftp-pret --ftp-skip-pasv-ip --ftp-ssl-ccc
    --ftp-ssl-ccc-mode= --ftp-ssl-control -G/--get -g/--globoff --happy-eyeballs-timeout-ms=
    --haproxy-protocol -I/--head -H/--header= -h/--help= --hostpubmd5= --hostpubsha256= --hsts=
    --http0.9 -0/--http1.0 --http1.1 --http2 --http2-prior-knowledge --http3 --http3-only
    --ignore-content-length -i/--include -k/--insecure --interface= -4/--ipv4 -6/--ipv6 --json=
    -j/--junk-session-cookies --keepalive-time= --key= --key-type= --krb= --libcurl= --limit-rate=
    -l/--list-only --local-port= -L/--location --location-trusted --login-options= --mail-auth=
    --mail-from= --mail-rcpt= --mail-rcpt-allowfails -M/--manual --max-filesize= --max-redirs=
    -m/--max-time= --metalink --negotiate -n/--netrc --netrc-file= --netrc-optional -:/--next --no-alpn
    -N/--no-buffer --no-clobber --no-keepalive --no-npn --no-progress-meter --no-sessionid --noproxy=
    --ntlm --ntlm-wb --oauth2-bearer= -o/--output= --output-dir= -Z/--parallel --parallel-immediate
    --parallel-max= --pass= --path-as-is --pinnedpubkey= --post301 --post302 --post303 --preproxy=
    -#/--progress-bar --proto= --proto-default= --proto-redir= -x/--proxy= --proxy-anyauth --proxy-basic
    --proxy-cacert= --proxy-capath= --proxy-cert= --proxy-cert-type= --proxy-ciphers= --proxy-crlfile=
    --proxy-digest --proxy-header= --proxy-insecure --proxy-key= --proxy-key-type= --proxy-negotiate
    --proxy-ntlm --proxy-pass= --proxy-pinnedpubkey= --proxy-service-name= --proxy-ssl-allow-beast
    --proxy-ssl-auto-client-cert --proxy-tls13-ciphers= --proxy-tlsauthtype= --proxy-tlspassword=
    --proxy-tlsuser= --proxy-tlsv1 -U/--proxy-user= --proxy1.0= -p/--proxytunnel --pubkey= -Q/--quote=
    --random-file= -r/--range= --rate= --raw -e/--referer= -J/--remote-header-name -O/--remote-name
    --remote-name-all -R/--remote-time --remove-on-error -X/--request= --request-target= --resolve=
    --retry= --retry-all-errors --retry-connrefused --retry-delay= --retry-max-time= --sasl-authzid=
    --sasl-ir --service-name= -S/--show-error -s/--silent --socks4= --socks4a= --socks5= --socks5-basic
    --socks5-gssapi --socks5-gssapi-nec --socks5-gssapi-service= --socks5-hostname= -Y/--speed-limit=
    -y/--speed-time= --ssl --ssl-allow-beast --ssl-auto-client-cert --ssl-no-revoke --ssl-reqd
    --ssl-revoke-best-effort -2/--sslv2 -3/--sslv3 --stderr= --styled-output --suppress-connect-headers
    --tcp-fastopen --tcp-nodelay -t/--telnet-option= --tftp-blksize= --tftp-no-options -z/--time-cond=
    --tls-max= --tls13-ciphers= --tlsauthtype= --tlspassword= --tlsuser= -1/--tlsv1 --tlsv1.0 --tlsv1.1
    --tlsv1.2 --tlsv1.3 --tr-encoding --trace= --trace-ascii= --trace-time --unix-socket=
    -T/--upload-file= --url= --url-query= -B/--use-ascii -u/--user= -A/--user-agent= -v/--verbose
    -V/--version -w/--write-out= --xattr --ca-native --proxy-ca-native --variable= --ech= --ip-tos=
    --vlan-priority= --skip-existing --dump-ca-embed --trace-config= --trace-ids --ipfs-gateway= --mptcp
    --keepalive-cnt= --haproxy-clientip= --tls-earlydata --npn --alpn --buffer --clobber --keepalive
    --progress-meter --sessionid
    """,
    abbreviations=True,
    negations=True,
)
_WGET = OptionTable(
    """
    -V/--version -h/--help -b/--background -e/--execute= -o/--output-file= -a/--append-output=
    -d/--debug -q/--quiet -v/--verbose -nv/--no-verbose --report-speed= -i/--input-file= -F/--force-html
    -B/--base= --config= --no-config --rejected-log= -t/--tries= --retry-connrefused
    --retry-on-http-error= -O/--output-document= -nc/--no-clobber --no-netrc -c/--continue --start-pos=
    --progress= --show-progress -N/--timestamping --no-if-modified-since --no-use-server-timestamps
    -S/--server-response --spider -T/--timeout= --dns-timeout= --connect-timeout= --read-timeout=
    -w/--wait= --waitretry= --random-wait --no-proxy -Q/--quota= --bind-address= --limit-rate=
    --no-dns-cache --restrict-file-names= --ignore-case -4/--inet4-only -6/--inet6-only --prefer-family=
    --user= --password= --ask-password --use-askpass= --no-iri --local-encoding= --remote-encoding=
    --unlink --xattr -nd/--no-directories -x/--force-directories -nH/--no-host-directories
    --protocol-directories -P/--directory-prefix= --cut-dirs= --http-user= --http-password= --no-cache
    --default-page= -E/--adjust-extension --ignore-length --header= --compression= --max-redirect=
    --proxy-user= --proxy-password= --referer= --save-headers -U/--user-agent= --no-http-keep-alive
    --no-cookies --load-cookies= --save-cookies= --keep-session-cookies --post-data= --post-file=
    --method= --body-data= --body-file= --content-disposition --content-on-error --auth-no-challenge
    --secure-protocol= --https-only --no-check-certificate --certificate= --certificate-type=
    --private-key= --private-key-type= --ca-certificate= --ca-directory= --crl-file= --pinnedpubkey=
    --ciphers= --no-hsts --hsts-file= --ftp-user= --ftp-password= --no-remove-listing --no-glob
    --no-passive-ftp --preserve-permissions --retr-symlinks --ftps-implicit --ftps-resume-ssl
    --ftps-clear-data-connection --ftps-fallback-to-ftp --warc-file= --warc-header= --warc-max-size=
    --warc-cdx --warc-dedup= --no-warc-compression --no-warc-digests --no-warc-keep-log --warc-tempdir=
    -r/--recursive -l/--level= --delete-after -k/--convert-links --convert-file-only --backups=
    -K/--backup-converted -m/--mirror -p/--page-requisites --strict-comments -A/--accept= -R/--reject=
    --accept-regex= --reject-regex= --regex-type= -D/--domains= --exclude-domains= --follow-ftp
    --follow-tags= --ignore-tags= -H/--span-hosts -L/--relative -I/--include-directories=
    --trust-server-names -X/--exclude-directories= -np/--no-parent --cookies --directories
    --check-certificate --proxy --dns-cache --glob --verbose
    """,
    abbreviations=True,
    negations=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchCommand(PackageCommand):
    """`curl -fsSL URL -o FILE` or `wget -O FILE URL`."""

    @property
    def urls(self) -> tuple[Word, ...]:
        """What is fetched, `--url` included; a word without a scheme counts too."""
        return (*self.values("--url"), *self.operands)

    @property
    def output(self) -> str | None:
        """The file written by one fetch: `-` for standard output, None when the words do not tell."""
        urls = self.urls
        if self.program == "wget":
            given = self.value("--output-document")
            return given.text if given else _in(self.value("--directory-prefix"), _file_name(urls))
        given = self.value("--output")
        if given is not None:
            return _in(self.value("--output-dir"), given.text)
        if self.has("--remote-name", "--remote-name-all"):
            return (
                None
                if self.has("--remote-header-name")
                else _in(self.value("--output-dir"), _file_name(urls))
            )
        return self.redirected or "-"

    @property
    def redirected(self) -> str | None:
        """The file that the shell sends its standard output to."""
        for redirect in reversed(self.command.redirects):
            if (
                redirect.operator in (">", ">>", ">|", "&>")
                and redirect.descriptor in ("", "1")
                and redirect.target
            ):
                return redirect.target.text
        return None

    @property
    def to_pipe(self) -> bool:
        """Whether another program reads what is fetched."""
        return self.command.in_pipeline and self.output == "-"

    @property
    def fails_on_error(self) -> bool:
        """Whether an HTTP error makes it fail; wget always does."""
        return self.program == "wget" or self.has("--fail", "--fail-with-body")


def read(command: Command, program: str, words: tuple[Word, ...]) -> FetchCommand:
    """Read the words after the program."""
    line = (_WGET if program == "wget" else _CURL).read(words)
    return FetchCommand(
        command=command,
        program=program,
        action="",
        action_words=(),
        options=line.options,
        operands=line.operands,
    )


def _file_name(urls: tuple[Word, ...]) -> str | None:
    if len(urls) != 1:
        return None
    path = re.split(r"[?#]", urls[0].text)[0] if is_url(urls[0].text) else urls[0].text
    name = re.sub(r"^[a-z]+://", "", path).partition("/")[2].rpartition("/")[2]
    return None if "$" in name or not name else name


def _in(directory: Word | None, name: str | None) -> str | None:
    return f"{directory.text.rstrip('/')}/{name}" if directory is not None and name is not None else name
