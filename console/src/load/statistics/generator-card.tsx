import type { GeneratorStatistics, Invalid } from "../../../../src/load/contract/report.ts";
import { Stat } from "../../components/stat.tsx";
import {
  formatBytes,
  formatCount,
  formatMs,
  formatPlural,
  formatShare,
  formatSpan,
} from "../../lib/format.ts";

const CAUSES: Readonly<Record<Invalid["cause"], string>> = {
  generator_overloaded: "overloaded",
  machine_busy: "machine busy",
  incomplete: "incomplete",
};

interface Props {
  readonly generator: GeneratorStatistics;
  /** Dropped arrivals exist in open models only. */
  readonly isOpen: boolean;
}

/** Health of the load generator: if it is late, its measurements of the server are invalid. */
export function GeneratorCard({ generator, isOpen }: Props) {
  const { invalid } = generator;
  const tone = invalid === null ? "plain" : "warn";
  return (
    <section class="card">
      <h2>
        Load generator{" "}
        {invalid === null ? (
          <span class="pill is-good">keeps up</span>
        ) : (
          <span class="pill is-warn">{CAUSES[invalid.cause]}</span>
        )}
      </h2>
      <dl class="stats card-stats">
        <Stat
          label="Busy, worst second"
          value={formatShare(generator.utilisation_max)}
          note={
            generator.utilisation_mean === null
              ? undefined
              : `mean ${formatShare(generator.utilisation_mean)}`
          }
          tone={tone}
        />
        <Stat label="Lateness, p99" value={formatMs(generator.lateness_p99_ms)} tone={tone} />
        {isOpen && (
          <Stat
            label="Dropped arrivals"
            value={formatCount(generator.dropped)}
            tone={generator.dropped > 0 ? "warn" : "plain"}
          />
        )}
        <Stat
          label="CPU time"
          value={formatSpan(Math.round(generator.cpu_seconds * 10) / 10)}
          note={formatPlural(generator.processes, "process", "processes")}
        />
        <Stat label="Memory" value={formatBytes(generator.memory_bytes)} />
      </dl>
    </section>
  );
}
