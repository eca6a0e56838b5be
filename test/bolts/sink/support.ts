/** Rows and contexts for tests of sinks. @module */
import { OwnMetrics } from '../../../runtime/metrics/own-metrics.js';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { SinkContext } from '../../../topology/dsl/context.js';
import { arena } from '../../../topology/rows/arena.js';
import { Base } from '../../../topology/rows/base.js';
import { CUT, OVER } from '../../../topology/rows/cutting.js';
import { emitter } from '../../../topology/rows/emitter.js';
import { readImage, headBytes, Slab } from '../../../topology/rows/image.js';
import { baseLayout, layoutOf } from '../../../topology/rows/layout.js';
import { placesOf, type Schema } from '../../../topology/rows/schema.js';
import { Text } from '../../../topology/rows/text.js';

type Values = { readonly [field: string]: unknown };

/** How the fields of a row lie: in slots, as undecoded texts in slots, in one piece of bytes, as a received image. */
export const FORMS = ['slots', 'texts', 'spans', 'image'] as const;
export type Form = (typeof FORMS)[number];

/** Gives a row of `values` to `use`; it is dead when that returns. */
export function withRow(
  schema: Schema,
  values: Values,
  form: Form,
  use: (row: object) => void,
): void {
  if (form === 'slots') emitter('test', schema, use)(values);
  else if (form === 'texts') emitter('test', schema, use)(textsOf(values));
  else if (form === 'spans') emitSpans(schema, values, use);
  else emitter('test', schema, (row) => use(imageOf(schema, row)))(values);
  arena.reset();
}

const textsOf = (values: Values): object =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? arenaText(value) : value,
    ]),
  );

function arenaText(value: string): Text {
  const at = arena.reserve(Buffer.byteLength(value));
  return arena.take(at, at + arena.bytes.utf8Write(value, at));
}

/** No byte of slack behind the last field. */
function emitSpans(schema: Schema, values: Values, use: (row: object) => void): void {
  const { spans, numbers } = placesOf(schema);
  const pieces = spans.map((name) => pieceOf(values[name]));
  const emit = emitter('test', schema, use);
  const base = emit[OVER]({
    bytes: Buffer.concat(pieces.map((piece) => piece ?? Buffer.alloc(0))),
  });
  let at = 0;
  pieces.forEach((piece, i) => {
    base.spans[2 * i] = piece === null ? -1 : at;
    base.spans[2 * i + 1] = at += piece?.length ?? 0;
  });
  numbers.forEach(
    (name, j) => (base.numbers[j] = values[name] === null ? NaN : Number(values[name])),
  );
  emit[CUT]({});
}

function pieceOf(value: unknown): Buffer | null {
  if (value === null) return null;
  if (Array.isArray(value)) return Buffer.from(JSON.stringify(value));
  return Buffer.from(value as string);
}

/** As it comes off a socket: behind others in the frame. */
function imageOf(schema: Schema, row: object): object {
  const writer = layoutOf(row)!.imageWriter(schema);
  const at = 40;
  const slab = new Slab(at + writer.size(row));
  const base = new Base(slab.bytes, slab.ints, slab.doubles);
  readImage(
    base,
    slab,
    at,
    writer.write(row, slab, at),
    placesOf(schema).numbers.length,
    headBytes(schema),
  );
  return new (baseLayout(schema).Row)(base, base.generation);
}

interface Turned extends SinkContext {
  nowMs: number;
  warnings: string[];
}

/** A context with a clock that a test turns, and the warnings given. */
export function sinkContext(reads: Schema, parts: Partial<SinkContext> = {}): Turned {
  const context: Turned = {
    topology: 'web',
    component: 'archive',
    task: 0,
    tasks: 1,
    worker: 0,
    stateDir: '/nowhere',
    stateId: 'id',
    reads,
    stalled: () => {},
    nowMs: 0,
    warnings: [],
    now: () => context.nowMs,
    warn: (message: string) => void context.warnings.push(message),
    ...new OwnMetrics().of('archive'),
    ...parts,
  };
  return context;
}

/** A folder that is removed after the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'squall-sink-'));
  folders.push(made);
  return made;
}

const folders: string[] = [];
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

/** The files below a folder, relative, sorted. */
export const filesIn = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();

/** Without files in progress. */
export const finishedIn = (dir: string): string[] =>
  filesIn(dir).filter((path) => !path.startsWith('.in-progress'));
