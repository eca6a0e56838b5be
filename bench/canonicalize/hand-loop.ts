/**
 * What `canonicalize` does with udp2log lines, as a loop that an engineer would write by hand with the same
 * libraries: strings, split, Maps as caches. No acks, no replay, no workers, no metrics. ASCII input only.
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, readSync, writeFileSync, writevSync } from 'node:fs';
import { createRequire } from 'node:module';
import { deflateRawSync } from 'node:zlib';
import { Ajv } from 'ajv';
import avro from 'avsc';
import { isbot } from 'isbot';
import { open } from 'maxmind';
import { getDomain } from 'tldts';
import UAParser from 'ua-parser-js';
import { avroSchemaOf } from '../../schemas/avro-schema.js';
import { Webrequest } from '../../topology/catalog/webrequest.js';
import { fieldsOf } from '../../topology/rows/schema.js';

/** What avsc's types leave out: negative when the buffer is full. */
interface Encoder {
  encode(value: unknown, buffer: Buffer, at: number): number;
}

interface Agent {
  readonly browser_family: string | null;
  readonly browser_major: string | null;
  readonly os_family: string | null;
  readonly agent_type: 'user' | 'spider';
}

const CHUNK_BYTES = 65_536;
const BLOCK_BYTES = 65_536;
const SYNC_BYTES = 4 * 1024 * 1024;
const CACHE_MAX = 8192;
const ADDRESS = /(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}/gi;
const EMAIL = /[^\s/@]+(?:@|%40)[^\s/@]+\.[a-z]{2,}/gi;

/** @param at called with the number of lines done, now and then */
export async function canonicalizeByHand(
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
  const type = avro.Type.forSchema(
    avroSchemaOf({
      title: 'webrequest',
      fields: Object.fromEntries(fieldsOf(Webrequest)),
    }) as never,
  );
  const encoder = type as unknown as Encoder;
  const valid = new Ajv({ allowUnionTypes: true }).compile(validSchema());
  const agents = new Map<string, Agent>();
  const domains = new Map<string, string | null>();
  const counts = new Map<string, number>();
  const out = openSync(`${output}/by-hand.avro`, 'w');
  const sync = randomBytes(16);
  const block = Buffer.allocUnsafe(2 * BLOCK_BYTES);
  const head = Buffer.allocUnsafe(24);
  let used = 0;
  let records = 0;
  let unsynced = 0;
  const flush = (): void => {
    if (records === 0) return;
    const data = deflateRawSync(block.subarray(0, used), { level: 1 });
    writevSync(out, [
      head.subarray(0, varint(head, varint(head, 0, records), data.length)),
      data,
      sync,
    ]);
    unsynced += used;
    used = records = 0;
    if (unsynced < SYNC_BYTES) return;
    fdatasyncSync(out);
    unsynced = 0;
  };
  const line = (text: string): void => {
    const f = text.split('\t').map((value) => (value === '-' ? null : value));
    if (f.length < 14) return;
    const dt = Date.parse(`${f[2]}Z`);
    const [, host = null, path = null, query] =
      /^https?:\/\/([^/?]*)([^?]*)(\?.*)?$/.exec(f[8] ?? '') ?? [];
    const [cache, status] = (f[5] ?? '').split('/');
    void query;
    const record = {
      id: uuid5(`${f[0]}/${f[1]}/${dt}`),
      dt,
      hostname: masked(f[0]!),
      sequence: Number(f[1]),
      ip: truncated(f[4]!),
      country_code: geo.get(f[4]!)?.country_code ?? '--',
      cache_status: cache === undefined || cache === '-' ? null : masked(cache),
      http_status: status === undefined ? null : Number(status),
      response_size: f[6] === null ? null : Number(f[6]),
      time_firstbyte: f[3] === null ? null : Number(f[3]),
      http_method: masked(f[7]!),
      uri_host: masked(host),
      uri_path: path === null ? null : path.split('/').map(segment).join('/'),
      uri_query: null,
      content_type: masked(f[10]!),
      referer_domain: cached(domains, f[11]!, (url) => getDomain(url)),
      accept_language: /^[a-z]{2,8}/i.exec(f[14] ?? '')?.[0].toLowerCase() ?? null,
      ...cached(agents, f[13] ?? '', agentOf),
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
    const key = `${record.country_code} ${dt - (dt % 60_000)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
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
  writeFileSync(`${output}/by-hand.counts.json`, JSON.stringify([...counts]));
}

function validSchema(): object {
  const properties = Object.fromEntries(
    fieldsOf(Webrequest).map(
      ([name, { type, nullable, min, max, minLength, maxLength, oneOf }]) => {
        const base = type === 'text' ? 'string' : type === 'float' ? 'number' : 'integer';
        const limits = { minimum: min, maximum: max, minLength, maxLength, enum: oneOf };
        const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
        return [name, { type: nullable ? [base, 'null'] : base, ...Object.fromEntries(given) }];
      },
    ),
  );
  return { type: 'object', required: Object.keys(properties), properties };
}

function agentOf(text: string): Agent {
  const { browser, os } = new UAParser(text).getResult();
  return {
    browser_family: browser.name ?? null,
    browser_major: browser.major ?? null,
    os_family: os.name ?? null,
    agent_type: isbot(text) ? 'spider' : 'user',
  };
}

function cached<V>(cache: Map<string, V>, key: string | null, make: (key: string) => V): V {
  const text = key ?? '';
  let value = cache.get(text);
  if (value !== undefined) return value;
  if (cache.size >= CACHE_MAX) cache.clear();
  value = make(text);
  cache.set(text, value);
  return value;
}

const masked = (text: string | null): string | null =>
  text === null ? null : text.replace(EMAIL, '[email]').replace(ADDRESS, '[ip]');

/** A segment that holds an address or an e-mail, also percent-encoded. */
function segment(text: string): string {
  const plain = text.includes('%') ? decoded(text) : text;
  if (plain.search(EMAIL) >= 0) return '[email]';
  return plain.search(ADDRESS) >= 0 ? '[ip]' : text;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function truncated(ip: string): string {
  if (!ip.includes(':')) return `${ip.slice(0, ip.lastIndexOf('.') + 1)}0`;
  const [first, second, third] = ip.split(':');
  return third === '' ? `${first}:${second}::` : `${first}:${second}:${third}::`;
}

const NAMESPACE = Buffer.from('7f0c8a525d0e4e0b9f0a3c1b6d2e9a41', 'hex');

function uuid5(name: string): string {
  const hex = createHash('sha1').update(NAMESPACE).update(name).digest('hex');
  const variant = ((parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function varint(bytes: Buffer, at: number, value: number): number {
  let rest = value * 2;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest & 127) | 128;
  bytes[at++] = rest;
  return at;
}
