/** Opens connections to PORT, holds them until its input ends, and prints their number: `node hold-connections.ts PORT COUNT`. */
import { once } from "node:events";
import { connect } from "node:net";

const [port = "", count = ""] = process.argv.slice(2);
const AT_ONCE = 100;
let open = 0;
for (let done = 0; done < Number(count); done += AT_ONCE) {
  const sockets = Array.from({ length: Math.min(AT_ONCE, Number(count) - done) }, async () => {
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("close", () => (open -= 1));
    await once(socket, "connect");
    open += 1;
  });
  await Promise.all(sockets);
}
process.stdout.write(`${open} open\n`);
await once(process.stdin.resume(), "end");
process.stdout.write(`${open} left\n`);
process.exit();
