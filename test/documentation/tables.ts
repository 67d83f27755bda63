/** The tables that the examples of `tailrec init` name, small and real: 40 people, 40 films. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Row, separated, writeParquet } from "../helpers/row-files.ts";

/** Every table of the examples, in `folder`, which is made. */
export async function prepareTables(folder: string): Promise<void> {
  await mkdir(folder);
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const renamed = (names: Readonly<Record<string, string>>) => ratings.map((row) => renameColumns(row, names));
  await write("events.csv", separated(renamed({ userId: "user", movieId: "item", rating: "stars" }), ","));
  await write("items.csv", separated(films, ","));
  await write("ratings.csv", separated(ratings, ","));
  await write("films.csv", separated(films, ","));
  await write("ratings.dat", separated(ratings, "::").replace(/^.*\n/, ""));
  await write("log.tsv", separated(renamed({ userId: "who", movieId: "what" }), "\t"));
  await writeParquet(join(folder, "ratings.parquet"), ratings);
  await write("films.jsonl", films.map((film) => `${JSON.stringify(film)}\n`).join(""));
  await write("people.csv", separated(people, ","));
}

/** Everybody rates ten films. */
const ratings: readonly Row[] = Array.from({ length: 400 }, (_, at) => {
  const [person, place] = [Math.floor(at / 10), at % 10];
  return {
    userId: String(person + 1),
    movieId: String(((7 * person + place) % 40) + 100),
    rating: (0.5 * ((person + place) % 10) + 0.5).toFixed(1),
    timestamp: String(1_528_729_097 + 3600 * at),
  };
});

/** `key` is the id: no name that one guesses. */
const films: readonly Row[] = Array.from({ length: 40 }, (_, film) => ({
  key: String(film + 100),
  title: `The ${["quiet", "last", "lost", "red"][film % 4]} harbour ${film}`,
  genres: ["Drama|Comedy", "Drama", "Western|Drama"][film % 3],
  year: String(1960 + film),
}));

const people: readonly Row[] = Array.from({ length: 40 }, (_, person) => ({
  userId: String(person + 1),
  country: ["Norway", "Chile", "Japan"][person % 3],
}));

function renameColumns(row: Row, names: Readonly<Record<string, string>>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [names[name] ?? name, value]));
}
