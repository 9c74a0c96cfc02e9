import { expect, it } from "vitest";
import { chooseFormat } from "./metrics.ts";

it.each([
  [undefined, "text"],
  ["*/*", "text"],
  ["text/plain", "text"],
  ["application/openmetrics-text", "openmetrics"],
  ['application/openmetrics-text; version="1.0.0"; charset=utf-8', "openmetrics"],
  // Prometheus 2.42, and 3.
  [
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "openmetrics",
  ],
  [
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
    "openmetrics",
  ],
  // Tepal's own scraper, and versions that Tepal does not write.
  ["text/plain;version=0.0.4;q=1,*/*;q=0.1", "text"],
  ["application/openmetrics-text;version=0.0.1", "text"],
  ["application/openmetrics-text;q=0.3, text/plain;q=0.8", "text"],
  ["application/openmetrics-text;q=0, */*", "text"],
])("Accept: %s gets %s", (accept, format) => {
  expect(chooseFormat(accept)).toBe(format);
});
