"""Makes pictures.json: small pictures of every kind that folders of faces hold, with what they show.

    python3 pictures.py > pictures.json     (numpy, Pillow 11.3, OpenCV 4.12)

Each entry: "bytes" (the file, base64), and either "grey" (what it shows, upright, 8-bit grey, base64), "width" and
"height", or "refused": true. Lossless files are made of known pixels; of lossy ones OpenCV (libjpeg-turbo, libwebp) or
Pillow says what they show. Transparency is dropped, 16 bits keep their higher byte, colour profiles are ignored; grey is
ITU-R BT.601 luma in 15-bit fixed point, as cvtColor has it.
"""
import base64
import io
import json
import struct
import sys
import zlib

import cv2
import numpy as np
from PIL import Image

W, H = 21, 18
kinds = {}


def scene(seed=1):
    """RGB uint8 [H, W, 3]: soft colours with a little noise, as photos have."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:H, 0:W] / 20.0
    base = np.stack([np.sin(x * 2 + y), np.cos(x - y * 1.5), np.sin(x * y + 1)], axis=-1) * 80 + 128
    return np.clip(base + rng.integers(-6, 7, (H, W, 3)), 0, 255).astype(np.uint8)


RGB = scene()


def luma(rgb):
    r, g, b = (rgb[..., i].astype(np.int64) for i in range(3))
    return ((r * 9798 + g * 19235 + b * 3735 + 16384) >> 15).astype(np.uint8)


GREY = luma(RGB)


def shown(name, data, grey, tolerance=0):
    assert grey.dtype == np.uint8 and grey.ndim == 2, name
    kinds[name] = {
        "bytes": base64.b64encode(data).decode(),
        "width": grey.shape[1],
        "height": grey.shape[0],
        "grey": base64.b64encode(grey.tobytes()).decode(),
        **({"tolerance": tolerance} if tolerance else {}),
    }


def refused(name, data):
    kinds[name] = {"bytes": base64.b64encode(data).decode(), "refused": True}


def upright(grey, orientation):
    """EXIF orientation 1..8 undone (Exif 2.32, tag 0x0112)."""
    turn = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.T,
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a.T, 2),
        8: lambda a: np.rot90(a, 1),
    }
    return np.ascontiguousarray(turn[orientation](grey))


def exif(orientation, order="<", thumbnail=None):
    """A TIFF header with one entry, Orientation; a thumbnail has an IFD of its own, turned otherwise."""
    mark = b"II" if order == "<" else b"MM"
    ifd0 = struct.pack(order + "HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0 if thumbnail is None else 26)
    out = mark + struct.pack(order + "HI", 42, 8) + ifd0
    if thumbnail is not None:
        entries = [(0x0103, 3, 6), (0x0112, 3, 3), (0x0201, 4, 26 + 2 + 4 * 12 + 4), (0x0202, 4, len(thumbnail))]
        out += struct.pack(order + "H", len(entries))
        for tag, kind, value in entries:
            out += struct.pack(order + "HHI", tag, kind, 1)
            out += struct.pack(order + ("HH" if kind == 3 else "I"), *([value, 0] if kind == 3 else [value]))
        out += struct.pack(order + "I", 0) + thumbnail
    return out


# ---------------------------------------------------------------- PNG, by hand: every colour type, depth and filter


def chunk(kind, data, broken=False):
    crc = zlib.crc32(kind + data) ^ (1 if broken else 0)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def png(samples, colour, depth, interlaced=False, extra=b"", behind=b"", pieces=1, end=True, tail=b""):
    """samples: [H, W, channels] of `depth` bits."""
    height, width, channels = samples.shape

    def lines(part):
        out, above = b"", None
        for y, row in enumerate(part):
            if depth == 16:
                raw = row.astype(">u2").tobytes()
            elif depth == 8:
                raw = row.astype(np.uint8).tobytes()
            else:
                bits = "".join(format(int(v), f"0{depth}b") for v in row.ravel())
                bits += "0" * (-len(bits) % 8)
                raw = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
            step = max(1, channels * depth // 8)
            above = above if above is not None else bytes(len(raw))
            kind = y % 5
            left = bytes(step) + raw[:-step] if len(raw) > step else bytes(len(raw))
            corner = bytes(step) + above[:-step] if len(raw) > step else bytes(len(raw))

            def paeth(a, b, c):
                p = a + b - c
                pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
                return a if pa <= pb and pa <= pc else b if pb <= pc else c

            guess = [
                lambda a, b, c: 0,
                lambda a, b, c: a,
                lambda a, b, c: b,
                lambda a, b, c: (a + b) // 2,
                paeth,
            ][kind]
            out += bytes([kind]) + bytes((v - guess(a, b, c)) & 255 for v, a, b, c in zip(raw, left, above, corner))
            above = raw
        return out

    if interlaced:
        adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        data = b"".join(
            lines(samples[y0::dy, x0::dx]) for x0, y0, dx, dy in adam7 if samples[y0::dy, x0::dx].size > 0
        )
    else:
        data = lines(samples)
    packed = zlib.compress(data)
    size = -(-len(packed) // pieces)
    parts = [packed[i : i + size] for i in range(0, len(packed), size)]
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced)))
        + extra
        + b"".join(chunk(b"IDAT", part) for part in parts)
        + behind
        + (chunk(b"IEND", b"") if end else b"")
        + tail
    )


def grey_of_depth(depth):
    """Samples of the depth, and what they show: 1, 2, 4 bits spread over 0..255, 16 keep the higher byte."""
    if depth == 16:
        samples = GREY.astype(np.uint16) * 256 + np.random.default_rng(2).integers(0, 256, (H, W)).astype(np.uint16)
        return samples[..., None], GREY
    top = (1 << depth) - 1
    samples = (GREY.astype(int) >> (8 - depth)).astype(np.uint8)
    return samples[..., None], (samples.astype(int) * 255 // top).astype(np.uint8)


def with_noise16(rgb):
    return rgb.astype(np.uint16) * 256 + np.random.default_rng(3).integers(0, 256, rgb.shape).astype(np.uint16)


for depth in (1, 2, 4, 8, 16):
    samples, grey = grey_of_depth(depth)
    shown(f"grey-{depth}.png", png(samples, 0, depth), grey)
    shown(f"grey-{depth}-interlaced.png", png(samples, 0, depth, interlaced=True), grey)
alpha = np.random.default_rng(4).integers(0, 256, (H, W, 1)).astype(np.uint8)
shown("rgb-8.png", png(RGB, 2, 8), GREY)
shown("rgb-8-interlaced.png", png(RGB, 2, 8, interlaced=True), GREY)
shown("rgb-16.png", png(with_noise16(RGB), 2, 16), GREY)
shown("rgb-16-interlaced.png", png(with_noise16(RGB), 2, 16, interlaced=True), GREY)
shown("grey-alpha-8.png", png(np.concatenate([GREY[..., None], alpha], -1), 4, 8), GREY)
shown("grey-alpha-8-interlaced.png", png(np.concatenate([GREY[..., None], alpha], -1), 4, 8, interlaced=True), GREY)
shown("grey-alpha-16.png", png(with_noise16(np.concatenate([GREY[..., None], alpha], -1)), 4, 16), GREY)
shown("rgb-alpha-8.png", png(np.concatenate([RGB, alpha], -1), 6, 8), GREY)
shown("rgb-alpha-16.png", png(with_noise16(np.concatenate([RGB, alpha], -1)), 6, 16), GREY)
shown("grey-transparent-colour.png", png(GREY[..., None], 0, 8, extra=chunk(b"tRNS", struct.pack(">H", 100))), GREY)
shown("rgb-transparent-colour.png", png(RGB, 2, 8, extra=chunk(b"tRNS", struct.pack(">HHH", *map(int, RGB[3, 3])))), GREY)
for depth in (1, 2, 4, 8):
    rng = np.random.default_rng(depth)
    palette = rng.integers(0, 256, (1 << depth, 3)).astype(np.uint8)
    index = rng.integers(0, 1 << depth, (H, W, 1)).astype(np.uint8)
    look = luma(palette[index[..., 0]])
    table = chunk(b"PLTE", palette.tobytes())
    shown(f"palette-{depth}.png", png(index, 3, depth, extra=table), look)
    shown(f"palette-{depth}-interlaced.png", png(index, 3, depth, interlaced=True, extra=table), look)
    see_through = table + chunk(b"tRNS", bytes(rng.integers(0, 256, 1 << depth).astype(np.uint8)))
    shown(f"palette-{depth}-alpha.png", png(index, 3, depth, extra=see_through), look)
grey_palette = chunk(b"PLTE", np.repeat(np.arange(256, dtype=np.uint8), 3).tobytes())
shown("palette-of-greys.png", png(GREY[..., None], 3, 8, extra=grey_palette), GREY)
refused("palette-too-short.png", png(GREY[..., None], 3, 8, extra=chunk(b"PLTE", bytes(30))))
refused("palette-missing.png", png(GREY[..., None], 3, 8))
shown("1x1-interlaced.png", png(RGB[:1, :1], 2, 8, interlaced=True), GREY[:1, :1])
shown("3x5-interlaced.png", png(RGB[:5, :3], 2, 8, interlaced=True), np.ascontiguousarray(GREY[:5, :3]))
shown("many-idat.png", png(RGB, 2, 8, pieces=20), GREY)
shown("gamma-and-chromaticities.png", png(RGB, 2, 8, extra=chunk(b"gAMA", struct.pack(">I", 100000))), GREY)
shown("significant-bits.png", png(RGB, 2, 8, extra=chunk(b"sBIT", bytes([5, 6, 5]))), GREY)
shown("suggested-palette.png", png(RGB, 2, 8, extra=chunk(b"PLTE", bytes(range(48)))), GREY)
shown("data-behind-the-end.png", png(RGB, 2, 8, tail=b"appended by some tool"), GREY)
shown("broken-comment.png", png(RGB, 2, 8, extra=chunk(b"tEXt", b"Comment\0x", broken=True)), GREY)
refused("broken-checksum.png", png(RGB, 2, 8)[:-30] + b"x" + png(RGB, 2, 8)[-29:])
refused("no-end.png", png(RGB, 2, 8, end=False))
refused("cut-off.png", png(RGB, 2, 8)[:-400])
refused("too-few-lines.png", png(RGB[:10], 2, 8)[:16] + struct.pack(">II", W, H) + png(RGB[:10], 2, 8)[24:])
refused("unknown-critical-chunk.png", png(RGB, 2, 8, extra=chunk(b"FUTU", b"")))
refused("colour-type-5.png", png(RGB, 5, 8))
refused("animated.png", png(RGB, 2, 8, extra=chunk(b"acTL", struct.pack(">II", 2, 0))))
shown("animation-of-one.png", png(RGB, 2, 8, extra=chunk(b"acTL", struct.pack(">II", 1, 0))), GREY)
for orientation in range(1, 9):
    mark = chunk(b"eXIf", exif(orientation, ">" if orientation % 2 else "<"))
    shown(f"exif-{orientation}.png", png(RGB, 2, 8, extra=mark), upright(GREY, orientation))
shown("exif-behind.png", png(RGB, 2, 8, behind=chunk(b"eXIf", exif(6))), upright(GREY, 6))
shown("exif-interlaced-16.png", png(with_noise16(RGB), 2, 16, interlaced=True, extra=chunk(b"eXIf", exif(8))), upright(GREY, 8))
for kind, name in ((b"zTXt", "exif"), (b"tEXt", "APP1")):
    block = (b"Exif\0\0" if name == "APP1" else b"") + exif(6)
    text = f"\n{name}\n{len(block):8}\n".encode() + block.hex().encode() + b"\n"
    key = f"Raw profile type {name}".encode() + b"\0"
    body = key + (b"\0" + zlib.compress(text) if kind == b"zTXt" else text)
    shown(f"exif-as-text-{name}.png", png(RGB, 2, 8, extra=chunk(kind, body)), upright(GREY, 6))
profile = chunk(b"iCCP", b"p\0\0" + zlib.compress(b"not looked at"))
shown("profile.png", png(RGB, 2, 8, extra=profile), GREY)

# ---------------------------------------------------------------- JPEG


def pillow(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opencv(data):
    """What OpenCV shows, without turning it."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    return np.ascontiguousarray(image[..., ::-1])


