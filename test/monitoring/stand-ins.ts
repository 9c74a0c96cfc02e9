import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { CONTAINER, LOAD } from "../../dashboards/grafana/exporters.ts";

/** Exposes metrics as cAdvisor and the load generator do, which cannot run everywhere: each scrape finds them grown. */
export async function startStandIns(): Promise<{ readonly target: string } & AsyncDisposable> {
  let scrapes = 0;
  const server = createServer((request, response) => {
    scrapes += 1;
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(request.url === "/cadvisor" ? renderContainers(scrapes) : renderLoad(scrapes));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server that listens on a port has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return {
    target: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function renderContainers(scrapes: number): string {
  const labels = '{name="tepal-api-1"}';
  return `${CONTAINER.cpuSeconds}${labels} ${scrapes * 0.2}
${CONTAINER.memory}${labels} 170000000
${CONTAINER.throttledPeriods}${labels} ${scrapes}
${CONTAINER.periods}${labels} ${scrapes * 10}
`;
}

function renderLoad(scrapes: number): string {
  const endpoint = 'endpoint="/predict"';
  return `${LOAD.users} 20
${LOAD.requests}{${endpoint},status="200"} ${scrapes * 100}
${LOAD.failures}{${endpoint},reason="timeout"} ${scrapes}
${LOAD.duration}_bucket{${endpoint},le="0.01"} ${scrapes * 90}
${LOAD.duration}_bucket{${endpoint},le="+Inf"} ${scrapes * 100}
`;
}
