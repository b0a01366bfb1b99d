/** What a server is told. */
import { Fit } from "@fer/core/set";
import { DecoderName } from "@fer/dataset-extractors/options";
import { VIEWS } from "@fer/core/inference";
import { ENGINES } from "@fer/model";
import { z } from "zod";

export const ServeOptions = z.strictObject({
  model: z
    .string()
    .min(1)
    .describe("Run folder, what fer export wrote, a model file, or an installed package that holds either"),
  host: z.string().min(1).default("127.0.0.1").describe("Address to listen at; any but a loopback one needs a key"),
  port: z.number().int().min(0).max(65_535).default(8080).describe("Port to listen at; 0 takes a free one"),
  keyFile: z
    .string()
    .optional()
    .describe("File whose first line is the key that requests must bear; the variable FER_SERVE_KEY holds one too"),
  hosts: z
    .array(z.string().min(1))
    .default([])
    .describe("Names that a request may call the server by (Host), beside its address and localhost"),
  origins: z
    .array(
      z
        .url()
        .refine(
          (origin) => URL.canParse(origin) && new URL(origin).origin === origin,
          "an origin, such as https://example.org",
        ),
    )
    .default([])
    .describe("Web pages, as https://example.org, whose scripts may ask; all others are refused"),
  views: z
    .literal(VIEWS)
    .optional()
    .describe(
      "Views of a face that a prediction is the mean of; those of the model if left out, and 1 is several times as fast as 10",
    ),
  smallest: z
    .number()
    .positive()
    .optional()
    .describe("Width in pixels of the smallest face that is searched for; 24, or a 32nd of the picture, if left out"),
  fit: Fit.optional().describe("What makes a face that was cut out square; as in the set of the training if left out"),
  decoder: DecoderName.default("jimp").describe("Library that decodes pictures; sharp is faster and optional"),
  engine: z
    .enum(["auto", ...ENGINES])
    .default("auto")
    .describe("What runs the model where onnxruntime is not installed"),
  workers: z.number().int().min(1).max(64).default(1).describe("Processes that share the port"),
  threads: z
    .number()
    .int()
    .min(0)
    .max(64)
    .default(0)
    .describe("Threads of a process that decode, find faces and run the model; 0 shares the cores out, at most 8"),
  maxBatch: z
    .number()
    .int()
    .min(1)
    .max(256)
    .default(32)
    .describe("Faces, of whichever requests, that the model is given at once"),
  maxWait: z.number().min(0).max(1000).default(2).describe("Milliseconds that a face waits for others to fill a batch"),
  maxBody: z.number().positive().max(1024).default(20).describe("Megabytes of a request"),
  maxPixels: z
    .number()
    .positive()
    .max(100)
    .default(25)
    .describe("Millions of pixels of a picture, looked up before it is decoded"),
  maxImages: z.number().int().min(1).max(1024).default(64).describe("Pictures of a request"),
  maxQueue: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(512)
    .describe("Requests that are under way at once; more are sent away with 429"),
  maxMemory: z
    .number()
    .positive()
    .max(1_000_000)
    .default(512)
    .describe("Megabytes of requests that are under way at once; more are sent away with 429"),
  timeout: z
    .number()
    .positive()
    .max(3600)
    .default(30)
    .describe("Seconds that a request may take to arrive, and to be answered"),
  grace: z.number().min(0).max(3600).default(30).describe("Seconds that what was accepted may take after SIGTERM"),
  log: z
    .enum(["debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("Least level of the lines of the log"),
});
export type ServeOptions = z.infer<typeof ServeOptions>;