# the inverse DCT and the conversion to RGB round otherwise (1 measured here)
ROUNDING = 2
photo = Image.fromarray(RGB)


def jpeg(name, data, tolerance=ROUNDING, orientation=1):
    shown(name, data, upright(luma(opencv(data)), orientation), tolerance)


jpeg("grey.jpg", pillow(photo.convert("L"), "JPEG", quality=90))
jpeg("444.jpg", pillow(photo, "JPEG", quality=90, subsampling=0))
jpeg("422.jpg", pillow(photo, "JPEG", quality=90, subsampling=1))
jpeg("420.jpg", pillow(photo, "JPEG", quality=90, subsampling=2))
for name, factor in (("411", 0x411111), ("440", 0x121111)):
    ok, data = cv2.imencode(".jpg", RGB[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor])
    jpeg(f"{name}.jpg", data.tobytes())
jpeg("progressive.jpg", pillow(photo, "JPEG", quality=90, progressive=True, subsampling=0))
jpeg("progressive-420.jpg", pillow(photo, "JPEG", quality=90, progressive=True, subsampling=2))
jpeg("progressive-grey.jpg", pillow(photo.convert("L"), "JPEG", quality=90, progressive=True))
ok, data = cv2.imencode(".jpg", RGB[..., ::-1], [cv2.IMWRITE_JPEG_RST_INTERVAL, 1, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111])
jpeg("restart-markers.jpg", data.tobytes())
jpeg("1x1.jpg", pillow(photo.crop((0, 0, 1, 1)), "JPEG", subsampling=0))
jpeg("9x17.jpg", pillow(photo.crop((0, 0, 9, 17)), "JPEG", subsampling=0))
plain = pillow(photo, "JPEG", quality=90, subsampling=0)
for orientation in range(1, 9):
    jpeg(f"exif-{orientation}.jpg", pillow(photo, "JPEG", quality=90, subsampling=0, exif=b"Exif\0\0" + exif(orientation, "<" if orientation % 2 else ">")), ROUNDING, orientation)
