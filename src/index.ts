/** Public exports of "tepal". Everything else is internal and may change. */
export {
  createServer,
  type BaseServer,
  type Extension,
  type Server,
  type ServerOptions,
  type ServerParts,
} from "./server.ts";
export type { Access } from "./http/access/authorize.ts";
export type { CheckedRequest, HeadCheck } from "./http/request-head.ts";
export type {
  ApplicationMetrics,
  Counter,
  Gauge,
  Histogram,
} from "./metrics/application-metrics.ts";
export type { Config } from "./config/config.ts";
export { TepalError, type ErrorCode, type Problem } from "./kernel/errors.ts";
export { trainModel } from "./training/train-model.ts";
export { importModel } from "./training/import/import-model.ts";
export type {
  CsvText,
  DataColumns,
  DataRow,
  DataSource,
  DataValue,
  ForestOptions,
  ImportedModel,
  ImportRequest,
  TrainedModel,
  TrainHooks,
  TrainRequest,
} from "./training/training.ts";
export type { TrainingReport } from "./training/report/training-report.ts";
export { loadModel } from "./model/load-model.ts";
export type { Manifest } from "./model/manifest.ts";
export type { AnyExecutor, Executor, LoadedModel, RemoteExecutor } from "./model/model.ts";
