/** The page about a soak: what the service held minute by minute, and whether it goes on growing. */
import { cpus, loadavg } from "node:os";

/** What the service holds after a minute. */
export interface Reading {
  readonly minute: number;
  readonly residentMB: number;
  readonly heapMB: number;
  /** Without connections, of which there are as many as there are requests at once. */
  readonly handles: number;
  readonly files: number;
  readonly logMB: number;
  readonly requests: number;
}

export interface Soaked {
  readonly bundle: string;
  readonly rate: number;
  /** Messages with how often. */
  readonly failures: ReadonlyMap<string, number>;
  /** Exit status after SIGTERM. */
  readonly status: number;
}

/** Memory that is flat moves by less between two halves of the time after the first third. */
const MOST_GROWTH = 0.05;

export function soakPage(readings: readonly Reading[], { bundle, rate, failures, status }: Soaked) {
  const settled = readings.slice(Math.floor(readings.length / 3));
  const half = Math.floor(settled.length / 2);
  const growth = (of: (reading: Reading) => number) =>
    mean(settled.slice(half).map(of)) / mean(settled.slice(0, half).map(of)) - 1;
  const resident = growth(({ residentMB }) => residentMB);
  const handles = growth((reading) => reading.handles);
  const failed = [...failures.values()].reduce((sum, count) => sum + count, 0);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const page = [
    "# Soak of the service",
    "",
    `\`npm run bench:soak\`: ${bundle}, ${rate} visits a second; ${cpus().length} cores, Node ${process.version}, load average at the end ${loadavg()[0].toFixed(1)}.`,
    "",
    "| figure | value |",
    "|---|---|",
    `| minutes | ${readings.at(-1)?.minute ?? 0} |`,
    `| visits | ${readings.at(-1)?.requests ?? 0} |`,
    `| failed | ${failed} |`,
    `| exit status after SIGTERM | ${status} |`,
    `| resident memory: last third against the one before | ${percent(resident)} |`,
    `| handles: last third against the one before | ${percent(handles)} |`,
    "",
    "| minute | resident MB | heap MB | handles beside connections | open files | log MB |",
    "|---|---|---|---|---|---|",
    ...shown(readings).map(
      ({ minute, residentMB, heapMB, handles, files, logMB }) =>
        `| ${minute} | ${residentMB} | ${heapMB} | ${handles} | ${files} | ${logMB} |`,
    ),
    ...[...failures].map(([message, count]) => `\n${count} times: ${message}`),
    "",
  ].join("\n");
  return { page, grows: !(resident < MOST_GROWTH && handles < MOST_GROWTH) };
}

/** About twenty of them. */
function shown(readings: readonly Reading[]): readonly Reading[] {
  const step = Math.ceil(readings.length / 20);
  return readings.filter((_, i) => (i + 1) % step === 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
