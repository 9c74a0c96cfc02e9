import { resolve } from "node:path";
import type { Metrics } from "../metrics/metrics.ts";
import type { ModelChanges, Registry } from "../model/model.ts";
import type { AnyPredictor } from "./serving.ts";

/** The levels of a log that a reload is written to. */
interface ReloadLog {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  warn(message: string): void;
  error(context: object, message: string): void;
  error(message: string): void;
}

/**
 * Creates a function that logs a reload of the models and counts it.
 * @param folder the models folder; undefined for models in memory
 */
export function createReloadReporter(
  registry: Registry<AnyPredictor>,
  metrics: Metrics,
  logger: ReloadLog,
  folder: string | undefined,
): (report: ModelChanges) => void {
  let notice: string | null = null;
  const ready = metrics.modelLoads.open(["ready"]);
  const failed = metrics.modelLoads.open(["failed"]);
  return (report) => {
    metrics.modelLoads.add(ready, report.loaded.length);
    metrics.modelLoads.add(failed, report.failed.length);
    metrics.saveSoon();
    for (const { name, version } of report.loaded) {
      const context = { model: name, version };
      logger.info(context, `model ${name} version ${version} is ready`);
      for (const warning of registry.find(name, version).startupWarnings) {
        logger.warn(context, `model ${name} version ${version}: ${warning}`);
      }
    }
    for (const { name, version, reason } of report.failed) {
      logger.error(
        { model: name, version },
        `rejected model ${name} version ${version}: ${reason}`,
      );
    }
    for (const { name, version } of report.removed) {
      logger.info({ model: name, version }, `removed model ${name} version ${version}`);
    }
    for (const problem of report.unreadable) logger.error(problem);
    if (folder !== undefined && report.unreadable.length === 0 && registry.list().length === 0) {
      logger.warn(
        `there is no model in the folder ${resolve(folder)}, so every prediction gets status 503. Docker creates an empty folder for a mount whose source does not exist: check --models, and MODELS of compose.yaml. Or create a model with \`tepal train\``,
      );
    }
    const before = notice;
    notice = registry.defaultNotice();
    if (notice !== null && notice !== before) logger.warn(notice);
  };
}
