/**
 * RaFD (Langner et al. 2010), not RAF-DB: 67 people, eight expressions, five angles, three gazes, all in one folder. A
 * name is `Rafd<angle>_<model>_<ethnicity>_<gender>_<expression>_<gaze>`, six fields; croppers put a prefix before it.
 * 120 pictures of each person: split by subject.
 */
import { z } from "zod";
import { defineAdapter } from "../adapter.js";
import { EXPRESSIONS, type Expression } from "@fer/core";
import { type NameReading, namedImages, ownNamed } from "../readers/named-images.js";

const ANGLES = ["000", "045", "090", "135", "180"] as const;
const GAZES = ["frontal", "left", "right"] as const;
const CODES: ReadonlyMap<string, Expression> = new Map([
  ["angry", "anger"],
  ["contemptuous", "contempt"],
  ["disgusted", "disgust"],
  ["fearful", "fear"],
  ["happy", "happy"],
  ["neutral", "neutral"],
  ["sad", "sad"],
  ["surprised", "surprise"],
]);
const FIELDS = [
  /^rafd(000|045|090|135|180)$/,
  /^\d\d$/,
  /^(caucasian|moroccan|kid)$/,
  /^(male|female)$/,
  null,
  /^(frontal|left|right)$/,
] as const;
const EXPRESSION = 4;
/** People; each is shown once for an expression, angle and gaze. */
const PEOPLE = 67;

const Options = z.strictObject({
  angles: z
    .array(z.enum(ANGLES))
    .min(1)
    .default(["090"])
    .describe("Camera angles to take: 090 is frontal, 000 and 180 are profiles"),
  gazes: z
    .array(z.enum(GAZES))
    .min(1)
    .default(["frontal"])
    .describe("Directions of gaze to take: frontal, left, right"),
});
type Options = z.infer<typeof Options>;

export const rafd = defineAdapter({
  name: "rafd",
  title: "RaFD (Radboud Faces Database)",
  citation:
    "Langner, Dotsch, Bijlstra, Wigboldus, Hawk, van Knippenberg, Presentation and Validation of the Radboud Faces Database, Cognition and Emotion 2010",
  licence: "On request for accredited researchers; scientific, non-commercial, no redistribution",
  homepage: "https://rafd.socsci.ru.nl",
  access: "Request it from the owners (rafd.nl)",
  imageKind: "photo",
  groupKind: "subject",
  groupSpace: "rafd",
  splits: ["all"],
  ownNames: true,
  verified: "synthetic only",
  options: Options,
  forms: [
    {
      name: "official",
      tree: "Rafd090_28_Caucasian_male_angry_frontal.jpg ...      flat, or sorted into folders",
      expected: ({ angles, gazes }) => [
        { mark: "D", counts: EXPRESSIONS.map(() => PEOPLE * new Set(angles).size * new Set(gazes).size) },
      ],
      detect: (folder) =>
        ownNamed(folder, {
          isOwn: (stem) => fieldsOf(stem) !== undefined,
          like: "Rafd090_28_Caucasian_male_angry_frontal",
        }),
      async *read(folder, options) {
        yield* namedImages(folder, (name) => readName(name, options));
      },
    },
  ],
});

/** The six fields in lower case, from `Rafd` on; `undefined` where one of them is not as it should be. */
function fieldsOf(name: string): string[] | undefined {
  const own = /(^|[^a-z])(rafd\d{3}_.*)$/.exec(name.toLowerCase())?.[2]?.split("_");
  const valid =
    own?.length === FIELDS.length &&
    FIELDS.every((field, i) => (field === null ? CODES.has(own[i]!) : field.test(own[i]!)));
  return valid ? own : undefined;
}

function readName(name: string, { angles, gazes }: Options): NameReading {
  const fields = fieldsOf(name);
  if (fields === undefined) return { reason: "invalid", detail: "the name does not have the six fields of RaFD" };
  const [angle, model, , , expression, gaze] = fields as [
    string,
    string,
    string,
    string,
    string,
    (typeof GAZES)[number],
  ];
  const seen = angle.slice(-3) as (typeof ANGLES)[number];
  if (!angles.includes(seen) || !gazes.includes(gaze))
    return { reason: "not-chosen", detail: `the angle is ${seen}, the gaze ${gaze}` };
  return { expression: CODES.get(expression)!, subject: model, rawLabel: fields[EXPRESSION]! };
}
