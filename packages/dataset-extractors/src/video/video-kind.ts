/** Whether a file or a stream is a video, by its name or its first bytes. */

/** Without `.ts`, which is also that of a program. */
const NAMES = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|m2v|mts|m2ts|wmv|asf|flv|f4v|3gp|3g2|ogv|mjpe?g|y4m|nut|dv|vob|mxf)$/i;

/** Whether a file is called as a video is. */
export const isVideoName = (path: string): boolean => NAMES.test(path);

/** Brands of pictures in the container that MP4 and MOV have too. */
const STILLS = /^(avi[fs]|hei[cfmsx]|he[vi][cmsx]|mif1|msf1)/;

/** What videos begin with. */
const BEGINNINGS = [
  "\x1a\x45\xdf\xa3",
  "FLV\x01",
  "OggS",
  "\0\0\x01\xba",
  "\0\0\x01\xb3",
  "\x30\x26\xb2\x75",
  "YUV4MPEG2",
  "nut/multimedia",
] as const;

/** Whether a file or a stream begins as a video does: 512 bytes tell. */
export function beginsAsVideo(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 512)).toString("latin1");
  const box = text.slice(4, 8);
  if (box === "ftyp") return !STILLS.test(text.slice(8));
  if (["moov", "mdat", "wide", "moof"].includes(box)) return true;
  if (text.startsWith("RIFF")) return text.startsWith("AVI ", 8);
  if (text[0] === "G" && text[188] === "G" && text[376] === "G") return true;
  return BEGINNINGS.some((beginning) => text.startsWith(beginning));
}
