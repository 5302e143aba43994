# Two stages: the first builds an environment with compiled bytecode, the second only runs it, as a user without rights.
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/venv
COPY requirements.lock ./
RUN /opt/venv/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY app ./app
COPY components ./components
COPY data_layer ./data_layer
RUN /opt/venv/bin/pip install --no-build-isolation --no-deps . \
    && /opt/venv/bin/python -m compileall -q -j 0 /opt/venv/lib

FROM python:3.12-slim-bookworm
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin dashboard \
    && install -d -o dashboard -g dashboard /var/lib/kalshi
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH KALSHI_DATA_DIR=/var/lib/kalshi KALSHI_ADDRESS=0.0.0.0 KALSHI_PORT=5006
USER dashboard
WORKDIR /home/dashboard
VOLUME /var/lib/kalshi
EXPOSE 5006
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5006/readyz', timeout=4)"]
# KALSHI_SECRET (32 characters or more) and KALSHI_ALLOW_ORIGINS have to be given: the container listens on all addresses.
CMD ["kalshi-dashboard", "serve"]
