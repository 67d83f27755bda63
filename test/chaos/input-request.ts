/** What the process that reads damaged inputs is asked, and what it answers. */

/** What is read: a file as the items or the events of a shop, a pipeline file's text, or a picture. */
export type InputRequest =
  | { readonly role: "items"; readonly path: string }
  | { readonly role: "events"; readonly path: string; readonly items: string }
  | { readonly role: "pipeline"; readonly text: string }
  | { readonly role: "picture"; readonly base64: string };

export interface InputAnswer {
  /** READ, SET_ASIDE, the code of an error of ours, or the stack of any other. */
  readonly ending: string;
}

export const READ = "read";
/** A picture that its item does without. */
export const SET_ASIDE = "set aside";
