# docker build --tag tepal .
# Any base image with Node.js 24 or later and npm works: --build-arg BASE=…
ARG BASE=node:26.10.0-bookworm-slim

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY console/package.json console/
# Without scripts/node, since the base image has Node.js. The only install script downloads libraries for tests.
RUN npm ci --workspace console --include-workspace-root --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/clean.ts scripts/build-package.ts scripts/build-console.ts scripts/
COPY scripts/package scripts/package
COPY console console
COPY docs/tutorial docs/tutorial
COPY docs/images/tutorial docs/images/tutorial
COPY src src
COPY examples examples
RUN npm run build
# A container without its own models can then predict at once.
RUN node dist/cli/main.js train --models /models

FROM ${BASE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --workspaces=false --ignore-scripts --no-audit --no-fund

FROM ${BASE}
LABEL org.opencontainers.image.title="Tepal" \
      org.opencontainers.image.description="Serves tabular machine-learning models over HTTP, with built-in monitoring" \
      org.opencontainers.image.licenses="MIT"
# `docker stop` waits ten seconds. Clients may connect for one more second; requests in progress must end before.
ENV NODE_ENV=production \
    TEPAL_HOST=0.0.0.0 \
    TEPAL_PORT=8000 \
    TEPAL_MODELS=/models \
    TEPAL_SHUTDOWN_DELAY=1 \
    TEPAL_DRAIN_TIMEOUT=7
# Mount points of compose.yaml's volumes for secrets and load test runs. A new volume takes the owner of its mount point.
RUN install -d -o 65532 -g 65532 /secrets/api /secrets/prometheus /secrets/grafana /secrets/alertmanager /secrets/user \
    /secrets/loadtest /data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json CHANGELOG.md LICENSE ./
COPY examples examples
COPY deploy/grafana/dashboards deploy/grafana/dashboards
COPY deploy/prometheus/rules deploy/prometheus/rules
COPY docs/runbooks docs/runbooks
COPY --from=build /app/dist dist
COPY --from=build /models /models
# A numeric user id, so that an orchestrator can verify that it is not root.
USER 65532:65532
EXPOSE 8000
# Connects to 127.0.0.1, so it does not check the name in the certificate.
HEALTHCHECK --interval=5s --timeout=5s --start-period=15s --retries=6 \
  CMD ["node", "--no-warnings", "-e", "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; const { TEPAL_TLS_CERT: tls, TEPAL_PORT: port } = process.env; fetch(`http${tls ? 's' : ''}://127.0.0.1:${port}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Without a shell, so that Node.js receives SIGTERM.
# A small heap, as `npm start` has (docs/performance.md).
ENTRYPOINT ["node", "--max-semi-space-size=4", "--heap-growing-percent=30", "dist/cli/main.js"]
CMD ["serve"]
