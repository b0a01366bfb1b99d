import { type TrainerOptions, selectEngine } from "@fer/model";

/** One line: what will train, on what, and why that. The trainer chooses in the same way. */
export async function chosenEngine(name: TrainerOptions["engine"]): Promise<string> {
  const { status, reason } = await selectEngine(name);
  return `engine ${status.name}${status.device === undefined ? "" : ` on ${status.device}`} (${reason})`;
}
