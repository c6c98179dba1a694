# docker build -t ordercast . && docker run --rm --read-only --tmpfs /tmp -p 127.0.0.1:8080:8080 ordercast demo
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY tools/packages.txt tools/
# The lists of packages stand in one file; word splitting is wanted.
# hadolint ignore=DL3008,SC2046
RUN apt-get update \
 && apt-get install --yes --no-install-recommends $(awk '$1 == "build" { print $2 }' tools/packages.txt) \
 && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cmake --preset release -DBUILD_TESTING=OFF && cmake --build --preset release --target ordercast

FROM debian:bookworm-slim
COPY tools/packages.txt /tmp/
# Without the drop-in, Debian's postgresql-15 makes a server for the whole machine; Ordercast makes its own.
# hadolint ignore=DL3008,SC2046
RUN mkdir -p /etc/postgresql-common/createcluster.d \
 && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/ordercast.conf \
 && apt-get update \
 && apt-get install --yes --no-install-recommends \
      $(awk '$1 == "run" || $1 == "image" { print $2 }' /tmp/packages.txt) \
 && rm -rf /var/lib/apt/lists/* /tmp/packages.txt \
 && useradd --uid 10001 --create-home --home-dir /var/lib/ordercast ordercast
COPY --from=build /src/build/release/ordercast /usr/local/bin/
# As numbers: of a name, Kubernetes cannot tell that it is not root (runAsNonRoot).
USER 10001:10001
# A private PostgreSQL of `serve` lives below the home directory: mount a volume there to keep it.
WORKDIR /var/lib/ordercast
# In a container, loopback is nobody's: `docker run -p` decides who can reach the port. So `serve` asks
# for ORDERCAST_OPEN=true: publish the port on 127.0.0.1, behind a proxy that checks who comes. The
# orders of `demo` are nobody's.
ENV ORDERCAST_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["curl", "--fail", "--silent", "--show-error", "--max-time", "2", "http://127.0.0.1:8080/livez"]
# tini reaps what a private PostgreSQL may orphan, and passes SIGTERM on.
ENTRYPOINT ["tini", "--", "ordercast"]
CMD ["serve"]