small = pillow(photo.resize((8, 8)), "JPEG")
jpeg("exif-thumbnail.jpg", pillow(photo, "JPEG", quality=90, subsampling=0, exif=b"Exif\0\0" + exif(6, "<", small)), ROUNDING, 6)
jpeg("exif-orientation-0.jpg", pillow(photo, "JPEG", quality=90, subsampling=0, exif=b"Exif\0\0" + exif(0)))
jpeg("exif-orientation-9.jpg", pillow(photo, "JPEG", quality=90, subsampling=0, exif=b"Exif\0\0" + exif(9)))
jpeg("exif-cut-off.jpg", pillow(photo, "JPEG", quality=90, subsampling=0, exif=b"Exif\0\0" + exif(6)[:12]))
jpeg("profile.jpg", pillow(photo, "JPEG", quality=90, subsampling=0, icc_profile=b"not looked at" * 20))


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_adobe(data, transform, drop_jfif=True):
    """The same coefficients under an Adobe marker: transform 0 says RGB or CMYK, 1 YCbCr, 2 YCCK."""
    body = data[2:]
    if drop_jfif and body[1] == 0xE0:
        body = body[2 + struct.unpack(">H", body[2:4])[0] :]
    return data[:2] + segment(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform)) + body


jpeg("adobe-rgb.jpg", with_adobe(plain, 0))
jpeg("adobe-ycc.jpg", with_adobe(plain, 1))


