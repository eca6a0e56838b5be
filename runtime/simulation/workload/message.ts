/** The messages of a simulated run: each follows from its partition and number, so that anyone can say what must become of it. @module */
import { int, text, time } from '../../../topology/rows/field.js';
import { schema } from '../../../topology/rows/schema.js';

export interface Message {
  readonly partition: string;
  readonly n: number;
  readonly key: string;
  readonly body: string;
  readonly at: number;
  /** Which task of which life emitted it last, and as its how manyth row. */
  readonly via: string;
  readonly nth: number;
}
export const Message = schema<Message>('message', {
  partition: text(),
  n: int(),
  key: text(),
  body: text(),
  at: time(),
  via: text(),
  nth: int(),
});

/** What is stored of a message. */
export type Stored = {
  readonly partition: string;
  readonly n: number;
  readonly body: string;
  /** The task that it came through. */
  readonly task: number;
};
export const Stored = schema<Stored>('stored', {
  partition: text(),
  n: int(),
  body: text(),
  task: int(),
});

/** What a message does to the bolts that it meets. */
export type Temper = 'plain' | 'rejected' | 'poison' | 'flaky' | 'silent';

const KEYS = ['a', 'b', 'c', 'd', 'e'];
export const WINDOW_MS = 1000;

export const idOf = (partition: string, n: number): string => `${partition}#${n}`;

export function temperOf(partition: string, n: number): Temper {
  const draw = hash(idOf(partition, n)) % 100;
  if (draw < 4) return 'rejected';
  if (draw < 7) return 'poison';
  if (draw < 17) return 'flaky';
  return draw < 20 ? 'silent' : 'plain';
}

export const keyOf = (partition: string, n: number): string =>
  KEYS[hash(`${n}/${partition}`) % KEYS.length]!;

/** Three messages of a partition in a window. */
export const atOf = (n: number): number => Math.floor(n / 3) * WINDOW_MS;

export function bodyOf(partition: string, n: number, length: number): string {
  const id = idOf(partition, n);
  return `${id} ${'.'.repeat(Math.max(0, length - id.length - 1))}`;
}

/** FNV-1a. */
function hash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
