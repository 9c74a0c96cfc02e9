import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// As the command line does (src/cli/main.ts), for the threads that tests start.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(
  new URL("node_modules/.cache/tepal", import.meta.url),
);

export default defineConfig({
  test: {
    projects: [
      // Functions without state, so that files can share a process: half the CPU time, which goes into imports.
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "console/{course,lab,src}/**/*.test.ts"],
          isolate: false,
        },
      },
      { extends: true, test: { name: "system", include: ["test/**/*.test.ts"] } },
    ],
    globalSetup: ["test/support/programs.ts", "test/support/console-setup.ts"],
    // Two for each core, because tests wait as long as they compute: for scrapes, alerts and browsers.
    maxWorkers: 2 * availableParallelism(),
    // All that is waited for comes at once, unless the machine has much else to do.
    testTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 240_000,
  },
});
