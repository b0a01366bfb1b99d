/** Files that are not pictures, and pictures of kinds that are not read, by how they begin: each is called by its name. */

const PNG = "convert it to PNG or JPEG";

/** What a file begins with (small letters), at a place, and what it is then. */
const BEGINNINGS: readonly { at?: number; with: string; is: string }[] = [
  { with: "version https://git-lfs", is: 'a Git LFS pointer, not the image: run "git lfs pull"' },
  { with: "<!doctype", is: "a web page, not an image" },
  { with: "<html", is: "a web page, not an image" },
  { with: "<svg", is: `an SVG drawing, which is not read: ${PNG}` },
  { with: "\xff\x0a", is: `a JPEG XL picture, which no decoder here reads: ${PNG} (djxl)` },
  { at: 4, with: "jxl \r\n\x87\n", is: `a JPEG XL picture, which no decoder here reads: ${PNG} (djxl)` },
  {
    at: 4,
    with: "jp  \r\n\x87\n",
    is: `a JPEG 2000 picture, which no decoder here reads: ${PNG} (opj_decompress, ImageMagick)`,
  },
  { with: "\xffo\xffq", is: `a JPEG 2000 picture, which no decoder here reads: ${PNG} (opj_decompress, ImageMagick)` },
  { with: "8bps", is: `a Photoshop document, which is not read: ${PNG}` },
  { with: "\0\0\x01\0", is: `a Windows icon, which is not read: ${PNG}` },
  { with: "#?radiance", is: `a Radiance picture, which is not read: ${PNG}` },
  { with: "\x76\x2f\x31\x01", is: `an OpenEXR picture, which is not read: ${PNG}` },
  { with: "pf\n", is: `a PFM picture of floating-point numbers, which is not read: ${PNG}` },
  { with: "p7\n", is: `a PAM picture, which is not read: ${PNG}` },
  { with: "%pdf-", is: "a PDF document, not an image" },
  { with: "pk\x03\x04", is: "a zip archive, not an image" },
  { with: "\x1f\x8b", is: "gzip-compressed, not an image: unpack it" },
];

/** What the file is instead of a picture that is read; `undefined` where nothing is known. */
export function foreignKind(bytes: Buffer): string | undefined {
  const raw = bytes.toString("latin1", 0, 512).toLowerCase();
  const text = raw.trimStart();
  const found = BEGINNINGS.find(
    ({ at = 0, with: start }) => raw.startsWith(start, at) || (at === 0 && text.startsWith(start)),
  );
  if (found !== undefined) return found.is;
  if (!text.startsWith("<?xml")) return undefined;
  return text.includes("<svg") ? `an SVG drawing, which is not read: ${PNG}` : "an XML document, not an image";
}
