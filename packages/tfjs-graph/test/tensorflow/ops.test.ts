/** Every rule of the TensorFlow lowering against eager tfjs, with all peepholes and with none. */
import { compileTensorFlow, TENSORFLOW_PEEPHOLES, type TensorFlowPeephole } from "@fer/tfjs-graph";
import { describe, expect, test } from "vitest";
import { checkOp, opCases } from "../op-cases.ts";
import { tensorFlow } from "../engines.ts";

describe.skipIf(tensorFlow === null).each([
  { which: "all peepholes", peepholesOff: [] },
  { which: "no peephole", peepholesOff: Object.keys(TENSORFLOW_PEEPHOLES) as TensorFlowPeephole[] },
])("in TensorFlow, with $which", ({ peepholesOff }) => {
  test.each(Object.entries(opCases))("%s is that of eager tfjs", async (_, example) => {
    const checked = checkOp(example, async (graph, inputs) => {
      const compiled = compileTensorFlow(graph, { runtime: tensorFlow!, peepholesOff });
      try {
        return compiled.run(inputs);
      } finally {
        compiled.dispose();
      }
    });
    await expect(checked).resolves.toBeUndefined();
  });
});
