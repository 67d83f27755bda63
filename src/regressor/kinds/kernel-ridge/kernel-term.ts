/** A term of the kernel: a form, and the block that it reads. */
import type { KernelForm, KernelScale } from "./kernel-forms.ts";

export interface TermPlace {
  readonly form: KernelForm;
  /** First column of the block in x, and its columns. */
  readonly offset: number;
  readonly dimension: number;
  /** Column of the block's presence bit in x. */
  readonly bit: number;
  /** Whether the sparse rows are read in place of the block's columns. */
  readonly isSparse: boolean;
  /** Columns of the sparse rows that are read, `end` exclusive; all when absent. */
  readonly range?: { readonly begin: number; readonly end: number };
}

export interface KernelTerm extends TermPlace, KernelScale {}
