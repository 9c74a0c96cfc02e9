import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { CONTAINER } from "../../dashboards/grafana/external-metrics.ts";

/** Starts a stand-in for cAdvisor, which cannot run everywhere. Its counters grow with each scrape. */
export async function startStandIns(): Promise<{ readonly target: string } & AsyncDisposable> {
  let scrapes = 0;
  const server = createServer((_request, response) => {
    scrapes += 1;
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(renderContainers(scrapes));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `address()` returns this type for a server that listens on a port.
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
