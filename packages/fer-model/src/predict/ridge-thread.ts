/** The thread of `predictBaselines`: fits the ridge classifier and predicts with it. */
import { fitRidge, type PixelRows } from "../baselines/ridge.js";
import { answer } from "../thread.js";

export interface RidgeWork {
  train: PixelRows;
  classes: number;
  /** `[n, features]`, 0..255. */
  test: Uint8Array;
}

await answer(async ({ train, classes, test }: RidgeWork): Promise<Int32Array> => {
  const ridge = await fitRidge(train, { classes });
  return ridge.predict(test);
});
