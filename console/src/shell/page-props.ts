import type { Client } from "../prometheus/client.ts";
import type { Place } from "./location.ts";

/** The input of every page of the console. */
export interface PageProps {
  readonly place: Place;
  readonly client: Client;
}
