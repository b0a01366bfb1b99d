/**
 * Needs FER_CHROMIUM. What a page reads is what Node reads, on every backend; WebGL and WebGPU compute on SwiftShader, a
 * software device. FER_WEB_REPORT names a file for how far they are apart.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Prediction } from "@fer/core/inference";
import { paste, type Picture, toRgb } from "@fer/core/pixels";
import { encodePng, readPicture } from "@fer/dataset-extractors/image";
import { loadModel, openFaceDetector } from "@fer/model";
import { type Face, type RecognizedFace, Recognizer } from "@fer/recognizer";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, openChromium } from "./fixtures/chromium.js";
import type { Site } from "./fixtures/site.mjs";
import { frames, HAPPY, inPage, startHost, temporaryFolder } from "./fixtures/workplace.js";

/** How far probabilities may be from Node's, and boxes, in pixels. */
const NEAR = { probability: 1e-3, pixels: 0.5 };

interface Answer {
  faces: RecognizedFace[];
  given: RecognizedFace[];
  whole: Prediction[];
}

/** A face without eyes, as a user's own box. */
const GIVEN: Face = { box: { x: 60, y: 50, width: 150, height: 170 }, score: 1, eyes: null };

describe.skipIf(CHROMIUM === undefined)("headless Chromium (FER_CHROMIUM)", () => {
  const folder = temporaryFolder();
  const sites: Record<"plain" | "isolated", Site> = {} as never;
  let browser: Browser;
  let ofNode: Record<string, Answer>;

  beforeAll(async () => {
    const pictures: Record<string, Picture> = { grey: await readPicture(join(frames, HAPPY)) };
    pictures["colours"] = inColours(pictures["grey"]!);
    for (const [name, picture] of Object.entries(pictures))
      writeFileSync(join(folder.path, `${name}.png`), encodePng(picture));
    const serves = { "/pictures/": folder.path };
    sites.plain = await startHost({ serves });
    sites.isolated = await startHost({ serves, isIsolated: true });
    browser = await openChromium();
    const detector = await openFaceDetector();
    const model = await loadModel("@fer/weights/fer2013");
    const recognizer = new Recognizer({ detector, model });
    ofNode = {};
    for (const [name, picture] of Object.entries(pictures)) {
      ofNode[name] = {
        faces: await recognizer.recognize(picture),
        given: await recognizer.expressionsOf(picture, { faces: [GIVEN] }),
        whole: await recognizer.expressions([picture]),
      };
    }
    detector.dispose();
    model.dispose();
  });
  afterAll(async () => {
    await browser?.close();
    for (const site of Object.values(sites)) site.close();
    folder.remove();
  });

  test.each([
    { backend: "wasm", site: "plain", device: /^1 thread$/, pictures: ["grey", "colours"] },
    { backend: "wasm", site: "isolated", device: /^1 thread$/, pictures: ["grey"] },
    { backend: "webgl", site: "plain", device: /SwiftShader/, pictures: ["grey", "colours"] },
    // Minutes a picture on SwiftShader, on a busy machine.
    { backend: "webgpu", site: "plain", device: /swiftshader/i, pictures: ["colours"] },
  ] as const)(
    "$backend reads what Node reads, found and given faces, on a page that is $site",
    { timeout: 900_000 },
    async ({ backend, site, device, pictures }) => {
      const page = await browser.newPage();
      await page.goto(sites[site].address);
      const found = await inPage<{ isolated: boolean; device: string; name: string; answers: Record<string, Answer> }>(
        page,
        `const recognizer = await web.createRecognizer({ backend: "${backend}" });
         const answers = {};
         for (const name of ${JSON.stringify(pictures)}) {
           const file = await (await fetch("/pictures/" + name + ".png")).blob();
           answers[name] = {
             faces: await recognizer.recognize(file),
             given: await recognizer.expressionsOf(file, { faces: [${JSON.stringify(GIVEN)}] }),
             whole: await recognizer.expressions([file]),
           };
         }
         recognizer.dispose();
         return { isolated: crossOriginIsolated, ...recognizer.backend, answers };`,
      );
      await page.close();
      expect(found.isolated).toBe(site === "isolated");
      expect(found.name).toBe(backend);
      expect(found.device).toMatch(device);
      let most = 0;
      for (const name of pictures) {
        const node = ofNode[name]!;
        const answer = found.answers[name]!;
        expect(node.faces).toHaveLength(1);
        for (const kind of ["faces", "given", "whole"] as const) {
          expect(answer[kind].map(({ expression }) => expression)).toEqual(
            node[kind].map(({ expression }) => expression),
          );
          for (const [at, { probabilities }] of node[kind].entries()) {
            for (const [label, share] of Object.entries(probabilities))
              most = Math.max(most, Math.abs(share - answer[kind][at]!.probabilities[label]!));
          }
        }
        for (const side of ["x", "y", "width", "height"] as const) {
          const distance = Math.abs(answer.faces[0]!.box[side] - node.faces[0]!.box[side]);
          expect(distance).toBeLessThan(NEAR.pixels);
        }
        expect(Object.keys(answer.faces[0]!).toSorted()).toEqual(Object.keys(node.faces[0]!).toSorted());
      }
      const report = process.env["FER_WEB_REPORT"];
      if (report !== undefined) appendFileSync(report, `${backend}, ${site}: ${most.toExponential(1)} from Node\n`);
      expect(most).toBeLessThan(NEAR.probability);
    },
  );
});

/** The same face within a larger picture of colours. */
function inColours(face: Picture): Picture {
  const [width, height] = [400, 320];
  const into: Picture = { width, height, channels: 3, data: new Uint8Array(width * height * 3) };
  for (let i = 0; i < width * height; i++) into.data.set([(i % width) >> 1, 90, Math.floor(i / width) >> 1], i * 3);
  const tinted = toRgb(face);
  for (let i = 0; i < tinted.data.length; i += 3) tinted.data[i + 2] = tinted.data[i + 2]! * 0.8;
  paste(tinted, { into, x: 70, y: 40 });
  return into;
}
