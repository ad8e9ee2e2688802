FROM python:3.11
RUN pip install cython numpy
COPY . /pkg
WORKDIR /pkg
RUN python setup.py build_ext --inplace
RUN make -C native && cp native/libfast.so /usr/lib/
CMD ["python", "main.py"]
