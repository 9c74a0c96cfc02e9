import { toMessage } from "../../kernel/errors.ts";
import type { Log } from "../log.ts";

/** Counts failed writes to a folder. Logs the first of consecutive failures, and the recovery. */
export class WriteGuard {
  readonly #folder: string;
  readonly #log: Log;
  /** Failed writes so far. */
  failures = 0;
  #failuresBefore = 0;
  #isFailing = false;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Tries to write. @returns true on success */
  attempt(write: () => void): boolean {
    try {
      write();
      return true;
    } catch (error) {
      this.failures += 1;
      if (!this.#isFailing) {
        this.#log.warn(
          `history: cannot write to ${this.#folder}; history continues in memory: ${toMessage(error)}`,
        );
      }
      this.#isFailing = true;
      return false;
    }
  }

  /**
   * Logs the recovery of writing: no block is pending, and no write has failed since the previous block was sealed.
   *
   * @param pending number of blocks that are not written yet
   */
  noteSealed(pending: number): void {
    if (this.#isFailing && pending === 0 && this.failures === this.#failuresBefore) {
      this.#log.info(`history: ${this.#folder} is writable again`);
      this.#isFailing = false;
    }
    this.#failuresBefore = this.failures;
  }
}
