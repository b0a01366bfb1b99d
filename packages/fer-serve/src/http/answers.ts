/** What a server answers; its OpenAPI document is made of these. */
import { Problem } from "@fer/core/http";
import { FACES } from "@fer/recognizer";
import { z } from "zod";

const Point = z.tuple([z.number(), z.number()]);

const SeenFace = z.object({
  box: z
    .object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
    .nullable()
    .describe("From the brows to the chin, in pixels of the upright picture; null where the picture is the face"),
  score: z.number().nullable().describe("How sure the detector is, 0 to 1"),
  eyes: z.tuple([Point, Point]).nullable().describe("Centres of both eyes, where they are known"),
  expression: z.string().describe("The likeliest class"),
  confidence: z.number().describe("Its probability"),
  probabilities: z.record(z.string(), z.number()).describe("By class"),
  doubt: z.string().nullable().describe("Why the face may not be one: do not rely on the expression then"),
});

const SeenPicture = z.union([
  z.object({
    width: z.number().int().describe("Of the upright picture"),
    height: z.number().int(),
    faces: z.array(SeenFace).describe("The largest first; none where none was found"),
  }),
  z.object({ error: Problem }).describe("Of a picture among several that cannot be looked at"),
]);

export const Predictions = z.object({ images: z.array(SeenPicture).describe("In the order of the request") });

export const Failure = z.object({ error: Problem });

export const PredictQuery = z.strictObject({
  faces: z
    .enum(FACES)
    .default("auto")
    .describe(
      "crop: each picture is a face that was cut out; detect: it is searched for faces; auto looks which it is",
    ),
});

export const PredictBody = z.strictObject({
  images: z.array(z.string()).min(1).describe("Picture files in base64, or as data: addresses; no other addresses"),
});

const FILE = { type: "string", contentMediaType: "application/octet-stream" };

/** What the document says of each form of a body. */
export const PREDICT_CONTENT: Readonly<Record<string, { schema: object }>> = {
  "image/*": { schema: FILE },
  "application/octet-stream": { schema: FILE },
  "multipart/form-data": {
    schema: { type: "object", properties: { image: { type: "array", items: FILE, description: "Under any name" } } },
  },
  "application/json": { schema: z.toJSONSchema(PredictBody) },
};

export const ModelAnswer = z.object({
  architecture: z.string(),
  classes: z.array(z.string()),
  size: z.number().int().describe("Edge in pixels of the face that it sees"),
  channels: z.number().int(),
  views: z.number().int().describe("Views that a prediction is the mean of"),
  parameters: z.number().int(),
});

export const StateAnswer = z.object({ status: z.string() });
