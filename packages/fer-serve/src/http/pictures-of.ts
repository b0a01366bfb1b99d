/** The pictures of a request, in whichever of the forms they come. What is not understood is refused, never left out. */
import { HttpProblem } from "@fer/core/http";
import { Busboy } from "@fastify/busboy";
import type { FastifyRequest } from "fastify";
import { PredictBody } from "./answers.js";

/** Media types of a body. */
export const JSON_TYPE = "application/json";
export const FORM_TYPE = "multipart/form-data";

export interface PictureLimits {
  /** Pictures of a request. */
  maxImages: number;
}

/**
 * Bytes of picture files, in the order of the request.
 *
 * @throws HttpProblem 4xx.
 */
export async function picturesOf(
  { headers, body }: Pick<FastifyRequest, "headers" | "body">,
  limits: PictureLimits,
): Promise<Uint8Array[]> {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new HttpProblem(400, { code: "NO_BODY", message: "The request has no body: send a picture" });
  }
  const type = headers["content-type"] ?? "";
  const kind = type.split(";", 1)[0]!.trim().toLowerCase();
  if (kind === JSON_TYPE) return ofJson(body, limits);
  if (kind === FORM_TYPE) return ofForm(body, { type, ...limits });
  return [body];
}

const bad = (code: string, message: string): HttpProblem => new HttpProblem(400, { code, message });

const tooMany = ({ maxImages }: PictureLimits): HttpProblem =>
  new HttpProblem(413, {
    code: "TOO_MANY_IMAGES",
    message: `More than ${maxImages} pictures: send them in several requests`,
  });

const fetchesNothing = (): HttpProblem =>
  new HttpProblem(422, {
    code: "URL_REFUSED",
    message: "This server fetches nothing: send the picture itself, not its address",
  });

function ofJson(body: Buffer, limits: PictureLimits): Buffer[] {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw bad("BAD_JSON", "The body is not JSON");
  }
  const parsed = PredictBody.safeParse(value);
  if (!parsed.success) {
    if (typeof value === "object" && value !== null && ["url", "urls"].some((key) => key in value))
      throw fetchesNothing();
    throw bad("BAD_BODY", 'Expected { "images": ["<base64>", ...] } and nothing else');
  }
  const { images } = parsed.data;
  if (images.length > limits.maxImages) throw tooMany(limits);
  return images.map(ofBase64);
}

const DATA_ADDRESS = /^data:[\w.+/;=-]{0,128};base64,/i;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

function ofBase64(text: string, at: number): Buffer {
  const start = DATA_ADDRESS.exec(text.slice(0, 160))?.[0].length ?? 0;
  if (start === 0 && /^[a-z][a-z0-9+.-]{1,15}:/i.test(text)) throw fetchesNothing();
  const digits = text.slice(start).replaceAll(/[\r\n]/g, "");
  if (!BASE64.test(digits) || digits.replaceAll("=", "").length % 4 === 1)
    throw bad("BAD_BASE64", `images[${at}] is not base64`);
  return Buffer.from(digits, "base64");
}

function ofForm(body: Buffer, { type, maxImages }: PictureLimits & { type: string }): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const pictures: Buffer[] = [];
    const refuse = (problem: HttpProblem): void => reject(problem);
    const malformed = (): void => refuse(bad("BAD_FORM", "The multipart body is malformed or cut off"));
    let parser: InstanceType<typeof Busboy>;
    try {
      parser = new Busboy({
        headers: { "content-type": type },
        limits: { files: maxImages, fields: 1, parts: maxImages + 1, headerPairs: 32, headerSize: 4096 },
      });
    } catch {
      return malformed();
    }
    parser.on("file", (_name, file) => {
      const pieces: Buffer[] = [];
      file.on("data", (piece: Buffer) => pieces.push(piece));
      file.on("error", malformed);
      file.on("end", () => pictures.push(Buffer.concat(pieces)));
    });
    parser.on("field", () =>
      refuse(bad("NOT_A_FILE", "A part of the form is no file: parts are pictures, options go into the address")),
    );
    parser.on("filesLimit", () => refuse(tooMany({ maxImages })));
    parser.on("partsLimit", () => refuse(tooMany({ maxImages })));
    parser.on("error", malformed);
    parser.on("finish", () => {
      if (pictures.length === 0) refuse(bad("NO_FILE", "The form has no file"));
      else resolve(pictures);
    });
    parser.end(body);
  });
}
