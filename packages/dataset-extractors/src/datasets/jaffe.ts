/**
 * JAFFE (Lyons, Kamachi and Gyoba 1998): 213 grey photos of ten women, all in one folder. A name is
 * `<subject>.<expression><take>.<picture number>`, as in `KA.AN1.39.tiff`. FE is fear (KDEF writes AF).
 */
import { z } from "zod";
import { defineAdapter } from "../adapter.js";
import type { Expression } from "@fer/core";
import { namedImages, ownNamed } from "../readers/named-images.js";

const NAME = /^(K[ALMR]|MK|N[AM]|TM|UY|YM)\.(AN|DI|FE|HA|NE|SA|SU)(\d)\.(\d{1,3})$/i;
const CODES: Readonly<Record<string, Expression>> = {
  AN: "anger",
  DI: "disgust",
  FE: "fear",
  HA: "happy",
  NE: "neutral",
  SA: "sad",
  SU: "surprise",
};

export const jaffe = defineAdapter({
  name: "jaffe",
  title: "JAFFE (Japanese Female Facial Expression)",
  citation:
    "Lyons, Kamachi, Gyoba, The Japanese Female Facial Expression (JAFFE) Dataset, Zenodo 1998, doi:10.5281/zenodo.3451524",
  licence: "Non-commercial research, no redistribution, citation compulsory",
  homepage: "https://zenodo.org/records/3451524",
  access: "Request it from the owners on Zenodo",
  imageKind: "photo",
  groupKind: "subject",
  groupSpace: "jaffe",
  splits: ["all"],
  ownNames: true,
  verified: "synthetic only",
  options: z.strictObject({}),
  forms: [
    {
      name: "official",
      tree: "jaffe/KA.AN1.39.tiff ...      213 pictures, 256x256; also as .jpg, .png, .bmp",
      expected: [{ mark: "V", counts: [30, 30, 29, 32, 31, 31, 30] }],
      detect: (folder) => ownNamed(folder, { isOwn: (stem) => NAME.test(stem), like: "KA.AN1.39" }),
      async *read(folder) {
        yield* namedImages(folder, (name) => {
          const [, subject, code] = NAME.exec(name.toUpperCase()) ?? [];
          if (subject === undefined) return { reason: "invalid", detail: "the name is not like KA.AN1.39" };
          return { expression: CODES[code!]!, subject, rawLabel: code! };
        });
      },
    },
  ],
});
