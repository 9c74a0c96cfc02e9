import { defineConfig } from "vite";

/** Built into `dist/console`, with relative addresses: whoever serves it decides where it stands. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../dist/console",
    emptyOutDir: true,
    target: "es2023",
    // The page's rules (Content-Security-Policy) allow files of its own host only, no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
