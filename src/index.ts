/** What programs may import from "tepal". Everything else is internal and may change. */
export {
  createServer,
  type BaseServer,
  type Extension,
  type Server,
  type ServerParts,
} from "./server.ts";
export type { Access } from "./http/access/authorize.ts";
export type {
  ApplicationMetrics,
  Counter,
  Gauge,
  Histogram,
} from "./metrics/application-metrics.ts";
export type { Config } from "./config/config.ts";
export { TepalError, type ErrorCode, type Problem } from "./kernel/errors.ts";
export {
  trainModel,
  type TrainedModel,
  type TrainHooks,
  type TrainRequest,
} from "./training/train-model.ts";
export {
  importModel,
  type ImportedModel,
  type ImportRequest,
} from "./training/import/import-model.ts";
export type { TrainingReport } from "./training/report/report.ts";
export { loadModel } from "./model/load-model.ts";
export type { Manifest } from "./model/manifest.ts";
export type { Executor, LoadedModel } from "./model/model.ts";
