/**
 * The web job as a loop that an engineer would write by hand: strings, split, an object per line,
 * maxmind, ajv, avsc, blocks of 64 KiB. No acks, no replay, no metrics. ASCII input only.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, writevSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import avro from 'avsc';
import { open } from 'maxmind';

const text = { type: 'string' };
const whole = { type: 'integer' };
const properties = {
  host: text,
  seq: { ...whole, minimum: 0 },
  timestamp: { type: 'string', minLength: 19 },
  latency: { type: 'number', minimum: 0 },
  ip: { type: 'string', minLength: 2 },
  cacheStatus: text,
  size: whole,
  method: { enum: ['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'PURGE', 'DELETE'] },
  url: text,
  proxy: text,
  contentType: text,
  referrer: text,
  xff: text,
  userAgent: text,
  acceptLanguage: text,
  country: { type: 'string', minLength: 2, maxLength: 2 },
};
/** What avsc's types leave out: negative when the buffer is full. */
interface Encoder {
  encode(value: unknown, buffer: Buffer, at: number): number;
}

const CHUNK_BYTES = 65_536;
const BLOCK_BYTES = 65_536;

/** @param at called with the number of lines done, now and then */
export async function webJobByHand(
  input: string,
  output: string,
  at: (lines: number) => void,
): Promise<void> {
  const database = createRequire(import.meta.url).resolve(
    '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb',
  );
  const geo = (await open(database)) as unknown as {
    get(ip: string): { country_code: string } | null;
  };
  const valid = new Ajv().compile({
    type: 'object',
    required: Object.keys(properties),
    additionalProperties: false,
    properties,
  });
  const avroType = (name: string): string =>
    name === 'latency' ? 'double' : name === 'seq' || name === 'size' ? 'long' : 'string';
  const type = avro.Type.forSchema({
    type: 'record',
    name: 'Web',
    fields: Object.keys(properties).map((name) => ({ name, type: avroType(name) })),
  } as never);
  const encoder = type as unknown as Encoder;
  const out = openSync(output, 'w');
  const sync = randomBytes(16);
  const block = Buffer.allocUnsafe(2 * BLOCK_BYTES);
  const head = Buffer.allocUnsafe(24);
  let used = 0;
  let records = 0;
  const flush = (): void => {
    if (records === 0) return;
    const headEnd = varint(head, varint(head, 0, records), used);
    writevSync(out, [head.subarray(0, headEnd), block.subarray(0, used), sync]);
    used = records = 0;
  };
  const line = (text: string): void => {
    const f = text.split('\t');
    if (f.length < 16) return;
    const ip = f[4]!;
    const record = {
      host: f[0],
      seq: Number(f[1]),
      timestamp: f[2],
      latency: Number(f[3]),
      ip: truncated(ip),
      cacheStatus: f[5],
      size: Number(f[6]),
      method: f[7],
      url: f[8],
      proxy: f[9],
      contentType: f[10],
      referrer: f[11],
      xff: f[12],
      userAgent: decodeURIComponent(f[13]!),
      acceptLanguage: f[14],
      country: geo.get(ip)?.country_code ?? '--',
    };
    if (!valid(record)) return;
    let end = encoder.encode(record, block, used);
    if (end < 0) {
      flush();
      end = encoder.encode(record, block, 0);
    }
    used = end;
    records++;
    if (used >= BLOCK_BYTES) flush();
  };
  const fd = openSync(input, 'r');
  const chunk = Buffer.allocUnsafe(2 * CHUNK_BYTES);
  let have = 0;
  let lines = 0;
  for (
    let read = readSync(fd, chunk, 0, CHUNK_BYTES, null);
    read > 0;
    read = readSync(fd, chunk, have, CHUNK_BYTES, null)
  ) {
    have += read;
    const whole = chunk.lastIndexOf(10, have - 1) + 1;
    const text = chunk.toString('utf8', 0, whole);
    for (let start = 0; start < text.length; lines++) {
      const end = text.indexOf('\n', start);
      line(text.substring(start, end));
      start = end + 1;
    }
    chunk.copyWithin(0, whole, have);
    have -= whole;
    at(lines);
  }
  flush();
  closeSync(out);
  closeSync(fd);
}

function truncated(ip: string): string {
  if (!ip.includes(':')) return `${ip.slice(0, ip.lastIndexOf('.') + 1)}0`;
  const groups = ip.split(':');
  return `${groups[0]}:${groups[1]}:${groups[2]}::`;
}

function varint(bytes: Buffer, at: number, value: number): number {
  let rest = value * 2;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest & 127) | 128;
  bytes[at++] = rest;
  return at;
}