def cmyk_shown(data):
    """Pillow gives C, M, Y, K (it undoes Adobe's inversion); light is what no ink takes away."""
    ink = np.asarray(Image.open(io.BytesIO(data))).astype(float)
    rgb = (255 - ink[..., :3]) * (255 - ink[..., 3:]) / 255
    return luma(np.floor(rgb + 0.5).astype(np.uint8))


ink = np.concatenate([255 - RGB, alpha // 3], -1)
cmyk = pillow(Image.fromarray(ink, mode="CMYK"), "JPEG", quality=95, subsampling=0)
at = cmyk.index(b"\xff\xeeAdobe"[:2] + b"\x00\x0eAdobe")
ycck = cmyk[: at + 15] + b"\x02" + cmyk[at + 16 :]
shown("cmyk.jpg", cmyk, cmyk_shown(cmyk), 3)
shown("ycck.jpg", ycck, cmyk_shown(ycck), 3)
progressive = pillow(Image.fromarray(ink, mode="CMYK"), "JPEG", quality=95, progressive=True)
shown("cmyk-progressive.jpg", progressive, cmyk_shown(progressive), 3)
bare = cmyk[:at] + cmyk[at + 16 :]
refused("cmyk-without-adobe.jpg", bare)


def sof(data):
    at = 2
    while not (0xC0 <= data[at + 1] <= 0xCF and data[at + 1] not in (0xC4, 0xC8, 0xCC)):
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return at


def patched(data, at, value):
    return data[:at] + bytes([value]) + data[at + 1 :]


start = sof(plain)
refused("lossless.jpg", patched(plain, start + 1, 0xC3))
refused("arithmetic.jpg", patched(plain, start + 1, 0xC9))
refused("arithmetic-progressive.jpg", patched(plain, start + 1, 0xCA))
refused("12-bit.jpg", patched(plain, start + 4, 12))
refused("hierarchical.jpg", patched(plain, start + 1, 0xC5))
refused("jpeg-ls.jpg", patched(plain, start + 1, 0xF7))
refused("height-0.jpg", patched(patched(plain, start + 5, 0), start + 6, 0))
refused("two-components.jpg", patched(plain, start + 9, 2))
jpeg("fill-bytes.jpg", plain[:start] + b"\xff\xff\xff" + plain[start:])
jpeg("data-behind-the-end.jpg", plain + b"appended by some tool")
jpeg("second-picture-behind.jpg", plain + small)
refused("no-end.jpg", plain[:-2])
refused("cut-off.jpg", plain[:-100])
refused("cut-off-then-ended.jpg", plain[:-100] + b"\xff\xd9")
grey_plain = pillow(photo.convert("L"), "JPEG", quality=90)
refused("grey-cut-off-then-ended.jpg", grey_plain[:-40] + b"\xff\xd9")
refused("restart-cut-off-then-ended.jpg", data.tobytes()[:-60] + b"\xff\xd9")
whole_progressive = pillow(photo, "JPEG", quality=90, progressive=True, subsampling=0)
refused("progressive-cut-off.jpg", whole_progressive[: len(whole_progressive) // 2])

# ---------------------------------------------------------------- GIF, by hand


def lzw(indices, bits):
    """GIF's LZW without compression: a clear code often enough that codes never grow."""
    clear, end = 1 << bits, (1 << bits) + 1
    out, acc, n = bytearray(), 0, 0

    def put(code):
        nonlocal acc, n
        acc |= code << n
        n += bits + 1
        while n >= 8:
            out.append(acc & 255)
            acc >>= 8
            n -= 8

    for i, value in enumerate(indices):
        if i % ((1 << bits) - 2) == 0:
            put(clear)
        put(int(value))
    put(end)
    if n:
        out.append(acc & 255)
    return bytes([bits]) + b"".join(bytes([len(out[i : i + 255])]) + out[i : i + 255] for i in range(0, len(out), 255)) + b"\0"


def frame(index, left=0, top=0, palette=None, interlaced=False, control=b""):
    height, width = index.shape
    rows = index
    if interlaced:
        rows = np.concatenate([index[0::8], index[4::8], index[2::4], index[1::2]])
    flags = (0x40 if interlaced else 0) | (0 if palette is None else 0x87)
    table = b"" if palette is None else palette.tobytes()
    return control + b"," + struct.pack("<HHHHB", left, top, width, height, flags) + table + lzw(rows.ravel(), 8)


def gif(frames, palette, size=(W, H), version=b"GIF89a", background=0, tail=b";"):
    flags = 0x70 if palette is None else 0xF7
    table = b"" if palette is None else palette.tobytes()
    return version + struct.pack("<HHBBB", *size, flags, background, 0) + table + b"".join(frames) + tail


colours = np.random.default_rng(7).integers(0, 256, (256, 3)).astype(np.uint8)
index = np.random.default_rng(8).integers(0, 256, (H, W)).astype(np.uint8)
look = luma(colours[index])
see_through = b"!\xf9\x04" + struct.pack("<BHB", 1, 0, int(index[2, 2])) + b"\0"
opaque = b"!\xf9\x04" + struct.pack("<BHB", 0, 0, 0) + b"\0"
shown("plain.gif", gif([frame(index)], colours), look)
shown("87a.gif", gif([frame(index)], colours, version=b"GIF87a"), look)
shown("interlaced.gif", gif([frame(index, interlaced=True)], colours), look)
shown("own-palette.gif", gif([frame(index, palette=colours)], None), look)
shown("two-palettes.gif", gif([frame(index, palette=colours)], colours[::-1].copy()), look)
shown("comment.gif", gif([b"!\xfe\x05hello\0", opaque, frame(index)], colours), look)
# what no frame covers, or is transparent, is black
shown("transparent.gif", gif([frame(index, control=see_through)], colours), np.where(index == index[2, 2], 0, look).astype(np.uint8))
shown("part-of-the-screen.gif", gif([frame(index, left=3, top=2)], colours, size=(W + 10, H + 10)), np.pad(look, ((2, 8), (3, 7))))
refused("two-frames.gif", gif([frame(index), frame(index)], colours))
refused("no-frame.gif", gif([], colours))
shown("no-trailer.gif", gif([frame(index)], colours, tail=b""), look)
refused("cut-off.gif", gif([frame(index)], colours)[:-200])
shown("pillow.gif", pillow(photo.convert("L"), "GIF"), GREY)

# ---------------------------------------------------------------- BMP, by hand


def bmp(pixels, bits, compression=0, palette=b"", masks=b"", height=H, header=40, width=W, used=0):
    """pixels: the bytes of the bitmap. Headers: 12 (OS/2), 40, 52, 56, 108, 124."""
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(pixels), 2835, 2835, used, 0)
        if header > 40:
            info += masks.ljust(header - 40, b"\0")
        else:
            info += masks
    offset = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + info + palette + pixels


def padded(rows):
    return b"".join(row + bytes(-len(row) % 4) for row in rows)


def packed_rows(index, bits):
    out = []
    for row in index:
        text = "".join(format(int(v), f"0{bits}b") for v in row)
        text += "0" * (-len(text) % 8)
        out.append(bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8)))
    return out


BGR = RGB[..., ::-1]
rows24 = [row.tobytes() for row in BGR]
shown("24.bmp", bmp(padded(rows24[::-1]), 24), GREY)
shown("24-top-down.bmp", bmp(padded(rows24), 24, height=-H), GREY)
refused("24-os2.bmp", bmp(padded(rows24[::-1]), 24, header=12))
shown("24-v5.bmp", bmp(padded(rows24[::-1]), 24, header=124), GREY)
BGRX = np.concatenate([BGR, alpha], -1)
shown("32.bmp", bmp(BGRX[::-1].tobytes(), 32), GREY)
shown("32-top-down.bmp", bmp(BGRX.tobytes(), 32, height=-H), GREY)
for header in (40, 56, 108, 124):
    masks = struct.pack("<III", 0xFF000000, 0xFF0000, 0xFF00) + (b"" if header == 40 else struct.pack("<I", 0xFF))
    pixels = np.concatenate([alpha, BGR], -1)[::-1].tobytes()
    shown(f"32-bitfields-{header}.bmp", bmp(pixels, 32, 3, masks=masks, header=header), GREY)


def sixteen(red, green, blue):
    r, g, b = (RGB[..., i].astype(int) >> (8 - n) for i, n in enumerate((red, green, blue)))
    words = (r << (green + blue)) | (g << blue) | b
    return [row.astype("<u2").tobytes() for row in words]


rows = sixteen(5, 5, 5)
refused("16-555.bmp", bmp(padded(rows[::-1]), 16))
rows = sixteen(5, 6, 5)
refused("16-565.bmp", bmp(padded(rows[::-1]), 16, 3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F)))
for bits in (1, 4, 8):
    few = np.random.default_rng(bits).integers(0, 256, (1 << bits, 3)).astype(np.uint8)
    at_most = np.random.default_rng(20 + bits).integers(0, 1 << bits, (H, W)).astype(np.uint8)
    quads = np.concatenate([few[:, ::-1], np.zeros((1 << bits, 1), np.uint8)], -1).tobytes()
    rows = packed_rows(at_most, bits)
    if bits == 4:
        refused("4.bmp", bmp(padded(rows[::-1]), bits, palette=quads))
        continue
    shown(f"{bits}.bmp", bmp(padded(rows[::-1]), bits, palette=quads), luma(few[at_most]))
    shown(f"{bits}-top-down.bmp", bmp(padded(rows), bits, palette=quads, height=-H), luma(few[at_most]))
