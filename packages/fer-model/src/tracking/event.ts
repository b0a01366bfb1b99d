/** TensorBoard's events (`tensorflow.Event` of event.proto and summary.proto), as many of their fields as we write. */
import { PbfReader, PbfWriter } from "pbf";

/** What an event says at a step. */
export type Value =
  | { tag: string; scalar: number }
  | { tag: string; png: Uint8Array; width: number; height: number }
  | { tag: string; text: string };

export interface Event {
  /** Epoch, from 1; 0 for what holds of the whole training. */
  step: number;
  values: readonly Value[];
}

/** Of enum DataType. */
const STRING = 7;
/** Image.colorspace of RGBA. */
const RGBA = 4;

/** First record of every file. */
export const versionRecord = (seconds: number): Uint8Array =>
  written((pbf) => {
    pbf.writeDoubleField(1, seconds);
    pbf.writeStringField(3, "brain.Event:2");
  });

/** @param seconds Of the clock, since 1970. */
export const eventRecord = ({ step, values }: Event, seconds: number): Uint8Array =>
  written((pbf) => {
    pbf.writeDoubleField(1, seconds);
    pbf.writeVarintField(2, step);
    pbf.writeMessage(
      5,
      (all: readonly Value[], summary) => {
        for (const value of all) summary.writeMessage(1, writeValue, value);
      },
      values,
    );
  });

function written(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  write(pbf);
  return pbf.finish();
}

function writeValue(value: Value, pbf: PbfWriter): void {
  pbf.writeStringField(1, value.tag);
  if ("scalar" in value) pbf.writeFloatField(2, value.scalar);
  else if ("png" in value) pbf.writeMessage(4, writeImage, value);
  else {
    pbf.writeMessage(9, (name: string, metadata) => metadata.writeMessage(1, writeName, name), "text");
    pbf.writeMessage(8, writeText, value.text);
  }
}

const writeName = (name: string, pbf: PbfWriter): void => pbf.writeStringField(1, name);

function writeImage({ png, width, height }: Extract<Value, { png: unknown }>, pbf: PbfWriter): void {
  pbf.writeVarintField(1, height);
  pbf.writeVarintField(2, width);
  pbf.writeVarintField(3, RGBA);
  pbf.writeBytesField(4, png);
}

/** A tensor of one string. */
function writeText(text: string, pbf: PbfWriter): void {
  pbf.writeVarintField(1, STRING);
  pbf.writeMessage(
    2,
    (size: number, shape) => shape.writeMessage(2, (n: number, dim) => dim.writeVarintField(1, n), size),
    1,
  );
  pbf.writeStringField(8, text);
}

/** Step of a record, and its texts by tag. */
export function readEvent(record: Uint8Array): { step: number; texts: Map<string, string> } {
  const pbf = new PbfReader(record);
  const texts = new Map<string, string>();
  let step = 0;
  for (const field of fieldsOf(pbf)) {
    if (field === 2) step = pbf.readVarint();
    else if (field === 5) for (const each of messageOf(pbf)) if (each === 1) readValue(pbf, texts);
  }
  return { step, texts };
}

function readValue(pbf: PbfReader, texts: Map<string, string>): void {
  let tag = "";
  for (const field of messageOf(pbf)) {
    if (field === 1) tag = pbf.readString();
    else if (field === 8) for (const each of messageOf(pbf)) if (each === 8) texts.set(tag, pbf.readString());
  }
}

/** Numbers of the fields up to `end`; what is not read of one is skipped. */
function* fieldsOf(pbf: PbfReader, end = pbf.length): Generator<number, void, undefined> {
  for (let field = pbf.nextField(end); field !== 0; field = pbf.nextField(end)) yield field;
}

/** Of the message that comes next. */
const messageOf = (pbf: PbfReader): Generator<number, void, undefined> => fieldsOf(pbf, pbf.readVarint() + pbf.pos);
