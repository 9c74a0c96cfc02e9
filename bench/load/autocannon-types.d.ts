/** The part of autocannon that the benchmark uses; the package has no types. */
declare module "autocannon" {
  import type { EventEmitter } from "node:events";
  export default function autocannon(options: {
    readonly url: string;
    readonly connections: number;
    readonly duration: number;
  }): EventEmitter;
}
