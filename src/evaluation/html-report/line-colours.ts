/** Colours of lines: the reference has the accent, every other model one of eight that differ for the colour-blind too. */
const COLOURS = 8;

export function colourOf(name: string, reference: string, place: number): string {
  return name === reference ? "reference" : `c${place % COLOURS}`;
}
