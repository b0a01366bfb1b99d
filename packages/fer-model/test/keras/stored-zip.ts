/** A zip archive of entries that are stored as they are (PKZIP APPNOTE 4.3): local headers, directory, end record. */
import { crc32 } from "node:zlib";

export interface ZipOptions {
  /** General purpose flags; bit 0 says that an entry is encrypted. */
  flags?: number;
  /** The size that the headers state, where it is not the true one. */
  claimedSize?: number;
}

/** Bytes of an archive; an entry may come twice. */
export function storedZip(
  entries: readonly (readonly [name: string, content: Uint8Array | string])[],
  { flags = 0, claimedSize }: ZipOptions = {},
): Buffer {
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of entries) {
    const bytes = Buffer.from(content);
    const title = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    // What is encrypted is longer than it was.
    const overhead = (flags & 1) * 12;
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE((claimedSize ?? bytes.length) + overhead, 14);
    common.writeUInt32LE(claimedSize ?? bytes.length, 18);
    common.writeUInt16LE(title.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("504b01021400", "hex"), common, place, title);
    local.push(Buffer.from("504b0304", "hex"), common, title, bytes, Buffer.alloc(overhead));
    offset += 30 + title.length + bytes.length + overhead;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, listing, end]);
}
