"""Data: which runtime packages a Debian -dev package stands for.

Provenance: the `Depends` of each -dev package and the `Source` of its libraries, read on 2026-11-24 from the
`main` Packages indexes of bullseye, bookworm and trixie (amd64), then curated: C++ bindings, tools and
variants that Python extensions do not link to were left out.

One line a package: `-dev package | runtime packages`, and where the releases differ
`| bullseye / bookworm / trixie`. `=` repeats the release before; `-`: the release does not have the -dev package.
"""

VERIFIED_ON = "2026-11-24"

ROWS = """
default-libmysqlclient-dev | libmariadb3
freetds-dev | libct4 libsybdb5
libaio-dev | libaio1 / = / libaio1t64
libarchive-dev | libarchive13 / = / libarchive13t64
libasound2-dev | libasound2 / = / libasound2t64
libatlas-base-dev | libatlas3-base / = / -
libavcodec-dev | libavcodec58 / libavcodec59 / libavcodec61
libavdevice-dev | libavdevice58 / libavdevice59 / libavdevice61
libavfilter-dev | libavfilter7 / libavfilter8 / libavfilter10
libavformat-dev | libavformat58 / libavformat59 / libavformat61
libavutil-dev | libavutil56 / libavutil57 / libavutil59
libblas-dev | libblas3
libbluetooth-dev | libbluetooth3
libboost-filesystem-dev | libboost-filesystem1.74.0 / = / libboost-filesystem1.83.0
libboost-python-dev | libboost-python1.74.0 / = / libboost-python1.83.0
libboost-system-dev | libboost-system1.74.0 / = / libboost-system1.83.0
libbrotli-dev | libbrotli1
libbz2-dev | libbz2-1.0
libcairo2-dev | libcairo2 libcairo-gobject2
libcap-dev | libcap2
libcurl4-gnutls-dev | libcurl3-gnutls / = / libcurl3t64-gnutls
libcurl4-openssl-dev | libcurl4 / = / libcurl4t64
libdb-dev | libdb5.3 / = / libdb5.3t64
libdbus-1-dev | libdbus-1-3
libde265-dev | libde265-0
libdeflate-dev | libdeflate0
libdmtx-dev | libdmtx0b / = / libdmtx0t64
libeccodes-dev | libeccodes0
libegl-dev | libegl1
libegl1-mesa-dev | libegl1
libeigen3-dev |
libenchant-2-dev | libenchant-2-2
libespeak-ng-dev | libespeak-ng1
libev-dev | libev4 / = / libev4t64
libevent-dev | libevent-2.1-7 / = / libevent-2.1-7t64
libexpat1-dev | libexpat1
libffi-dev | libffi7 / libffi8 / =
libfftw3-dev | libfftw3-double3 libfftw3-single3
libflac-dev | libflac8 / libflac12 / libflac14
libfontconfig-dev | libfontconfig1
libfontconfig1-dev | libfontconfig1
libfreetype-dev | libfreetype6
libfreetype6-dev | libfreetype6
libfribidi-dev | libfribidi0
libgdal-dev | libgdal28 / libgdal32 / libgdal36
libgdbm-dev | libgdbm6 / = / libgdbm6t64
libgdk-pixbuf-2.0-dev | libgdk-pixbuf-2.0-0
libgdk-pixbuf2.0-dev | libgdk-pixbuf-2.0-0 / = / -
libgeos-dev | libgeos-c1v5 / = / libgeos-c1t64
libgif-dev | libgif7
libgirepository1.0-dev | libgirepository-1.0-1
libgit2-dev | libgit2-1.1 / libgit2-1.5 / libgit2-1.9
libgl-dev | libgl1
libgl1-mesa-dev | libgl1
libgles2-mesa-dev | libgles2
libglib2.0-dev | libglib2.0-0 / = / libglib2.0-0t64
libglpk-dev | libglpk40
libglu1-mesa-dev | libglu1-mesa
libgmp-dev | libgmp10
libgoogle-perftools-dev | libgoogle-perftools4 / = / libgoogle-perftools4t64
libgraphviz-dev | libcgraph6 libcdt5 libgvc6
libgsl-dev | libgsl25 libgslcblas0 / libgsl27 libgslcblas0 / libgsl28 libgslcblas0
libgtk-3-dev | libgtk-3-0 / = / libgtk-3-0t64
libgtk2.0-dev | libgtk2.0-0 / = / libgtk2.0-0t64
libharfbuzz-dev | libharfbuzz0b
libhdf5-dev | libhdf5-103-1 libhdf5-hl-100 / = / libhdf5-310 libhdf5-hl-310
libheif-dev | libheif1
libhidapi-dev | libhidapi-hidraw0 libhidapi-libusb0
libhunspell-dev | libhunspell-1.7-0
libicu-dev | libicu67 / libicu72 / libicu76
libimagequant-dev | libimagequant0
libjansson-dev | libjansson4
libjemalloc-dev | libjemalloc2
libjpeg-dev | libjpeg62-turbo
libjpeg62-turbo-dev | libjpeg62-turbo
libkrb5-dev | libgssapi-krb5-2 libkrb5-3 libk5crypto3
liblapack-dev | liblapack3
liblapacke-dev | liblapacke
liblcms2-dev | liblcms2-2
libldap-dev | libldap-2.4-2 / libldap-2.5-0 / libldap2
libldap2-dev | libldap-2.4-2 / libldap-2.5-0 / libldap2
libleptonica-dev | liblept5 / = / libleptonica6
libleveldb-dev | libleveldb1d
liblmdb-dev | liblmdb0
libltdl-dev | libltdl7
liblz4-dev | liblz4-1
liblzma-dev | liblzma5
libmagic-dev | libmagic1 / = / libmagic1t64
libmagickcore-dev | libmagickcore-6.q16-6 / = / libmagickcore-7.q16-10
libmagickwand-dev | libmagickwand-6.q16-6 / = / libmagickwand-7.q16-10
libmariadb-dev | libmariadb3
libmariadb-dev-compat | libmariadb3
libmaxminddb-dev | libmaxminddb0
libmemcached-dev | libmemcached11 libmemcachedutil2 / = / libmemcached11t64 libmemcachedutil2t64
libmetis-dev | libmetis5
libmp3lame-dev | libmp3lame0
libmpc-dev | libmpc3
libmpfr-dev | libmpfr6
libmpich-dev | libmpich12
libncurses-dev | libncurses6 libncursesw6 libtinfo6
libncurses5-dev | libncurses6 libtinfo6
libncursesw5-dev | libncursesw6 libtinfo6
libnetcdf-dev | libnetcdf18 / libnetcdf19 / libnetcdf22
libnghttp2-dev | libnghttp2-14
libnss3-dev | libnss3
libnuma-dev | libnuma1
libogg-dev | libogg0
libonig-dev | libonig5
libopenblas-dev | libopenblas0-pthread
libopenjp2-7-dev | libopenjp2-7
libopenmpi-dev | libopenmpi3 / = / libopenmpi40
libopus-dev | libopus0
libpam0g-dev | libpam0g
libpango1.0-dev | libpango-1.0-0 libpangocairo-1.0-0 libpangoft2-1.0-0
libpcre2-dev | libpcre2-8-0
libpcre3-dev | libpcre3 / = / -
libpng-dev | libpng16-16 / = / libpng16-16t64
libpoppler-cpp-dev | libpoppler-cpp0v5 / = / libpoppler-cpp2
libpostproc-dev | libpostproc55 / libpostproc56 / libpostproc58
libpq-dev | libpq5
libproj-dev | libproj19 / libproj25 / =
libprotobuf-dev | libprotobuf23 / libprotobuf32 / libprotobuf32t64
libpython3-dev | libpython3.9 / libpython3.11 / libpython3.13
libraqm-dev | libraqm0
libraw-dev | libraw20 / = / libraw23t64
librdkafka-dev | librdkafka1
libre2-dev | libre2-9 / = / libre2-11
libreadline-dev | libreadline8 / = / libreadline8t64
librocksdb-dev | librocksdb6.11 / librocksdb7.8 / librocksdb9.10
libsamplerate0-dev | libsamplerate0
libsasl2-dev | libsasl2-2
libseccomp-dev | libseccomp2
libsentencepiece-dev | libsentencepiece0
libsm-dev | libsm6
libsnappy-dev | libsnappy1v5
libsndfile1-dev | libsndfile1
libsodium-dev | libsodium23
libsox-dev | libsox3
libspatialindex-dev | libspatialindex6 libspatialindex-c6 / = / libspatialindex8 libspatialindex-c8
libspatialite-dev | libspatialite7 / = / libspatialite8t64
libsqlite3-dev | libsqlite3-0
libssh2-1-dev | libssh2-1 / = / libssh2-1t64
libssl-dev | libssl1.1 / libssl3 / libssl3t64
libswresample-dev | libswresample3 / libswresample4 / libswresample5
libswscale-dev | libswscale5 / libswscale6 / libswscale8
libsystemd-dev | libsystemd0
libtbb-dev | libtbb2 / libtbb12 / =
libtesseract-dev | libtesseract4 / libtesseract5 / =
libtiff-dev | libtiff5 / libtiff6 / =
libtiff5-dev | libtiff5 / libtiff6 / =
libudev-dev | libudev1
libudunits2-dev | libudunits2-0
libunwind-dev | libunwind8
libusb-1.0-0-dev | libusb-1.0-0
libuv1-dev | libuv1 / = / libuv1t64
libvips-dev | libvips42 / = / libvips42t64
libvorbis-dev | libvorbis0a libvorbisenc2 libvorbisfile3
libwebp-dev | libwebp6 libwebpdemux2 libwebpmux3 / libwebp7 libwebpdemux2 libwebpmux3 / =
libwrap0-dev | libwrap0
libx11-dev | libx11-6
libxcb1-dev | libxcb1
libxext-dev | libxext6
libxft-dev | libxft2
libxi-dev | libxi6
libxml2-dev | libxml2
libxmlsec1-dev | libxmlsec1 libxmlsec1-openssl / = / libxmlsec1t64 libxmlsec1t64-openssl
libxrandr-dev | libxrandr2
libxrender-dev | libxrender1
libxslt-dev | libxslt1.1
libxslt1-dev | libxslt1.1
libxt-dev | libxt6 / = / libxt6t64
libyaml-dev | libyaml-0-2
libzbar-dev | libzbar0 / = / libzbar0t64
libzmq3-dev | libzmq5
libzstd-dev | libzstd1
portaudio19-dev | libportaudio2
python3-dev |
qtbase5-dev | libqt5core5a libqt5gui5 libqt5widgets5 / = / libqt5core5t64 libqt5gui5t64 libqt5widgets5t64
tk-dev | libtk8.6
unixodbc-dev | libodbc1 odbcinst1debian2 / libodbc2 libodbcinst2 / =
uuid-dev | libuuid1
zlib1g-dev | zlib1g
"""
