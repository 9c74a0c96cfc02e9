import type { ProcessDescription, ServerDescription } from "../http/schemas/server-status.ts";
import type { Clock } from "../kernel/clock.ts";
import { OPTIONS, type Config } from "./config.ts";
import { describeOptions } from "./describe-options.ts";

/** Describes a server. @param config as this process has resolved it */
export function describeServer(
  config: Config,
  build: Pick<ServerDescription, "version" | "commit">,
  processes: readonly ProcessDescription[],
): ServerDescription {
  return {
    ...build,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    options: [...describeOptions(OPTIONS, config)],
    processes: [...processes],
  };
}

/** @param rows null for a process that predicts nothing */
export function describeThisProcess(
  role: ProcessDescription["role"],
  rows: number | null,
  clock: Clock,
): ProcessDescription {
  return {
    role,
    number: null,
    pid: process.pid,
    serves: rows !== null,
    started_at: new Date(clock.nowMs() - process.uptime() * 1_000).toISOString(),
    memory_bytes: process.memoryUsage.rss(),
    rows,
    restarts: 0,
  };
}
