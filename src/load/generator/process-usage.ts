import { performance } from "node:perf_hooks";

/** CPU and memory usage of this process in an interval. */
export interface ProcessUsage {
  /** Share of the time in which the event loop was busy, 0…1. */
  readonly utilisation: number;
  readonly cpuSeconds: number;
  /** Resident memory at the end. */
  readonly memoryBytes: number;
}

/** Measures the usage of this process between calls. */
export class ProcessUsageMeter {
  #loop = performance.eventLoopUtilization();
  #cpu = process.cpuUsage();

  /** The event loop counts from now on. */
  restart(): void {
    this.#loop = performance.eventLoopUtilization();
  }

  /** Returns the usage since the last call, or since the start. */
  take(): ProcessUsage {
    const loop = performance.eventLoopUtilization();
    const cpu = process.cpuUsage();
    const usage = {
      utilisation: performance.eventLoopUtilization(loop, this.#loop).utilization,
      cpuSeconds: (cpu.user + cpu.system - this.#cpu.user - this.#cpu.system) / 1e6,
      memoryBytes: process.memoryUsage.rss(),
    };
    this.#loop = loop;
    this.#cpu = cpu;
    return usage;
  }
}
