/**
 * Personal values that nobody else has, to be planted in input, and what they would look like in
 * output if any of them came through.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const V4 = '203.0.113.195';
const V6 = '2001:db8:85a3:8d3:1319:8a2e:370:7348';
const EMAIL = 'canary.person@mail.example.org';

/** As clients and caches write them. Those of one line are the same value. */
export const SPELLINGS: readonly string[] = [
  ...[
    V4,
    `${V4}:4711`,
    `::ffff:${V4}`,
    `[::ffff:${V4}]:4711`,
    '::ffff:cb00:71c3',
    '0:0:0:0:0:ffff:cb00:71c3',
  ],
  ...[percentDots(V4), percentDots(percentDots(V4)), percentAll(V4)],
  ...[V6, V6.toUpperCase(), `[${V6}]:4711`, `${V6}%25eth0`, padded(V6)],
  ...[percentDots(V6), percentDots(percentDots(V6)), percentAll(V6)],
  ...[EMAIL, EMAIL.toUpperCase(), `mailto:${EMAIL}`, `${EMAIL}:secret@host.example`],
  ...[percentDots(EMAIL), percentDots(percentDots(EMAIL)), percentAll(EMAIL)],
];

/** What betrays one of them: no file, log or figure may contain any. In lower case, but for bytes and base64. */
const TRACES: ReadonlyMap<string, string> = new Map([
  ...textForms('v4', V4),
  ...numberForms('v4', 'cb0071c3'),
  ...textForms('v6', V6),
  ...numberForms('v6', padded(V6).replaceAll(':', '')),
  // Of an IPv4 address they are too few: four bytes are anywhere.
  ['v6 as bytes', Buffer.from(padded(V6).replaceAll(':', ''), 'hex').toString('latin1')],
  ...textForms('email', EMAIL),
  ['email without its domain', 'canary.person'],
  ['email, percent-encoded', 'canary%2eperson'],
  ['v6 padded', padded(V6)],
  ['v6 as DNS has it', [...padded(V6).replaceAll(':', '')].reverse().join('.')],
  ['v6 behind its network', '8d3:1319'],
  ['v6 behind its network, padded', '08d3:1319'],
  ['v4 as DNS has it', V4.split('.').reverse().join('.')],
  ['v4 with dashes', V4.replaceAll('.', '-')],
  ['v4 in octal', '0313.00.0161.0303'],
  ['v4 mapped', 'ffff:cb00:71c3'],
  ['v4 in hex, dotted', 'cb.00.71.c3'],
  ['v4, the last two numbers', '113.195'],
]);

/** The names of the traces found in bytes. */
export function tracesIn(bytes: Buffer): string[] {
  const text = bytes.toString('latin1');
  const lower = text.toLowerCase();
  return [...TRACES].flatMap(([name, trace]) =>
    (/bytes|base64/.test(name) ? text : lower).includes(trace) ? [name] : [],
  );
}

/** Which files below a folder have traces: `<file>: <trace>`. */
export function tracesBelow(folder: string, without: readonly string[] = []): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !without.includes(join(entry.parentPath, entry.name)))
    .flatMap(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [...tracesIn(Buffer.from(path)), ...tracesIn(readFileSync(path))].map(
        (trace) => `${path}: ${trace}`,
      );
    });
}

function numberForms(name: string, hex: string): [string, string][] {
  const turned = Buffer.from(hex, 'hex').reverse().toString('hex');
  return [
    [`${name} in hex`, hex],
    [`${name} as an integer`, String(BigInt(`0x${hex}`))],
    [`${name} in hex, turned round`, turned],
    [`${name} as an integer, turned round`, String(BigInt(`0x${turned}`))],
  ];
}

function textForms(name: string, text: string): [string, string][] {
  const forms: [string, string][] = [
    [`${name} in clear`, text],
    [`${name}, text in hex`, Buffer.from(text).toString('hex')],
    [`${name} percent-encoded`, percentDots(text)],
    [`${name} percent-encoded twice`, percentDots(percentDots(text))],
    [`${name} percent-encoded in full`, percentAll(text)],
  ];
  const inBase64 = [0, 1, 2].flatMap((behind): [string, string][] => {
    const standard = inner(text, behind);
    const url = standard.replaceAll('+', '-').replaceAll('/', '_');
    return [
      [`${name} in base64, ${behind} bytes behind`, standard],
      [`${name} in base64url, ${behind} bytes behind`, url],
    ];
  });
  return [
    ...forms.map(([form, trace]): [string, string] => [form, trace.toLowerCase()]),
    ...inBase64,
  ];
}

/** The part of the base64 of a text that is the same whatever stands around it. */
function inner(text: string, behind: number): string {
  const encoded = Buffer.concat([Buffer.alloc(behind), Buffer.from(text)]).toString('base64');
  const first = [0, 2, 3][behind];
  const last = Math.floor(((behind + text.length) * 4) / 3);
  return encoded.slice(first, last);
}

/** Once more; the first time what is not a letter or digit. */
function percentDots(text: string): string {
  return text.replaceAll(text.includes('%') ? '%' : /[.:@]/g, percent);
}

function percentAll(text: string): string {
  return text.replaceAll(/[^]/g, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function padded(v6: string): string {
  return v6
    .split(':')
    .map((group) => group.padStart(4, '0'))
    .join(':');
}
