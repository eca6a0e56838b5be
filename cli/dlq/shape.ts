/** What may be said of a message that nobody may see: how it is built, and no character of it. @module */
import { isAscii, isUtf8 } from 'node:buffer';

/** Counts only. Neither characters nor names of members: those may be personal, too. */
export interface Shape {
  readonly bytes: number;
  readonly text: 'ASCII' | 'UTF-8' | 'no UTF-8';
  readonly spaces: number;
  readonly tabs: number;
  /** Double ones. */
  readonly quotes: number;
  /** Bytes below 0x20, and 0x7F; tabs are not counted. */
  readonly controls: number;
  readonly json: 'object' | 'array' | 'other' | 'none';
}

export function shapeOf(raw: Uint8Array): Shape {
  return {
    bytes: raw.length,
    text: isAscii(raw) ? 'ASCII' : isUtf8(raw) ? 'UTF-8' : 'no UTF-8',
    spaces: countOf(raw, (byte) => byte === 0x20),
    tabs: countOf(raw, (byte) => byte === TAB),
    quotes: countOf(raw, (byte) => byte === 0x22),
    controls: countOf(raw, (byte) => (byte < 0x20 || byte === 0x7f) && byte !== TAB),
    json: jsonOf(raw),
  };
}

export const shapeText = (shape: Shape): string =>
  `${shape.bytes} bytes, ${shape.text}; ${shape.spaces} spaces, ${shape.tabs} tabs, ${shape.quotes} quotes, ${shape.controls} control bytes; JSON: ${shape.json}`;

const TAB = 0x09;

function countOf(raw: Uint8Array, is: (byte: number) => boolean): number {
  let count = 0;
  for (const byte of raw) if (is(byte)) count++;
  return count;
}

function jsonOf(raw: Uint8Array): Shape['json'] {
  try {
    const value: unknown = JSON.parse(Buffer.from(raw).toString());
    if (Array.isArray(value)) return 'array';
    return typeof value === 'object' && value !== null ? 'object' : 'other';
  } catch {
    // Its message quotes what it failed on.
    return 'none';
  }
}
