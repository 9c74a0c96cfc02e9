/** Opens connections to PORT, prints their number, and prints `all closed` once the server has closed them: `node hold-connections.ts PORT COUNT`. */
import { once } from "node:events";
import { connect } from "node:net";

const [port = "", count = ""] = process.argv.slice(2);
const AT_ONCE = 100;
let open = 0;
const closed = Promise.withResolvers<void>();
for (let done = 0; done < Number(count); done += AT_ONCE) {
  const sockets = Array.from({ length: Math.min(AT_ONCE, Number(count) - done) }, async () => {
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("close", () => {
      open -= 1;
      if (open === 0) closed.resolve();
    });
    await once(socket, "connect");
    open += 1;
  });
  await Promise.all(sockets);
}
process.stdout.write(`${open} open\n`);
await closed.promise;
process.stdout.write("all closed\n");
