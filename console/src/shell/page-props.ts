import type { Api } from "../lib/api.ts";
import type { Client } from "../prometheus/client.ts";
import type { ServerState } from "./server-state.ts";
import type { Place } from "./location.ts";

/** The input of every page of the console. */
export interface PageProps {
  readonly place: Place;
  /** The Prometheus API. */
  readonly client: Client;
  /** All other routes of the server. */
  readonly api: Api;
  /** The last known state of the server: its model, and the roles that the session may use. */
  readonly server: ServerState;
}
