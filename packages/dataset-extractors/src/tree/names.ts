/** What the name of a file says: its parts, whether it is a picture's, and whether it is an archive's. */

/** Extensions of pictures, whether a decoder reads them or not: what cannot be read is reported, not passed over. */
const IMAGE =
  /\.(jpe?g|jpe|jfif|jfi|pjpe?g|pjp|png|apng|bmp|dib|gif|tiff?|webp|avif|hei[cf]s?|hif|jp2|j2[kc]|jpf|jpx|jpm|jxl|p[bgpn]m)$/i;

const UNPACKED_BY: readonly (readonly [RegExp, string])[] = [
  [/\.(zip|tar|tgz|tar\.gz)$/i, "unpack it, or pass it alone"],
  [/\.(tar\.(xz|bz2|zst|lz4?|lzma|Z)|t[xb]z2?|tzst)$/i, "tar xf NAME"],
  [/\.(7z|7z\.\d+|zip\.\d+|z\d\d|r\d\d|part\d+\.rar|rar)$/i, "7z x NAME"],
  [/\.gz$/i, "gunzip -k NAME"],
  [/\.xz$/i, "unxz -k NAME"],
  [/\.bz2$/i, "bunzip2 -k NAME"],
  [/\.zst$/i, "unzstd NAME"],
];

/** Base name of a relative path with forward slashes. */
export function fileName(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1);
}

/** Base name without its last extension. */
export function fileStem(file: string): string {
  return fileName(file).replace(/\.[^.]*$/, "");
}

/** The last extension without its dot; "" where there is none. */
export function fileExtension(file: string): string {
  return /\.([^./]+)$/.exec(file)?.[1] ?? "";
}

/** Path of the folder of a file or folder; "" at the top. */
export function folderOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : "";
}

/** Whether a name ends like an image (case-insensitive). What the file really is, is told by its content. */
export function isImageName(name: string): boolean {
  return IMAGE.test(name);
}

/** Whether a name is that of an archive or of one compressed file. */
export function isPacked(name: string): boolean {
  return UNPACKED_BY.some(([extension]) => extension.test(name));
}

/** What unpacks an archive, as a command or in words. */
export function howToUnpack(file: string): string {
  const how = UNPACKED_BY.find(([extension]) => extension.test(file))?.[1] ?? "unpack it";
  return how.replace("NAME", /[^\w./-]/.test(file) ? `"${file}"` : file);
}
