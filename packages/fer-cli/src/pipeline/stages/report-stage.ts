import type { Stage } from "../stage.js";
export function reportStage(run: string, after: readonly string[]): Stage {
  return {
    name: "report",
    to: `${run}/report.html`,
    inputs: () => ({ after }),
    existing: async () => undefined,
    discard: () => {},
    run: async () => ({ text: "", json: null, output: "" }),
  };
}
