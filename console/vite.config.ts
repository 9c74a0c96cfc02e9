import { defineConfig } from "vite";
import { createCoursePlugin } from "./course/course-plugin.ts";

/** Builds into `dist/console` with relative URLs, so that a server can mount it under any path. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [createCoursePlugin()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // `vite` alone serves the sources; the load test that runs at :8089 serves the API of the load page.
  server: {
    host: "127.0.0.1",
    // Keeps the browser's Host header: the load test accepts requests from its own page only.
    proxy: { "/api": { target: "http://127.0.0.1:8089", changeOrigin: false } },
  },
  build: {
    outDir: "../dist/console",
    emptyOutDir: true,
    target: "es2023",
    // The page's Content-Security-Policy allows files of its own host only, no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ["index.html", "console.html", "docs.html"].map(
        (name) => `${import.meta.dirname}/${name}`,
      ),
    },
  },
});
