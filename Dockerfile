# Passerelle in a small image: no compiler, no package caches, no root.
#
#   docker build -t passerelle .
#   docker run --rm passerelle version

FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY bridge bridge
RUN python -m venv /opt/passerelle \
 && /opt/passerelle/bin/pip install --no-cache-dir . \
 && /opt/passerelle/bin/pip uninstall --yes pip \
 && /opt/passerelle/bin/python -OO -X no_debug_ranges -m compileall -q /opt/passerelle/lib

FROM python:3.13-slim
# The same number as the game server's user in itzg/minecraft-server, so that both can read one folder.
RUN useradd --uid 1000 --no-create-home --shell /usr/sbin/nologin passerelle \
 && install -d -o passerelle -g passerelle /data /etc/passerelle
COPY --from=build /opt/passerelle /opt/passerelle
ENV PATH=/opt/passerelle/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER passerelle
WORKDIR /etc/passerelle
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# /healthz tells whether the bridge itself is well; a game server that is down does not make it unhealthy.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["passerelle"]
CMD ["run", "/etc/passerelle/bridge.yml"]
