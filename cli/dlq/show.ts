/** `squall dlq show`: all of one letter. Its bytes only to whoever says why, which is noted first. @module */
import { isUtf8 } from 'node:buffer';
import type { KeptLetter } from '../../runtime/state/letter-segments.js';
import { CommandError } from '../exit-codes.js';
import { writingTo } from '../writing-to.js';
import { printable } from './filters.js';
import { listed } from './list.js';
import { readLetters, stateFolder, tellTrouble } from './reading.js';
import { noteReveal } from './reveals.js';
import { shapeOf, shapeText, type Shape } from './shape.js';

export interface ShowOptions {
  readonly state?: string;
  readonly reveal?: true;
  readonly reason?: string;
  readonly json?: true;
}

/** @throws CommandError when there is no such letter, or it is to be revealed without a reason */
export async function show(name: string, id: string, options: ShowOptions): Promise<void> {
  const why = options.reason?.trim() ?? '';
  if (options.reveal && why === '')
    throw new CommandError(
      'A message is full of personal data: say why it must be seen, with --reveal --reason "…". That is logged, with your name.',
    );
  if (!options.reveal && options.reason !== undefined)
    throw new CommandError('--reason says why a message is revealed: give --reveal, too.');
  const stateDir = await stateFolder(name, options.state);
  let found: KeptLetter | undefined;
  const trouble = await readLetters(stateDir, (kept) => {
    if (kept.id === id) found = kept;
  });
  tellTrouble(trouble);
  if (found === undefined)
    throw new CommandError(
      `There is no dead letter ${printable(id)} in ${stateDir}. "squall dlq list" shows which there are.`,
    );
  if (options.reveal) await writingTo(stateDir, () => noteReveal(stateDir, id, why));
  const shown = { ...maskedOf(found), ...(options.reveal && revealedOf(found)) };
  process.stdout.write(options.json ? `${JSON.stringify(shown)}\n` : text(shown));
}

interface Masked extends ReturnType<typeof listed> {
  readonly topology: string;
  readonly spout: string;
  readonly partition: string;
  readonly position: number;
  readonly shape: Shape;
}

/** The message in clear. */
interface Revealed {
  readonly message: { readonly base64: string; readonly text?: string };
  /** What its spout needs beside it, e.g. the key and headers of a Kafka message. */
  readonly besides?: unknown;
}

function maskedOf(kept: KeptLetter): Masked {
  const { topology, spout, partition, position, raw } = kept.letter;
  return { ...listed(kept), topology, spout, partition, position, shape: shapeOf(raw) };
}

function revealedOf({ letter: { raw, besides } }: KeptLetter): Revealed {
  const bytes = Buffer.from(raw);
  const message = { base64: bytes.toString('base64'), ...(isUtf8(raw) && { text: String(bytes) }) };
  return { message, ...(besides !== undefined && { besides }) };
}

function text({ shape, message, besides, origin, ...plain }: Masked & Partial<Revealed>): string {
  const lines = Object.entries(plain).map(([name, value]) => [name, printable(String(value))]);
  lines.push(['origin', printable(JSON.stringify(origin) ?? '')], ['message', shapeText(shape)]);
  if (message !== undefined) lines.push(['in clear', escaped(message.base64)]);
  if (besides !== undefined) lines.push(['besides', printable(JSON.stringify(besides))]);
  const width = Math.max(...lines.map(([name]) => name!.length));
  return `${lines.map(([name, value]) => `${name!.padEnd(width)}  ${value}`).join('\n')}\n`;
}

/** What a terminal would obey, and what is no ASCII, as `\xNN`. */
const escaped = (base64: string): string =>
  Buffer.from(base64, 'base64')
    .latin1Slice()
    .replaceAll(
      /[^\x20-\x7e]|\\/g,
      (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
    );
