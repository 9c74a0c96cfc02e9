// Prints the alerts that Tepal or Alertmanager sends to http://127.0.0.1:8099, or to another port of this machine:
//
//     npx node examples/tutorial/listener.ts [URL]
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const HERE = new URL(process.argv[2] ?? "http://127.0.0.1:8099");

interface Message {
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

createServer(async (request, response) => {
  if (request.method !== "POST") {
    response.end("Expected a POST request with alerts.\n");
    return;
  }
  const { alerts } = (await json(request)) as Message;
  for (const { status, labels, annotations } of alerts) {
    const time = new Date().toLocaleTimeString("en-GB");
    print(`${time} ${status} ${labels["alertname"]}: ${annotations["summary"]}`);
  }
  response.end();
}).listen(Number(HERE.port), HERE.hostname, () => print(`Listening on ${HERE.origin}`));
