import { z } from "zod";
import type { Fit } from "../set/schema.js";
import { PreprocessingStep } from "./preprocessing.js";

/** `model.json`: the contract of the weights beside it. */
export const ModelInfo = z.object({
  schema: z.literal(1),
  /** Name of the architecture, or `custom` for a model passed by value. */
  architecture: z.string(),
  /** The architecture's own options, such as its width; absent where it has none. */
  net: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).optional(),
  /** Edge of the square input image in pixels. */
  size: z.number().int().positive(),
  /** Edge of the squares cut out of it, which the network takes; absent where it takes the whole image. */
  crop: z.number().int().positive().optional(),
  channels: z.literal([1, 3]),
  /** The model sees `pixel * scale + offset`, pixels being raw 0..255. */
  scale: z.number(),
  offset: z.number(),
  /** Each image is first given mean 128 and standard deviation 56, rounded and clipped to 0..255. */
  standardize: z.boolean(),
  /** Probabilities are the mean over so many views: 1 the image, 2 and its mirror image, 10 both, shifted four ways; of a crop the centre one, and the four in the corners. */
  views: z.literal([1, 2, 10]),
  /** Class names in output order. */
  classes: z.array(z.string()).min(2),
  parameters: z.number().int(),
  /**
   * Probabilities are p^(1 / temperature), scaled to a sum of 1, where p is what the network gives (the mean over the
   * views); absent where they are p itself.
   */
  temperature: z.number().positive().optional(),
  /** The same once more, as steps in their order; runs of early versions lack them. */
  preprocessing: z.array(PreprocessingStep).optional(),
});
export type ModelInfo = z.infer<typeof ModelInfo>;

/** What makes a face square, as the steps say; `undefined` of runs of early versions, which lack them. */
export const fitOf = ({ preprocessing = [] }: Pick<ModelInfo, "preprocessing">): Fit | undefined =>
  preprocessing.find((step) => step.step === "resize")?.fit;
