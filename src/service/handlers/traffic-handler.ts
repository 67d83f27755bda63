/** What the log of the service says, for the page and for whoever watches. */
import { TailrecError } from "../../errors.ts";
import type { Experiment } from "../../traffic/experiment.ts";
import { reportExperiment } from "../../traffic/experiment-report.ts";
import { monitorTraffic } from "../../traffic/monitor.ts";
import { readTraffic, type Traffic } from "../../traffic/read-traffic.ts";
import type { Handlers } from "./handler.ts";
import type { ServedBundle } from "./list-handlers.ts";

export function trafficHandler(
  served: () => ServedBundle,
  log: string | undefined,
  experiment: Experiment | undefined,
): Pick<Handlers, "traffic"> {
  return {
    traffic: async ({ days }, { requestId }) => {
      if (log === undefined) {
        throw new TailrecError("UNKNOWN_ADDRESS", "this service keeps no log; start it with --log FOLDER");
      }
      const traffic = await readTraffic(log);
      const items = served().recommender.bundle.catalog.ids.length;
      const report = monitorTraffic(traffic, { days, items });
      const { window, before, itemDrift, eventDrift } = report;
      const named = report.days.map(({ day, figures }) => ({ day, figures: { ...figures } }));
      const variants = experiment === undefined ? [] : variantsOf(experiment, traffic);
      return { requestId, window: { ...window }, before: { ...before }, itemDrift, eventDrift, days: named, variants };
    },
  };
}

function variantsOf(experiment: Experiment, traffic: Traffic) {
  return reportExperiment(experiment, traffic).variants.map(({ name, users, lists, figures, difference }) => ({
    name,
    users,
    lists,
    clickThrough: users === 0 ? null : figures.clickThrough.value,
    difference: users === 0 || difference === undefined ? null : difference.value,
    p: difference?.p ?? null,
  }));
}
