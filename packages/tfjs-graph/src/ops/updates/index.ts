/** All updates, by the names of their ops. A new one is a file beside these and a line here. */
import { adamUpdate } from "./adam-update.js";
import { averageUpdate } from "./average-update.js";
import { emaUpdate } from "./ema-update.js";
import { sgdMomentumUpdate, sgdUpdate } from "./sgd-update.js";
import type { UpdateOp } from "./update-op.js";

export const updateOps: Readonly<Record<string, UpdateOp>> = {
  SgdUpdate: sgdUpdate,
  SgdMomentumUpdate: sgdMomentumUpdate,
  AdamUpdate: adamUpdate,
  EmaUpdate: emaUpdate,
  AverageUpdate: averageUpdate,
};

export type UpdateName = "SgdUpdate" | "SgdMomentumUpdate" | "AdamUpdate" | "EmaUpdate" | "AverageUpdate";
