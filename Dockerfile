# docker build --tag tepal .
# Any base with Node.js 24 or newer and npm will do: --build-arg BASE=…
ARG BASE=node:26.10.0-bookworm-slim

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY console/package.json console/
# Scripts of packages only fetch what is of no use here: another Node.js, and libraries of the tests.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/clean.ts scripts/build-console.ts scripts/
COPY console console
COPY src src
COPY examples examples
RUN npm run build
# So that a container without models of its own predicts at once.
RUN node dist/cli/main.js train --models /models

FROM ${BASE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY console/package.json console/
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${BASE}
LABEL org.opencontainers.image.title="Tepal" \
      org.opencontainers.image.description="Serves a tabular machine-learning model over HTTP, with the monitoring built in" \
      org.opencontainers.image.licenses="MIT"
# Ten seconds is what `docker stop` waits: requests that have begun must be done before.
ENV NODE_ENV=production \
    TEPAL_HOST=0.0.0.0 \
    TEPAL_PORT=8000 \
    TEPAL_MODELS=/models \
    TEPAL_DRAIN_TIMEOUT=8
# Where compose.yaml mounts a volume for each part's secrets, and for the runs of the load test: a new volume takes the owner of
# what it covers.
RUN install -d -o 65532 -g 65532 /secrets/api /secrets/prometheus /secrets/grafana /secrets/alertmanager /secrets/user \
    /secrets/loadtest /data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json CHANGELOG.md LICENSE ./
COPY examples examples
COPY deploy/prometheus/rules deploy/prometheus/rules
COPY --from=build /app/dist dist
COPY --from=build /models /models
# A number, so that an orchestrator can tell that it is not root.
USER 65532:65532
EXPOSE 8000
# Of the container itself, so that the certificate's name need not fit.
HEALTHCHECK --interval=15s --timeout=5s --start-period=15s \
  CMD ["node", "--no-warnings", "-e", "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; const { TEPAL_TLS_CERT: tls, TEPAL_PORT: port } = process.env; fetch(`http${tls ? 's' : ''}://127.0.0.1:${port}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node.js itself is the process that gets SIGTERM; no shell stands between.
# The flags keep V8's heap small for some of the speed (docs/performance.md): young objects have 8 MB instead of 16, and old
# ones are collected when they are 30 % more than lived last time.
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=30", "dist/cli/main.js"]
CMD ["serve"]