three = np.random.default_rng(9).integers(0, 3, (H, W)).astype(np.uint8)
quads = b"".join(bytes([b, g, r, 0]) for r, g, b in few[:3])
shown("8-three-colours.bmp", bmp(padded([r.tobytes() for r in three[::-1]]), 8, palette=quads, used=3), luma(few[three]))

runs = b"".join(bytes([W, y]) + b"\0\0" for y in range(H)) + b"\0\1"
refused("8-rle.bmp", bmp(runs, 8, 1, palette=quads.ljust(1024, b"\0")))
refused("4-rle.bmp", bmp(runs, 4, 2, palette=quads.ljust(64, b"\0")))
refused("jpeg-within.bmp", bmp(plain, 0, 4))
refused("cut-off.bmp", bmp(padded(rows24[::-1]), 24)[:-200])
refused("2-bits.bmp", bmp(bytes(400), 2, palette=quads[:16]))

# ---------------------------------------------------------------- TIFF, by hand


def tiff(strips, tags, order="<", pages=1, second=None):
    """tags: {tag: (type, [values])}; the strips' offsets and lengths are filled in (273, 279; 324, 325 for tiles)."""
    size = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 8: 2, 9: 4, 11: 4, 12: 8}
    code = {1: "B", 2: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d"}
    out = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 0))
    places = []
    for strip in strips:
        places.append(len(out))
        out += strip + bytes(len(strip) % 2)
    tiles = 322 in tags
    tags = {**tags, (324 if tiles else 273): (4, places), (325 if tiles else 279): (4, [len(s) for s in strips])}
    link = 4
    for page in range(pages):
        own = dict(tags) if page == 0 or second is None else {**tags, **second}
        at = len(out)
        out[link : link + 4] = struct.pack(order + "I", at)
        entries = bytearray(struct.pack(order + "H", len(own)))
        rest = bytearray()
        after = at + 2 + 12 * len(own) + 4
        for tag in sorted(own):
            kind, values = own[tag]
            body = b"".join(struct.pack(order + code[kind], v) for v in values)
            entries += struct.pack(order + "HHI", tag, kind, len(values))
            if len(body) <= 4:
                entries += body.ljust(4, b"\0")
            else:
                entries += struct.pack(order + "I", after + len(rest))
                rest += body + bytes(len(body) % 2)
        out += entries
        link = len(out)
        out += bytes(4) + rest
    return bytes(out)


