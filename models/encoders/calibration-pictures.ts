/** Seeded abstract pictures: a plain ground and a few ellipses and boxes, each of one colour or of waves between two. */
import type { Random } from "../../src/math/random.ts";

type Colour = readonly [number, number, number];

const SHAPES_AT_MOST = 4;

/** Planes of one picture, 3 x size x size, values in [0, 1]. */
export function calibrationPicture(random: Random, size: number): Float32Array {
  const planes = new Float32Array(3 * size * size);
  const ground = randomColour(random);
  paint(planes, size, () => ground);
  const shapes = 1 + random.integer(SHAPES_AT_MOST);
  for (let s = 0; s < shapes; s++) {
    const inside = randomOutline(random, size);
    const fill = randomFill(random, size);
    paint(planes, size, (x, y) => (inside(x, y) ? fill(x, y) : undefined));
  }
  return planes;
}

function paint(planes: Float32Array, size: number, colourAt: (x: number, y: number) => Colour | undefined): void {
  for (let p = 0; p < size * size; p++) {
    const colour = colourAt(p % size, Math.floor(p / size));
    if (colour !== undefined) for (let c = 0; c < 3; c++) planes[c * size * size + p] = colour[c];
  }
}

function randomColour(random: Random): Colour {
  return [random.next(), random.next(), random.next()];
}

/** An ellipse or a box around a point of the picture. */
function randomOutline(random: Random, size: number): (x: number, y: number) => boolean {
  const [x0, y0] = [random.next() * size, random.next() * size];
  const [rx, ry] = [(0.1 + 0.4 * random.next()) * size, (0.1 + 0.4 * random.next()) * size];
  if (random.next() < 0.5) return (x, y) => ((x - x0) / rx) ** 2 + ((y - y0) / ry) ** 2 < 1;
  return (x, y) => Math.abs(x - x0) < rx && Math.abs(y - y0) < ry;
}

/** One colour, or a wave of 3 to 20 periods between two, along one direction or two. */
function randomFill(random: Random, size: number): (x: number, y: number) => Colour {
  const [a, b] = [randomColour(random), randomColour(random)];
  if (random.next() < 0.4) return () => a;
  const wave = randomWave(random, size);
  const other = random.next() < 0.5 ? wave : randomWave(random, size);
  return (x, y) => (wave(x, y) * other(x, y) > 0 ? a : b);
}

function randomWave(random: Random, size: number): (x: number, y: number) => number {
  const angle = Math.PI * random.next();
  const frequency = (2 * Math.PI * (3 + 17 * random.next())) / size;
  const [fx, fy] = [frequency * Math.cos(angle), frequency * Math.sin(angle)];
  const phase = 2 * Math.PI * random.next();
  const threshold = random.next() - 0.5;
  return (x, y) => Math.sin(fx * x + fy * y + phase) - threshold;
}
