"""Data: which Debian package brings a shared library, by SONAME.

Provenance: the `shlibs` control files of the packages themselves (amd64, `main`), downloaded from
bullseye, bookworm and trixie on 2026-11-24; each name was looked up in the package's file list.

One line a library: `SONAME | package`, where the releases differ `| bullseye / bookworm / trixie`; `=` repeats the
release before, `-` means that the release does not have this SONAME (in the packages that were read).
"""

VERIFIED_ON = "2026-11-24"

ROWS = """
ld-linux-x86-64.so.2 | libc6
libEGL.so.1 | libegl1
libFLAC.so.12 | - / libflac12 / -
libFLAC.so.14 | - / = / libflac14
libFLAC.so.8 | libflac8 / - / =
libGL.so.1 | libgl1
libGLESv2.so.2 | libgles2
libGLU.so.1 | libglu1-mesa
libGLX.so.0 | libglx0
libGLdispatch.so.0 | libglvnd0
libICE.so.6 | libice6
libMagickCore-6.Q16.so.6 | libmagickcore-6.q16-6 / = / -
libMagickCore-7.Q16.so.10 | - / = / libmagickcore-7.q16-10
libMagickWand-6.Q16.so.6 | libmagickwand-6.q16-6 / = / -
libMagickWand-7.Q16.so.10 | - / = / libmagickwand-7.q16-10
libOpenGL.so.0 | libopengl0
libQt5Core.so.5 | libqt5core5a / = / libqt5core5t64
libQt5Gui.so.5 | libqt5gui5 / = / libqt5gui5t64
libQt5Widgets.so.5 | libqt5widgets5 / = / libqt5widgets5t64
libSM.so.6 | libsm6
libX11.so.6 | libx11-6
libXcomposite.so.1 | libxcomposite1
libXcursor.so.1 | libxcursor1
libXdamage.so.1 | libxdamage1
libXext.so.6 | libxext6
libXfixes.so.3 | libxfixes3
libXft.so.2 | libxft2
libXi.so.6 | libxi6
libXinerama.so.1 | libxinerama1
libXrandr.so.2 | libxrandr2
libXrender.so.1 | libxrender1
libXt.so.6 | libxt6 / = / libxt6t64
libaio.so.1 | libaio1 / = / -
libaio.so.1t64 | - / = / libaio1t64
libanl.so.1 | libc6
libarchive.so.13 | libarchive13 / = / libarchive13t64
libasound.so.2 | libasound2 / = / libasound2t64
libatlas.so.3 | libatlas3-base / = / -
libatomic.so.1 | libatomic1
libavcodec.so.58 | libavcodec58 / - / =
libavcodec.so.59 | - / libavcodec59 / -
libavcodec.so.61 | - / = / libavcodec61
libavdevice.so.58 | libavdevice58 / - / =
libavdevice.so.59 | - / libavdevice59 / -
libavdevice.so.61 | - / = / libavdevice61
libavfilter.so.10 | - / = / libavfilter10
libavfilter.so.7 | libavfilter7 / - / =
libavfilter.so.8 | - / libavfilter8 / -
libavformat.so.58 | libavformat58 / - / =
libavformat.so.59 | - / libavformat59 / -
libavformat.so.61 | - / = / libavformat61
libavutil.so.56 | libavutil56 / - / =
libavutil.so.57 | - / libavutil57 / -
libavutil.so.59 | - / = / libavutil59
libblas.so.3 | libatlas3-base / libblas3 / libopenblas0-pthread
libbluetooth.so.3 | libbluetooth3
libboost_filesystem.so.1.74.0 | libboost-filesystem1.74.0 / = / -
libboost_filesystem.so.1.83.0 | - / = / libboost-filesystem1.83.0
libboost_python311.so.1.74.0 | - / libboost-python1.74.0 / -
libboost_python313.so.1.83.0 | - / = / libboost-python1.83.0
libboost_python39.so.1.74.0 | libboost-python1.74.0 / - / =
libboost_system.so.1.74.0 | libboost-system1.74.0 / = / -
libboost_system.so.1.83.0 | - / = / libboost-system1.83.0
libbrotlicommon.so.1 | libbrotli1
libbrotlidec.so.1 | libbrotli1
libbrotlienc.so.1 | libbrotli1
libbz2.so.1.0 | libbz2-1.0
libc.so.6 | libc6
libc_malloc_debug.so.0 | - / libc6 / =
libcairo-gobject.so.2 | libcairo-gobject2
libcairo.so.2 | libcairo2
libcap.so.2 | libcap2
libcblas.so.3 | libatlas3-base / = / -
libcdt.so.5 | libcdt5
libcgraph.so.6 | libcgraph6
libcrypt.so.1 | libcrypt1
libcrypto.so.1.1 | libssl1.1 / - / =
libcrypto.so.3 | - / libssl3 / libssl3t64
libct.so.4 | libct4
libcurl-gnutls.so.4 | libcurl3-gnutls / = / libcurl3t64-gnutls
libcurl.so.4 | libcurl4 / = / libcurl4t64
libdav1d.so.6 | - / libdav1d6 / -
libdb-5.3.so | libdb5.3 / = / libdb5.3t64
libdbus-1.so.3 | libdbus-1-3
libde265.so.0 | libde265-0
libdeflate.so.0 | libdeflate0
libdl.so.2 | libc6
libdmtx.so.0 | libdmtx0b / = / libdmtx0t64
libdrm.so.2 | libdrm2
libeccodes.so.0 | libeccodes0
libeccodes_f90.so.0 | libeccodes0
libenchant-2.so.2 | libenchant-2-2
libespeak-ng.so.1 | libespeak-ng1
libev.so.4 | libev4 / = / libev4t64
libevent-2.1.so.7 | libevent-2.1-7 / = / libevent-2.1-7t64
libexpat.so.1 | libexpat1
libexpatw.so.1 | libexpat1
libexslt.so.0 | libxslt1.1
libf77blas.so.3 | libatlas3-base / = / -
libffi.so.7 | libffi7 / - / =
libffi.so.8 | - / libffi8 / =
libfftw3.so.3 | libfftw3-double3
libfftw3_omp.so.3 | libfftw3-double3
libfftw3_threads.so.3 | libfftw3-double3
libfftw3f.so.3 | libfftw3-single3
libfftw3f_omp.so.3 | libfftw3-single3
libfftw3f_threads.so.3 | libfftw3-single3
libfontconfig.so.1 | libfontconfig1
libform.so.6 | libncurses6
libformw.so.6 | libncursesw6
libfreetype.so.6 | libfreetype6
libfribidi.so.0 | libfribidi0
libgbm.so.1 | libgbm1
libgcc_s.so.1 | libgcc-s1
libgdal.so.28 | libgdal28 / - / =
libgdal.so.32 | - / libgdal32 / -
libgdal.so.36 | - / = / libgdal36
libgdbm.so.6 | libgdbm6 / = / libgdbm6t64
libgdk-3.so.0 | libgtk-3-0 / = / libgtk-3-0t64
libgdk-x11-2.0.so.0 | libgtk2.0-0 / = / libgtk2.0-0t64
libgdk_pixbuf-2.0.so.0 | libgdk-pixbuf-2.0-0
libgeos_c.so.1 | libgeos-c1v5 / = / libgeos-c1t64
libgfortran.so.5 | libgfortran5
libgif.so.7 | libgif7
libgio-2.0.so.0 | libglib2.0-0 / = / libglib2.0-0t64
libgirepository-1.0.so.1 | libgirepository-1.0-1
libgit2.so.1.1 | libgit2-1.1 / - / =
libgit2.so.1.5 | - / libgit2-1.5 / -
libgit2.so.1.9 | - / = / libgit2-1.9
libglib-2.0.so.0 | libglib2.0-0 / = / libglib2.0-0t64
libglpk.so.40 | libglpk40
libgmodule-2.0.so.0 | libglib2.0-0 / = / libglib2.0-0t64
libgmp.so.10 | libgmp10
libgobject-2.0.so.0 | libglib2.0-0 / = / libglib2.0-0t64
libgomp.so.1 | libgomp1
libgsl.so.25 | libgsl25 / - / =
libgsl.so.27 | - / libgsl27 / -
libgsl.so.28 | - / = / libgsl28
libgslcblas.so.0 | libgslcblas0
libgssapi_krb5.so.2 | libgssapi-krb5-2
libgthread-2.0.so.0 | libglib2.0-0 / = / libglib2.0-0t64
libgtk-3.so.0 | libgtk-3-0 / = / libgtk-3-0t64
libgtk-x11-2.0.so.0 | libgtk2.0-0 / = / libgtk2.0-0t64
libgvc.so.6 | libgvc6
libgvplugin_core.so.6 | libgvc6
libgvplugin_dot_layout.so.6 | libgvc6
libgvplugin_gd.so.6 | libgvc6
libgvplugin_neato_layout.so.6 | libgvc6
libgvplugin_pango.so.6 | libgvc6
libgvplugin_visio.so.6 | libgvc6
libgvplugin_webp.so.6 | libgvc6
libgvplugin_xlib.so.6 | libgvc6
libharfbuzz.so.0 | libharfbuzz0b
libhdf5_serial.so.103 | libhdf5-103-1 / = / -
libhdf5_serial.so.310 | - / = / libhdf5-310
libhdf5_serial_hl.so.100 | libhdf5-hl-100 / = / -
libhdf5_serial_hl.so.310 | - / = / libhdf5-hl-310
libheif.so.1 | libheif1
libhidapi-hidraw.so.0 | libhidapi-hidraw0
libhidapi-libusb.so.0 | libhidapi-libusb0
libhistory.so.8 | libreadline8 / = / libreadline8t64
libhunspell-1.7.so.0 | libhunspell-1.7-0
libicudata.so.67 | libicu67 / - / =
libicudata.so.72 | - / libicu72 / -
libicudata.so.76 | - / = / libicu76
libicui18n.so.67 | libicu67 / - / =
libicui18n.so.72 | - / libicu72 / -
libicui18n.so.76 | - / = / libicu76
libicuio.so.67 | libicu67 / - / =
libicuio.so.72 | - / libicu72 / -
libicuio.so.76 | - / = / libicu76
libicutest.so.67 | libicu67 / - / =
libicutest.so.72 | - / libicu72 / -
libicutest.so.76 | - / = / libicu76
libicutu.so.67 | libicu67 / - / =
libicutu.so.72 | - / libicu72 / -
libicutu.so.76 | - / = / libicu76
libicuuc.so.67 | libicu67 / - / =
libicuuc.so.72 | - / libicu72 / -
libicuuc.so.76 | - / = / libicu76
libimagequant.so.0 | libimagequant0
libjansson.so.4 | libjansson4
libjemalloc.so.2 | libjemalloc2
libjpeg.so.62 | libjpeg62-turbo
libk5crypto.so.3 | libk5crypto3
libkrb5.so.3 | libkrb5-3
liblapack.so.3 | libatlas3-base / liblapack3 / libopenblas0-pthread
liblapack_atlas.so.3 | libatlas3-base / = / -
liblapacke.so.3 | liblapacke
liblber-2.4.so.2 | libldap-2.4-2 / - / =
liblber-2.5.so.0 | - / libldap-2.5-0 / -
liblber.so.2 | - / = / libldap2
liblcms2.so.2 | liblcms2-2
libldap-2.4.so.2 | libldap-2.4-2 / - / =
libldap-2.5.so.0 | - / libldap-2.5-0 / -
libldap.so.2 | - / = / libldap2
libldap_r-2.4.so.2 | libldap-2.4-2 / - / =
liblept.so.5 | liblept5 / = / -
libleptonica.so.6 | - / = / libleptonica6
libleveldb.so.1d | libleveldb1d
liblmdb.so.0 | liblmdb0
libltdl.so.7 | libltdl7
liblz4.so.1 | liblz4-1
liblzma.so.5 | liblzma5
libm.so.6 | libc6
libmagic.so.1 | libmagic1 / = / libmagic1t64
libmariadb.so.3 | libmariadb3
libmaxminddb.so.0 | libmaxminddb0
libmemcached.so.11 | libmemcached11 / = / libmemcached11t64
libmemcachedutil.so.2 | libmemcachedutil2 / = / libmemcachedutil2t64
libmenu.so.6 | libncurses6
libmenuw.so.6 | libncursesw6
libmetis.so.5 | libmetis5
libmp3lame.so.0 | libmp3lame0
libmpc.so.3 | libmpc3
libmpfr.so.6 | libmpfr6
libmpi.so.40 | libopenmpi3 / = / libopenmpi40
libmpich.so.12 | libmpich12
libmvec.so.1 | libc6
libncurses.so.6 | libncurses6
libncursesw.so.6 | libncursesw6
libnetcdf.so.18 | libnetcdf18 / - / =
libnetcdf.so.19 | - / libnetcdf19 / -
libnetcdf.so.22 | - / = / libnetcdf22
libnghttp2.so.14 | libnghttp2-14
libnsl.so.1 | libc6
libnss_dns.so.2 | libc6
libnss_files.so.2 | libc6
libnss_hesiod.so.2 | libc6
libnuma.so.1 | libnuma1
libodbc.so.2 | libodbc1 / libodbc2 / =
libodbccr.so.2 | libodbc1 / - / =
libodbcinst.so.2 | odbcinst1debian2 / libodbcinst2 / =
libogg.so.0 | libogg0
libompitrace.so.40 | libopenmpi3 / = / -
libonig.so.5 | libonig5
libopen-pal.so.40 | libopenmpi3 / = / -
libopen-pal.so.80 | - / = / libopenmpi40
libopen-rte.so.40 | libopenmpi3 / = / -
libopenal.so.1 | libopenal1
libopenblas.so.0 | libopenblas0-pthread
libopenjp2.so.7 | libopenjp2-7
libopus.so.0 | libopus0
libpam.so.0 | libpam0g
libpam_misc.so.0 | libpam0g
libpamc.so.0 | libpam0g
libpanel.so.6 | libncurses6
libpanelw.so.6 | libncursesw6
libpango-1.0.so.0 | libpango-1.0-0
libpangocairo-1.0.so.0 | libpangocairo-1.0-0
libpangoft2-1.0.so.0 | libpangoft2-1.0-0
libpcre.so.3 | libpcre3 / = / -
libpcre2-8.so.0 | libpcre2-8-0
libpcreposix.so.3 | libpcre3 / = / -
libpng16.so.16 | libpng16-16 / = / libpng16-16t64
libpoppler-cpp.so.0 | libpoppler-cpp0v5 / = / -
libpoppler-cpp.so.2 | - / = / libpoppler-cpp2
libportaudio.so.2 | libportaudio2
libpostproc.so.55 | libpostproc55 / - / =
libpostproc.so.56 | - / libpostproc56 / -
libpostproc.so.58 | - / = / libpostproc58
libpq.so.5 | libpq5
libprofiler.so.0 | libgoogle-perftools4 / = / libgoogle-perftools4t64
libproj.so.19 | libproj19 / - / =
libproj.so.25 | - / libproj25 / =
libprotobuf.so.23 | libprotobuf23 / - / =
libprotobuf.so.32 | - / libprotobuf32 / libprotobuf32t64
libprrte.so.3 | - / = / libopenmpi40
libpsx.so.2 | - / libcap2 / =
libpthread.so.0 | libc6
libpython3.11.so.1.0 | - / libpython3.11 / -
libpython3.13.so.1.0 | - / = / libpython3.13
libpython3.9.so.1.0 | libpython3.9 / - / =
libquadmath.so.0 | libquadmath0
libraqm.so.0 | libraqm0
libraw.so.20 | libraw20 / = / -
libraw.so.23 | - / = / libraw23t64
libraw_r.so.20 | libraw20 / = / -
libraw_r.so.23 | - / = / libraw23t64
librdkafka.so.1 | librdkafka1
libre2.so.11 | - / = / libre2-11
libre2.so.9 | libre2-9 / = / -
libreadline.so.8 | libreadline8 / = / libreadline8t64
libresolv.so.2 | libc6
librocksdb.so.6.11 | librocksdb6.11 / - / =
librocksdb.so.7.8 | - / librocksdb7.8 / -
librocksdb.so.9.10 | - / = / librocksdb9.10
librt.so.1 | libc6
libsamplerate.so.0 | libsamplerate0
libsasl2.so.2 | libsasl2-2
libseccomp.so.2 | libseccomp2
libsentencepiece.so.0 | libsentencepiece0
libsentencepiece_train.so.0 | libsentencepiece0
libsnappy.so.1 | libsnappy1v5
libsndfile.so.1 | libsndfile1
libsodium.so.23 | libsodium23
libsox.so.3 | libsox3
libspatialindex.so.6 | libspatialindex6 / = / -
libspatialindex.so.8 | - / = / libspatialindex8
libspatialindex_c.so.6 | libspatialindex-c6 / = / -
libspatialindex_c.so.8 | - / = / libspatialindex-c8
libspatialite.so.7 | libspatialite7 / = / -
libspatialite.so.8 | - / = / libspatialite8t64
libsqlite3.so.0 | libsqlite3-0
libssh2.so.1 | libssh2-1 / = / libssh2-1t64
libssl.so.1.1 | libssl1.1 / - / =
libssl.so.3 | - / libssl3 / libssl3t64
libstdc++.so.6 | libstdc++6
libswresample.so.3 | libswresample3 / - / =
libswresample.so.4 | - / libswresample4 / -
libswresample.so.5 | - / = / libswresample5
libswscale.so.5 | libswscale5 / - / =
libswscale.so.6 | - / libswscale6 / -
libswscale.so.8 | - / = / libswscale8
libsybdb.so.5 | libsybdb5
libsystemd.so.0 | libsystemd0
libtbb.so.12 | - / libtbb12 / =
libtbb.so.2 | libtbb2 / - / =
libtbbmalloc.so.2 | libtbb2 / - / =
libtbbmalloc_proxy.so.2 | libtbb2 / - / =
libtcmalloc.so.4 | libgoogle-perftools4 / = / libgoogle-perftools4t64
libtcmalloc_and_profiler.so.4 | libgoogle-perftools4 / = / libgoogle-perftools4t64
libtcmalloc_debug.so.4 | libgoogle-perftools4 / = / libgoogle-perftools4t64
libtesseract.so.4 | libtesseract4 / - / =
libtesseract.so.5 | - / libtesseract5 / =
libthread_db.so.1 | libc6
libtic.so.6 | libtinfo6
libtiff.so.5 | libtiff5 / - / =
libtiff.so.6 | - / libtiff6 / =
libtinfo.so.6 | libtinfo6
libudev.so.1 | libudev1
libudunits2.so.0 | libudunits2-0
libunwind-coredump.so.0 | libunwind8
libunwind-ptrace.so.0 | libunwind8
libunwind-x86_64.so.8 | libunwind8
libunwind.so.8 | libunwind8
libusb-1.0.so.0 | libusb-1.0-0
libutil.so.1 | libc6
libuuid.so.1 | libuuid1
libuv.so.1 | libuv1 / = / libuv1t64
libvips-cpp.so.42 | libvips42 / = / libvips42t64
libvips.so.42 | libvips42 / = / libvips42t64
libvorbis.so.0 | libvorbis0a
libvorbisenc.so.2 | libvorbisenc2
libvorbisfile.so.3 | libvorbisfile3
libvpx.so.7 | - / libvpx7 / -
libvulkan.so.1 | libvulkan1
libwebp.so.6 | libwebp6 / - / =
libwebp.so.7 | - / libwebp7 / =
libwebpdemux.so.2 | libwebpdemux2
libwebpmux.so.3 | libwebpmux3
libwrap.so.0 | libwrap0
libx264.so.164 | - / libx264-164 / =
libxcb-cursor.so.0 | libxcb-cursor0
libxcb-icccm.so.4 | libxcb-icccm4
libxcb-image.so.0 | libxcb-image0
libxcb-keysyms.so.1 | libxcb-keysyms1
libxcb-render-util.so.0 | libxcb-render-util0
libxcb-xinerama.so.0 | libxcb-xinerama0
libxcb.so.1 | libxcb1
libxkbcommon-x11.so.0 | libxkbcommon-x11-0
libxkbcommon.so.0 | libxkbcommon0
libxml2.so.2 | libxml2
libxmlsec1-openssl.so.1 | libxmlsec1-openssl / = / libxmlsec1t64-openssl
libxmlsec1.so.1 | libxmlsec1 / = / libxmlsec1t64
libxslt.so.1 | libxslt1.1
libyaml-0.so.2 | libyaml-0-2
libz.so.1 | zlib1g
libzbar.so.0 | libzbar0 / = / libzbar0t64
libzmq.so.5 | libzmq5
libzstd.so.1 | libzstd1
"""
