/** Runs autocannon in its own process: `URL CONNECTIONS SECONDS`. Sends its requests and CPU time without the first second. */
import { once } from "node:events";
import autocannon from "autocannon";

const [url = "", connections, seconds] = process.argv.slice(2);
const instance = autocannon({
  url,
  connections: Number(connections),
  duration: Number(seconds) + 1,
});
let requests = 0;
let ticks = 0;
let start = process.cpuUsage();
let cpuSeconds = 0;
instance.on("tick", ({ counter }: { counter: number }) => {
  ticks += 1;
  // The first second includes compilation and connecting.
  if (ticks === 1) start = process.cpuUsage();
  else requests += counter;
  const { user, system } = process.cpuUsage(start);
  cpuSeconds = (user + system) / 1e6;
});
await once(instance, "done");
process.send?.({ requests, cpuSeconds });
process.disconnect?.();