def tags(bits, photometric, channels=1, compression=1, rows=H, **more):
    return {
        256: (3, [W]),
        257: (3, [H]),
        258: (3, [bits] * channels),
        259: (3, [compression]),
        262: (3, [photometric]),
        277: (3, [channels]),
        278: (3, [rows]),
        **{int(k[1:]): v for k, v in more.items()},
    }


def swapped(array, order):
    return array.astype(array.dtype.newbyteorder(order)).tobytes()


for order in "<>":
    end = "le" if order == "<" else "be"
    shown(f"grey-8-{end}.tiff", tiff([GREY.tobytes()], tags(8, 1), order), GREY)
    shown(f"rgb-8-{end}.tiff", tiff([RGB.tobytes()], tags(8, 2, 3), order), GREY)
    noisy = with_noise16(GREY[..., None])
    shown(f"grey-16-{end}.tiff", tiff([swapped(noisy, order)], tags(16, 1), order), GREY)
    shown(f"rgb-16-{end}.tiff", tiff([swapped(with_noise16(RGB), order)], tags(16, 2, 3), order), GREY)
shown("grey-8-strips.tiff", tiff([GREY[i : i + 5].tobytes() for i in range(0, H, 5)], tags(8, 1, rows=5)), GREY)
shown("white-is-zero-8.tiff", tiff([(255 - GREY).tobytes()], tags(8, 0)), GREY)
bits, look1 = grey_of_depth(1)
rows1 = b"".join(packed_rows(bits[..., 0], 1))
shown("black-is-zero-1.tiff", tiff([rows1], tags(1, 1)), look1)
shown("white-is-zero-1.tiff", tiff([bytes(255 - v for v in rows1)], tags(1, 0)), look1)
bits, _ = grey_of_depth(4)
refused("grey-4.tiff", tiff([b"".join(packed_rows(bits[..., 0], 4))], tags(4, 1)))
shown("rgba-8.tiff", tiff([np.concatenate([RGB, alpha], -1).tobytes()], tags(8, 2, 4, t338=(3, [2]))), GREY)
shown("grey-alpha-8.tiff", tiff([np.concatenate([GREY[..., None], alpha], -1).tobytes()], tags(8, 1, 2, t338=(3, [2]))), GREY)
ramp = colours.astype(int) * 257
shown("palette-8.tiff", tiff([index.tobytes()], tags(8, 3, t320=(3, [*map(int, ramp.T.ravel())]))), look)
refused("planes.tiff", tiff([RGB[..., i].tobytes() for i in range(3)], tags(8, 2, 3, t284=(3, [2]))))


