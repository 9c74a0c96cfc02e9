import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { SCRAPE_ITEM } from "./scrape/scrape-option.ts";

export const SERIES_OPTIONS = {
  scrapeInterval: {
    type: "number",
    default: 5,
    min: 0.1,
    max: 3_600,
    help: "Seconds between scrapes of the server and of all --scrape targets",
  },
  scrape: {
    type: "list",
    placeholder: "[JOB=]URL",
    default: [],
    item: SCRAPE_ITEM,
    help: "Further targets in the Prometheus text format, for example node=http://127.0.0.1:9100/metrics",
  },
  retention: {
    type: "number",
    default: 24,
    min: 0.1,
    max: 8_760,
    help: "Hours of history to keep",
  },
  maxSeries: {
    type: "integer",
    default: 10_000,
    min: 100,
    max: 1_000_000,
    help: "Maximum number of series besides those of drift; others are not stored",
  },
  maxDriftSeries: {
    type: "integer",
    default: 100_000,
    min: 0,
    max: 1_000_000,
    help: "Maximum number of series of features and their bins",
  },
  dataDir: {
    type: "string",
    placeholder: "DIR",
    default: ".tepal",
    help: "Folder of the history",
  },
  persist: {
    type: "switch",
    default: true,
    help: "Keep history in memory only",
  },
} as const satisfies OptionDeclarations;

export type SeriesOptions = OptionValues<typeof SERIES_OPTIONS>;
