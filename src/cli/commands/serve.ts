import type { Command } from "commander";
import { runServer } from "../server/run-server.ts";
import { createServerCommand } from "../server/server-command.ts";

export function createServeCommand(): Command {
  return createServerCommand("serve", "Serve the models of a folder", (config) =>
    runServer(config, { banner: process.stdout.isTTY }),
  );
}
