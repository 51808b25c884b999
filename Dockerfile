# The commands and the page of mmderain, see docs/install.md. `cpu`, the usual
# one, computes by ONNX Runtime; `cuda` by PyTorch, and can train.

# Debian 12: its Python is 3.11
FROM debian:bookworm-slim AS python
# Debian keeps no older versions that could be named
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
# a home that whoever runs it may write into
ENV PATH=/opt/mmderain/bin:$PATH HOME=/tmp
WORKDIR /work
ENTRYPOINT ["mmderain"]
CMD ["--help"]

FROM python AS built
COPY . /src
RUN python3 -m venv /opt/mmderain \
    && pip install --no-cache-dir -c /src/requirements/constraints.txt \
        '/src[serve]'

FROM built AS cuda
ARG TORCH=2.15.0
ARG TORCHVISION=0.29.2
# of several OpenCV wheels the last one wins; this one needs no libGL
RUN pip install --no-cache-dir -c /src/requirements/constraints.txt \
        "torch==$TORCH" "torchvision==$TORCHVISION" '/src[serve,train]' \
    && pip install --no-cache-dir --force-reinstall --no-deps "$(grep \
        '^opencv-contrib-python-headless==' /src/requirements/constraints.txt)"
USER 65534

FROM python AS cpu
COPY --from=built /opt/mmderain /opt/mmderain
USER 65534
