/** Which frames of a clip become samples. Neighbours show nearly the same, so "all" is rarely what training needs. */
import { z } from "zod";

/** Options of adapters for clips. */
export const Frames = z.strictObject({
  frames: z
    .enum(["all", "middle", "spread"])
    .default("all")
    .describe("Frames taken of a clip: all (or every n-th), the middle one, or some spread evenly"),
  every: z.number().int().min(1).default(1).describe("With frames all: take every n-th, beginning with the first"),
  count: z.number().int().min(1).default(5).describe("With frames spread: how many, from the first to the last"),
});
export type Frames = z.infer<typeof Frames>;

/** The chosen frames of a clip, in order, none of them twice. */
export function chooseFrames<T>(frames: readonly T[], { frames: choice, every, count }: Frames): T[] {
  if (choice === "all") return frames.filter((_, i) => i % every === 0);
  const last = frames.length - 1;
  if (choice === "middle" || count === 1) return frames.slice(last >> 1, (last >> 1) + 1);
  if (count >= frames.length) return [...frames];
  return Array.from({ length: count }, (_, i) => frames[Math.round((i * last) / (count - 1))]!);
}
