import { defineConfig } from "vite";

/** Built into `dist/console`, with relative addresses: whoever serves it decides where it stands. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // `vite` alone serves the sources; a load test that runs answers.
  server: {
    host: "127.0.0.1",
    // With the name that the browser asked for: the load test takes orders from its own page only.
    proxy: { "/api": { target: "http://127.0.0.1:8089", changeOrigin: false } },
  },
  build: {
    outDir: "../dist/console",
    emptyOutDir: true,
    target: "es2023",
    // The page's rules (Content-Security-Policy) allow files of its own host only, no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
