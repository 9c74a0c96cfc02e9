import type { TepalError } from "../kernel/errors.ts";
import { RowGroups, type RowGroup, type RowSink, type RowStreamOptions } from "./row-groups.ts";
import { RowLines, type RowCounts } from "./row-lines.ts";
import type { RowStream } from "./row-stream.ts";
import type { RemotePredictor } from "./serving.ts";

/** A row stream whose predictions arrive later. Calls must wait for the one before. */
export interface RemoteRowStream extends Omit<RowStream, "push" | "end"> {
  /** Does what `RowStream.push` does. @throws TepalError as it does, and those of the engine */
  push(bytes: Buffer): Promise<Buffer>;
  /** Does what `RowStream.end` does. @throws TepalError as `push` */
  end(): Promise<Buffer>;
}

export function createRemoteRowStream(
  predictor: RemotePredictor,
  options: RowStreamOptions,
): RemoteRowStream {
  return new WaitingStream(predictor, options);
}

type Item = { readonly group: RowGroup } | { readonly error: TepalError; readonly line: number };

/** Decodes all records of its bytes first, then predicts their groups one after the other. */
class WaitingStream implements RemoteRowStream, RowSink {
  readonly #predictor: RemotePredictor;
  readonly #groups: RowGroups;
  readonly #lines: RowLines;
  readonly #stopsAtError: boolean;
  #items: Item[] = [];
  /** True once a record that cannot be decoded ends the stream, although rows before it may still wait. */
  #hasLastError = false;

  constructor(predictor: RemotePredictor, options: RowStreamOptions) {
    this.#predictor = predictor;
    this.#stopsAtError = options.onBadRow === "stop";
    this.#lines = new RowLines(predictor, options);
    this.#groups = new RowGroups(predictor, options, this);
  }

  get counts(): Readonly<RowCounts> {
    return this.#lines.counts;
  }

  get isStopped(): boolean {
    return this.#lines.isStopped || this.#hasLastError;
  }

  get firstError(): TepalError | undefined {
    return this.#lines.firstError;
  }

  async push(bytes: Buffer): Promise<Buffer> {
    this.#groups.push(bytes);
    await this.#predict();
    return this.#lines.take(this.#groups.hasHeader);
  }

  async end(): Promise<Buffer> {
    this.#groups.end();
    await this.#predict();
    return this.#lines.takeAll();
  }

  takeGroup({ values, lines, count, warnings }: RowGroup): void {
    const width = this.#predictor.features.length;
    this.#items.push({
      group: {
        values: values.slice(0, count * width),
        lines: lines.slice(0, count),
        count,
        warnings,
      },
    });
  }

  takeError(error: TepalError, line: number): void {
    this.#items.push({ error, line });
    this.#hasLastError = this.#stopsAtError;
  }

  async #predict(): Promise<void> {
    const items = this.#items;
    this.#items = [];
    for (const item of items) {
      if (this.#lines.isStopped) return;
      if ("error" in item) this.#lines.writeError(item.error, item.line);
      else {
        const { values, lines, count, warnings } = item.group;
        this.#lines.write(await this.#predictor.predictRows(values, count, warnings), lines);
      }
    }
  }
}
