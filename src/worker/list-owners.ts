/** What the job `lists` makes lists for: known users, known items, or vectors. Its name is that of a column of the rows. */
export const listOwners = ["user", "item", "vector"] as const;

export type ListOwner = (typeof listOwners)[number];
