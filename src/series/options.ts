import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { SCRAPE_ITEM } from "./scrape/scrape-option.ts";

export const SERIES_OPTIONS = {
  scrapeInterval: {
    type: "number",
    default: 5,
    min: 0.1,
    max: 3_600,
    help: "Seconds between scrapes, of the server's own metrics and of all that --scrape names",
  },
  scrape: {
    type: "list",
    placeholder: "[JOB=]URL",
    default: [],
    item: SCRAPE_ITEM,
    help: "What else is scraped, in the Prometheus text format, such as node=http://127.0.0.1:9100/metrics",
  },
  retention: {
    type: "number",
    default: 24,
    min: 0.1,
    max: 8_760,
    help: "Hours of history that are kept",
  },
  maxSeries: {
    type: "integer",
    default: 10_000,
    min: 100,
    max: 1_000_000,
    help: "Series that are kept at once; samples of further ones are counted and not stored",
  },
  dataDir: {
    type: "string",
    placeholder: "DIR",
    default: ".tepal",
    help: "Folder in which history survives a restart",
  },
  persist: {
    type: "switch",
    default: true,
    help: "Keeps history in memory alone: it ends with the process",
  },
} as const satisfies OptionDeclarations;

export type SeriesOptions = OptionValues<typeof SERIES_OPTIONS>;
