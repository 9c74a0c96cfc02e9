import { Type, type Static } from "typebox";

const OPTION = Type.Object(
  {
    name: Type.String({ description: "Without dashes: max-batch-rows" }),
    value: Type.String({
      description: "Lists are joined by commas. A URL that may be a secret has no path",
    }),
    default: Type.String(),
    source: Type.String({
      description: "A flag, an environment variable, a file with its field, or `default`",
    }),
  },
  { title: "Option", description: "An option with its effective value" },
);

const PROCESS = Type.Object(
  {
    role: Type.Union([Type.Literal("server"), Type.Literal("primary"), Type.Literal("worker")]),
    number: Type.Union([Type.Integer(), Type.Null()], {
      description: "Number of the worker; its replacement has the same",
    }),
    pid: Type.Integer(),
    serves: Type.Boolean({ description: "True if it accepts requests" }),
    started_at: Type.String({ format: "date-time" }),
    memory_bytes: Type.Union([Type.Integer(), Type.Null()], {
      description: "Resident memory; null if it is not known yet",
    }),
    rows: Type.Union([Type.Integer(), Type.Null()], {
      description: "Rows that this process has predicted; null for the primary",
    }),
    restarts: Type.Integer({ description: "Times that this worker was replaced" }),
  },
  { title: "Process", description: "A process of the server" },
);

/** The server without its monitor. */
export const SERVER_DESCRIPTION = Type.Object(
  {
    version: Type.String(),
    commit: Type.Union([Type.String(), Type.Null()], {
      description: "Git commit of a server that runs from a clone",
    }),
    node: Type.String({ description: "Version of Node.js" }),
    platform: Type.String({ examples: ["linux x64"] }),
    options: Type.Array(OPTION),
    processes: Type.Array(PROCESS),
  },
  { title: "ServerDescription", description: "Version, options and processes of the server" },
);

export type ServerDescription = Static<typeof SERVER_DESCRIPTION>;
export type ProcessDescription = Static<typeof PROCESS>;
