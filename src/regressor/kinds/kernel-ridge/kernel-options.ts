/** Options of kernel ridge. */
import { z } from "zod";
import { penaltyOptions } from "../../penalty-choice.ts";
import { kernelFormNames } from "./kernel-forms.ts";

const formSchema = z.enum(kernelFormNames);

export const kernelRidgeOptions = {
  ...penaltyOptions,
  kernelRidge: z
    .strictObject({
      forms: z.array(formSchema).min(1).default(["rbf"]).describe("kernels of every block, summed"),
      blockForms: z
        .record(z.string(), z.array(formSchema))
        .default({})
        .describe("kernels of single blocks by name, in place of forms; an empty list leaves the block out"),
      byField: z
        .number()
        .min(0)
        .max(1)
        .default(0.5)
        .describe(
          "part of the rbf kernel of fields that is a sum of one a field, each by its share; the rest looks at all fields together",
        ),
      bandwidths: z
        .array(z.number().positive())
        .min(1)
        .default([1, 0.7, 1.4])
        .describe("widths of the rbf kernel to try, against the median distance of items"),
      maximumTeachers: z
        .int()
        .min(5)
        .default(8000)
        .describe(
          "with more training items than this, landmarks span the solution; memory and time grow with its square and cube",
        ),
      landmarks: z
        .union([z.literal("auto"), z.int().min(5)])
        .default("auto")
        .describe("size of the seeded sample of landmarks; auto: 1,500, and more while items are few enough"),
    })
    .prefault({})
    .describe("ridge in dual form on kernels of the blocks"),
};

export type KernelRidgeOptions = z.output<z.ZodObject<typeof kernelRidgeOptions>>;
