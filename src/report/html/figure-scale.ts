/** Scales of the plots: places along an axis as percentages, so that a plot fits any width without scaling its text. */
import { scaleLinear, scaleLog, scalePoint } from "d3-scale";

export interface Tick {
  /** Percent from the start of the axis. */
  readonly at: number;
  readonly label: string;
}

export interface Axis {
  /** Percent from the start of the axis. */
  place(value: number): number;
  readonly ticks: readonly Tick[];
}

/** A plot of nothing but zeros still has an axis that can be read. */
const SMALLEST = 0.01;

/** From 0, or from the least value where that is negative, to a round number above `maximum`. */
export function figureAxis(maximum: number, ticks = 4, minimum = 0): Axis {
  const scale = scaleLinear([Math.min(0, minimum), Math.max(maximum, SMALLEST)], [0, 100]).nice(ticks);
  const format = scale.tickFormat(ticks);
  return {
    place: (value) => percent(scale(value)),
    ticks: scale.ticks(ticks).map((tick) => ({ at: percent(scale(tick)), label: shortened(format(tick)) })),
  };
}

/** From 1 to the maximum, with powers of ten. */
export function logAxis(maximum: number): Axis {
  const top = Math.max(maximum, 10);
  const scale = scaleLog([1, top], [0, 100]);
  const powers = Array.from({ length: Math.floor(Math.log10(top)) + 1 }, (_, power) => 10 ** power);
  return {
    place: (value) => percent(scale(Math.max(value, 1))),
    ticks: powers.map((power) => ({ at: percent(scale(power)), label: power.toLocaleString("en-US") })),
  };
}

/** The values themselves, evenly spaced: for settings such as n = 0, 1, 3, 10, 30. */
export function stepAxis(values: readonly number[]): Axis {
  const scale = scalePoint(values, [0, 100]).padding(0.35);
  const place = (value: number) => percent(scale(value) ?? 0);
  return { place, ticks: values.map((value) => ({ at: place(value), label: String(value) })) };
}

/** ".05" for "0.05", "1" for "1.0", "0" for "0.00". */
function shortened(label: string): string {
  return Number(label) === 0 ? "0" : label.replace(/^0\./, ".").replace(/^([1-9]\d*)\.0+$/, "$1");
}

function percent(value: number): number {
  return Number(value.toFixed(2));
}
