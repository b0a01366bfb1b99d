/** From what the browser decoded to a picture of bytes. */
import { FormatError } from "@fer/core/errors";
import { type Picture, pictureOf } from "@fer/core/pixels";
import type { Carried } from "../protocol.js";

/**
 * The pixels of a picture; what held them is closed.
 *
 * @throws FormatError `BAD_PICTURE`
 */
export async function picturePixels(source: Carried): Promise<Picture> {
  if ("channels" in source) return source;
  if ("rgba" in source) {
    const { width, height, rgba } = source;
    return pictureOf(new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.byteLength), { width, height, channels: 4 });
  }
  if (source instanceof Blob) return drawn(await decoded(source));
  return drawn(source);
}

/** As the file has it: no change of colours, turned as its EXIF says. */
const decoded = (file: Blob): Promise<ImageBitmap> =>
  createImageBitmap(file, { colorSpaceConversion: "none", imageOrientation: "from-image" }).catch((cause: unknown) => {
    const { name, type, size } = file as Blob & Partial<File>;
    throw new FormatError({
      code: "BAD_PICTURE",
      subject: name ?? "picture",
      found: `the browser cannot decode it (${type || "no type"}, ${size} bytes)`,
      expected: "a picture that it shows, such as JPEG, PNG or WebP",
      cause,
    });
  });

let canvas: OffscreenCanvas | undefined;

function drawn(source: ImageBitmap | VideoFrame): Picture {
  const [width, height] =
    "displayWidth" in source ? [source.displayWidth, source.displayHeight] : [source.width, source.height];
  try {
    canvas ??= new OffscreenCanvas(width, height);
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d", { willReadFrequently: true, alpha: false })!;
    context.drawImage(source, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return pictureOf(new Uint8Array(data.buffer), { width, height, channels: 4 });
  } catch (cause) {
    canvas = undefined;
    throw new FormatError({
      code: "BAD_PICTURE",
      subject: "picture",
      found: `its ${width} x ${height} pixels cannot be read (${(cause as Error).message})`,
      fix: "Pass a smaller picture, and one of the page's own origin",
      cause,
    });
  } finally {
    source.close();
  }
}
