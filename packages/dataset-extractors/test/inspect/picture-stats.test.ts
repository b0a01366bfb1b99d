import { expect, it } from "vitest";
import { isBlack, isBlank, pictureStats } from "../../dist/inspect/picture-stats.js";

it("measures sharpness as OpenCV's Laplacian does", () => {
  // g = np.array([i * i % 256 % 251 for i in range(20)], np.uint8).reshape(4, 5); cv2.Laplacian(g, cv2.CV_64F).std()
  const grey = Uint8Array.from({ length: 20 }, (_, i) => ((i * i) % 256) % 251);
  const { sharpness, min, max, mean } = pictureStats({ width: 5, height: 4, channels: 1, data: grey });
  expect(sharpness).toBeCloseTo(234.232277878178, 6);
  expect([min, max, mean]).toEqual([0, 225, 72.3]);
});

it("tells black from blank from a picture", () => {
  const of = (...values: number[]) =>
    pictureStats({ width: values.length, height: 1, channels: 1, data: Uint8Array.from(values) });
  expect([of(0, 0, 3), of(200, 201, 203), of(0, 90, 200)].map((stats) => [isBlack(stats), isBlank(stats)])).toEqual([
    [true, false],
    [false, true],
    [false, false],
  ]);
});
