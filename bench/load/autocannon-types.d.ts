/** What the bench uses of autocannon, which brings no types. */
declare module "autocannon" {
  import type { EventEmitter } from "node:events";
  export default function autocannon(options: {
    readonly url: string;
    readonly connections: number;
    readonly duration: number;
  }): EventEmitter;
}