def predicted(samples):
    out = samples.astype(int)
    out[:, 1:] -= samples.astype(int)[:, :-1]
    return (out % (1 << (8 * samples.itemsize))).astype(samples.dtype)


shown("deflate.tiff", tiff([zlib.compress(RGB.tobytes())], tags(8, 2, 3, 8)), GREY)
shown("deflate-old.tiff", tiff([zlib.compress(RGB.tobytes())], tags(8, 2, 3, 32946)), GREY)
shown("deflate-predictor.tiff", tiff([zlib.compress(predicted(RGB).tobytes())], tags(8, 2, 3, 8, t317=(3, [2]))), GREY)
shown("deflate-predictor-grey.tiff", tiff([zlib.compress(predicted(GREY).tobytes())], tags(8, 1, 1, 8, t317=(3, [2]))), GREY)
shown("deflate-predictor-16.tiff", tiff([zlib.compress(predicted(with_noise16(RGB)).astype("<u2").tobytes())], tags(16, 2, 3, 8, t317=(3, [2]))), GREY)
shown("lzw.tiff", pillow(photo, "TIFF", compression="tiff_lzw"), GREY)
shown("packbits.tiff", pillow(photo, "TIFF", compression="packbits"), GREY)
refused("lzma.tiff", pillow(photo, "TIFF", compression="lzma"))
ok, data = cv2.imencode(".tiff", BGR, [cv2.IMWRITE_TIFF_COMPRESSION, 5, cv2.IMWRITE_TIFF_PREDICTOR, 2])
shown("lzw-predictor.tiff", data.tobytes(), GREY)
shown("lzw-grey.tiff", pillow(photo.convert("L"), "TIFF", compression="tiff_lzw"), GREY)
refused("ccitt-4.tiff", pillow(Image.fromarray(look1).convert("1"), "TIFF", compression="group4"))
refused("jpeg-within.tiff", pillow(photo, "TIFF", compression="jpeg"))


