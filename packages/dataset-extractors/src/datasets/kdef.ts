/**
 * KDEF (Lundqvist, Flykt and Öhman 1998): 70 people, seven expressions, five angles, two sessions. A name is
 * `<session><sex><id><expression><angle>`: `AF01AFS` is session A, woman 01, afraid, straight. The session is no part
 * of the subject. AKDEF's averaged faces are left out; so are the owner's misnamed files.
 */
import { z } from "zod";
import { defineAdapter } from "../adapter.js";
import type { Expression } from "@fer/core";
import { type NameReading, namedImages, ownNamed } from "../readers/named-images.js";

const NAME = /^[AB]([FM]\d\d)(AF|AN|DI|HA|NE|SA|SU)(FL|HL|S|HR|FR)$/i;
const CODES: Readonly<Record<string, Expression>> = {
  AF: "fear",
  AN: "anger",
  DI: "disgust",
  HA: "happy",
  NE: "neutral",
  SA: "sad",
  SU: "surprise",
};
const ANGLES = { FL: "full-left", HL: "half-left", S: "straight", HR: "half-right", FR: "full-right" } as const;
const Angle = z.enum(Object.values(ANGLES));
/** Pictures of an expression and angle: 70 people in two sessions. */
const PER_ANGLE = 140;

const Options = z.strictObject({
  angles: z
    .array(Angle)
    .min(1)
    .default(["straight"])
    .describe("Angles to take: straight, half-left, half-right, full-left, full-right"),
});

export const kdef = defineAdapter({
  name: "kdef",
  title: "KDEF (Karolinska Directed Emotional Faces)",
  citation: "Lundqvist, Flykt, Öhman, The Karolinska Directed Emotional Faces (KDEF), Karolinska Institutet 1998",
  licence: "Free for non-commercial research, no redistribution",
  homepage: "https://kdef.se",
  access: "Download from the owners after agreeing to their terms",
  imageKind: "photo",
  groupKind: "subject",
  groupSpace: "kdef",
  splits: ["all"],
  ownNames: true,
  verified: "synthetic only",
  options: Options,
  forms: [
    {
      name: "official",
      tree: "KDEF_and_AKDEF/KDEF/AF01/AF01ANS.JPG      140 folders of 35 pictures; 562x762",
      expected: ({ angles }) => [{ mark: "D", counts: Object.keys(CODES).map(() => PER_ANGLE * new Set(angles).size) }],
      detect: (folder) => ownNamed(folder, { isOwn: (stem) => NAME.test(stem), like: "AF01ANS" }),
      async *read(folder, { angles }) {
        yield* namedImages(folder, (name, file) => readName({ name, file, angles }));
      },
    },
  ],
});

interface Named {
  name: string;
  file: string;
  angles: readonly z.infer<typeof Angle>[];
}

function readName({ name, file, angles }: Named): NameReading {
  if (/(^|\/)AKDEF\//i.test(file)) return { reason: "other", detail: "an averaged face of AKDEF" };
  const [, subject, code, angle] = NAME.exec(name.toUpperCase()) ?? [];
  if (subject === undefined) return { reason: "invalid", detail: `the name is not like AF01ANS` };
  const seen = ANGLES[angle as keyof typeof ANGLES];
  if (!angles.includes(seen)) return { reason: "not-chosen", detail: `the angle is ${seen}` };
  return { expression: CODES[code!]!, subject, rawLabel: code! };
}
