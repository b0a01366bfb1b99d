import { stat } from "node:fs/promises";

/** Whether there is a file at a path, and not a folder. */
export const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isFile() ?? false;