def tiled(image, side=16):
    height, width = image.shape[:2]
    full = np.zeros((-(-height // side) * side, -(-width // side) * side, *image.shape[2:]), image.dtype)
    full[:height, :width] = image
    return [full[y : y + side, x : x + side].tobytes() for y in range(0, full.shape[0], side) for x in range(0, full.shape[1], side)]


refused("tiles.tiff", tiff(tiled(RGB), {**tags(8, 2, 3), 322: (3, [16]), 323: (3, [16])}))
for orientation in range(1, 9):
    shown(f"orientation-{orientation}.tiff", tiff([RGB.tobytes()], tags(8, 2, 3, t274=(3, [orientation]))), upright(GREY, orientation))
refused("float.tiff", tiff([(GREY / 255).astype("<f4").tobytes()], tags(32, 1, t339=(3, [3]))))
refused("float-255.tiff", tiff([GREY.astype("<f4").tobytes()], tags(32, 1, t339=(3, [3]))))
refused("signed.tiff", tiff([GREY.astype("<i2").tobytes()], tags(16, 1, t339=(3, [2]))))
refused("32-bit.tiff", tiff([GREY.astype("<u4").tobytes()], tags(32, 1)))
refused("cmyk.tiff", pillow(Image.fromarray(ink, mode="CMYK"), "TIFF"))
refused("lab.tiff", tiff([RGB.tobytes()], tags(8, 8, 3)))
refused("pages.tiff", tiff([GREY.tobytes()], tags(8, 1), pages=2))
shown("thumbnail.tiff", tiff([GREY.tobytes()], tags(8, 1), pages=2, second={254: (4, [1])}), GREY)
refused("cut-off.tiff", tiff([GREY.tobytes()], tags(8, 1))[:-20])
refused("strip-too-short.tiff", tiff([GREY.tobytes()[:-50]], tags(8, 1)))
refused("strips-too-few.tiff", tiff([GREY[i : i + 5].tobytes() for i in range(0, 10, 5)], tags(8, 1, rows=5)))
refused("big.tiff", b"II" + struct.pack("<HHHQ", 43, 8, 0, 16) + bytes(200))
refused("mixed-depths.tiff", tiff([RGB.tobytes()], {**tags(8, 2, 3), 258: (3, [5, 6, 5])}))

# ---------------------------------------------------------------- WebP, AVIF, netpbm


def webp(name, data, orientation=1):
    shown(name, data, upright(luma(opencv(data)), orientation))


webp("lossy.webp", pillow(photo, "WEBP", quality=90))
webp("lossless.webp", pillow(photo, "WEBP", lossless=True))
webp("lossless-grey.webp", pillow(photo.convert("L"), "WEBP", lossless=True))
shown("alpha.webp", pillow(Image.fromarray(np.concatenate([RGB, alpha], -1)), "WEBP", lossless=True, exact=True), GREY)
for orientation in (1, 3, 6):
    webp(f"exif-{orientation}.webp", pillow(photo, "WEBP", quality=90, exif=exif(orientation)), orientation)
webp("exif-jpeg-style.webp", pillow(photo, "WEBP", quality=90, exif=b"Exif\0\0" + exif(8, ">")), 8)
refused("animated.webp", pillow(photo, "WEBP", save_all=True, append_images=[Image.fromarray(scene(2))]))
refused("cut-off.webp", pillow(photo, "WEBP", quality=90)[:-80])
refused("cut-off-lossless.webp", pillow(photo, "WEBP", lossless=True)[:-200])


def avif_shown(data):
    return luma(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))


avif = pillow(photo, "AVIF", quality=90, subsampling="4:4:4")
shown("plain.avif", avif, avif_shown(avif), 2)
turned = pillow(photo, "AVIF", quality=90, subsampling="4:4:4", exif=exif(6))
shown("exif-6.avif", turned, upright(avif_shown(avif), 6), 2)
refused("animated.avif", pillow(photo, "AVIF", save_all=True, append_images=[Image.fromarray(scene(2))]))
refused("cut-off.avif", avif[: len(avif) - 200])
refused("plain.jp2", pillow(photo, "JPEG2000"))
refused("codestream.j2k", pillow(photo, "JPEG2000", no_jp2=True))
refused("plain.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64))
refused("plain.jxl", b"\xff\x0a" + bytes(64))
refused("boxed.jxl", b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a" + bytes(64))
refused("drawing.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
refused("bare.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
refused("layers.psd", b"8BPS\0\1" + bytes(64))
refused("icon.ico", pillow(photo, "ICO"))
refused("document.pdf", b"%PDF-1.7\n" + bytes(64))
refused("raw.cr2", b"II" + struct.pack("<HI", 42, 16) + b"CR\2\0" + bytes(64))
refused("film.mp4", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(64))
refused("scene.hdr", b"#?RADIANCE\n" + bytes(64))
refused("scene.exr", b"\x76\x2f\x31\x01" + bytes(64))
refused("archive.png", b"PK\3\4" + bytes(64))
text_rows = "\n".join(" ".join(str(v) for v in row) for row in GREY).encode()
shown("binary.pgm", b"P5\n# made by a tool\n%d %d\n255\n" % (W, H) + GREY.tobytes(), GREY)
shown("binary.ppm", b"P6 %d %d 255\n" % (W, H) + RGB.tobytes(), GREY)
shown("text.pgm", b"P2\n%d %d\n255\n" % (W, H) + text_rows, GREY)
shown("text.ppm", b"P3\n%d %d\n255\n" % (W, H) + "\n".join(map(str, RGB.ravel())).encode(), GREY)
shown("16-bit.pgm", b"P5\n%d %d\n65535\n" % (W, H) + with_noise16(GREY).astype(">u2").tobytes(), GREY)
look100 = (GREY.astype(int) * 100 // 255).astype(np.uint8)
shown("maximum-100.pgm", b"P5\n%d %d\n100\n" % (W, H) + look100.tobytes(), ((look100.astype(int) * 255 * 2 + 100) // 200).astype(np.uint8))
shown("binary.pbm", b"P4\n%d %d\n" % (W, H) + bytes(255 - v for v in rows1), look1)
refused("cut-off.pgm", b"P5\n%d %d\n255\n" % (W, H) + GREY.tobytes()[:-1])
refused("two.pgm", (b"P5\n%d %d\n255\n" % (W, H) + GREY.tobytes()) * 2)
refused("beyond-the-maximum.pgm", b"P5\n%d %d\n100\n" % (W, H) + GREY.tobytes())
refused("floats.pfm", b"Pf\n%d %d\n-1.0\n" % (W, H) + bytes(4 * W * H))

json.dump(kinds, sys.stdout, separators=(",", ":"))
sys.stdout.write("\n")
print(len(kinds), "kinds", file=sys.stderr)
