/**
 * What travels between the pool and its threads: one text a batch, and one block with the pixels of all its pictures.
 * A structured clone of the tasks and results takes several times as long, as long as a small picture itself.
 */
import type { PictureResult, PictureTask } from "./extract-picture.js";

export interface BatchMessage {
  /** JSON of the tasks; a picture has the length of its pixels in place of them. */
  tasks: string;
  /** The pixels, one picture behind the other. */
  pixels: Uint8Array<ArrayBuffer>;
}

/** Packs tasks; the block of pixels may change hands. */
export function packTasks(tasks: readonly PictureTask[]): BatchMessage {
  const pictures = tasks.flatMap(({ image }) => (typeof image === "string" ? [] : [image]));
  const pixels = new Uint8Array(pictures.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of pictures) {
    pixels.set(data, at);
    at += data.length;
  }
  return {
    tasks: JSON.stringify(tasks, (key, value: unknown) => (isPixels(key, value) ? value.length : value)),
    pixels,
  };
}

export function unpackTasks(message: BatchMessage): PictureTask[] {
  const tasks = JSON.parse(message.tasks) as PictureTask[];
  let at = 0;
  for (const { image } of tasks) {
    if (typeof image === "string") continue;
    const length = image.data as unknown as number;
    image.data = message.pixels.subarray(at, (at += length));
  }
  return tasks;
}

const isPixels = (key: string, value: unknown): value is Uint8Array => key === "data" && value instanceof Uint8Array;

export const packResults = (results: readonly PictureResult[]): string => JSON.stringify(results);
export const unpackResults = (results: string): PictureResult[] => JSON.parse(results) as PictureResult[];
