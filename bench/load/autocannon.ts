/** autocannon in a process of its own: `URL CONNECTIONS SECONDS`; sends what it had after its first second. */
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
let begun = process.cpuUsage();
let cpuSeconds = 0;
instance.on("tick", ({ counter }: { counter: number }) => {
  ticks += 1;
  // Compiling and connecting are over by then.
  if (ticks === 1) begun = process.cpuUsage();
  else requests += counter;
  const { user, system } = process.cpuUsage(begun);
  cpuSeconds = (user + system) / 1e6;
});
await once(instance, "done");
process.send?.({ requests, cpuSeconds });
process.disconnect?.();
