/** Removes what a build made before, so that nothing stale is packed. */
import { rm } from "node:fs/promises";

await rm(new URL("../dist", import.meta.url), { recursive: true, force: true });
