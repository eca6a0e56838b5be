/**
 * Reads request logs a second time, plainly: with regular expressions, Node's own URL and address
 * classes and the libraries themselves, none of the project's code. What `canonicalize` stores
 * must be what is read here.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { BlockList } from 'node:net';
import { isbot } from 'isbot';
import { open, type CountryResponse, type Reader } from 'maxmind';
import { getDomain } from 'tldts';
import { UAParser } from 'ua-parser-js';

/** A stored record, without its id. */
export type Reading = { readonly [field: string]: unknown };

/** What a log says of a request. */
export interface Logged {
  readonly dt: number;
  readonly ip: string;
  readonly method?: string | null;
  readonly host?: string | null;
  readonly path: string | null;
  readonly query?: string | null;
  readonly status: string;
  readonly bytes: string;
  readonly referer: string;
  readonly agent: string;
  readonly cacheStatus?: string | null;
}

export type Countries = Reader<CountryResponse & { country_code?: string }>;

export const countries = (): Promise<Countries> =>
  open(
    createRequire(import.meta.url).resolve(
      '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb',
    ),
  );

/** @param kept query parameters */
export function recordOf(
  { dt, ip, method, host, path, query, status, bytes, referer, agent, cacheStatus }: Logged,
  found: Countries,
  kept: readonly string[] = [],
): Reading {
  return {
    dt,
    hostname: null,
    sequence: null,
    ip: truncated(ip),
    country_code: found.get(ip)?.country_code ?? '--',
    cache_status: cacheStatus ?? null,
    http_status: Number(status),
    response_size: bytes === '-' ? null : Number(bytes),
    time_firstbyte: null,
    http_method: method ?? null,
    uri_host: host?.replace(ADDRESS, '[ip]') ?? null,
    uri_path: path?.split('/').map(segment).join('/') ?? null,
    uri_query: query == null ? null : allowed(query, kept),
    content_type: null,
    referer_domain: getDomain(referer, { allowPrivateDomains: true }),
    accept_language: null,
    ...agentOf(agent),
  };
}

const agents = new Map<string, Reading>();

function agentOf(agent: string): Reading {
  const known = agents.get(agent) ?? readAgent(agent === '-' ? '' : agent);
  agents.set(agent, known);
  return known;
}

function readAgent(agent: string): Reading {
  const { browser, os } = new UAParser(agent).getResult();
  return {
    browser_family: browser.name ?? null,
    browser_major: browser.major || null,
    os_family: os.name ?? null,
    agent_type: isbot(agent) ? 'spider' : 'user',
  };
}

/** `17/May/2015:10:05:03 +0000` in milliseconds. */
const commonTime = (text: string): number =>
  Date.parse(text.replaceAll('/', ' ').replace(':', ' '));

/** A line of `varnishncsa -f` with the fields that the sample's format names, parted by tabs. */
export function varnishFields(line: string): Logged {
  const [time, , ip, , method, path, query, , status, bytes, , handling, referer, agent] =
    line.split('\t');
  return {
    dt: Date.parse(`${time!.slice(0, -3)}Z`),
    ip: ip!,
    method,
    path: path!,
    query: query || null,
    status: status!,
    bytes: bytes!,
    cacheStatus: handling,
    referer: referer!,
    agent: agent!,
  };
}

/** The same of `varnishncsa -j`. */
export function varnishJson(line: string): Logged {
  const { ts, ip, method, path, query, status, bytes, handling, referer, ua } = JSON.parse(line);
  return {
    dt: Date.parse(`${ts.slice(0, -4)}Z`),
    ip,
    method,
    path,
    query: query || null,
    status,
    bytes,
    cacheStatus: handling,
    referer,
    agent: ua,
  };
}

/** A line of the combined format of Apache and varnishncsa. */
export function combined(line: string): Logged {
  const quoted = String.raw`"((?:[^"\\]|\\.)*)"`;
  const pattern = String.raw`^(\S+) \S+ \S+ \[([^\]]+)\] ${quoted} (\S+) (\S+) ${quoted} ${quoted}$`;
  const [, ip, time, request, status, bytes, referer, agent] = new RegExp(pattern).exec(line)!;
  const [method, url] = unescaped(request!).split(' ');
  const [, host, path, query] = /^(?:http:\/\/([^/?]*))?([^?]*)(\?.*)?$/.exec(url!)!;
  return {
    dt: commonTime(time!),
    ip: ip!,
    method,
    host,
    path: path!,
    query,
    status: status!,
    bytes: bytes!,
    referer: unescaped(referer!),
    agent: unescaped(agent!),
  };
}

/** The escapes of varnishncsa, where what they stand for is UTF-8. */
function unescaped(text: string): string {
  const bytes = text.replaceAll(/\\(?:x(..)|(.))/g, (_, hex, letter) =>
    hex === undefined ? letter : String.fromCharCode(parseInt(hex, 16)),
  );
  const plain = Buffer.from(bytes, 'latin1').toString('utf8');
  return plain.includes('\ufffd') ? text : plain;
}

/** The network of an address: the first 24 or 48 bits. */
function truncated(ip: string): string {
  if (!ip.includes(':')) return ip.replace(/\.\d+$/, '.0');
  const network = new BlockList();
  network.addSubnet(ip, 48, 'ipv6');
  return /Subnet: IPv6 (\S+)\/48/.exec(network.rules[0]!)![1]!;
}

const ADDRESS = /\d{1,3}(?:\.\d{1,3}){3}/;

function segment(text: string): string {
  const decoded = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  if (/[^@]+@[^@.]+\.[a-z]{2}/i.test(decoded)) return '[email]';
  return ADDRESS.test(decoded) ? '[ip]' : text;
}

function allowed(query: string, kept: readonly string[]): string | null {
  const parts = query
    .replace('?', '')
    .split(/[&;]/)
    .filter((part) => kept.includes([...new URLSearchParams(part).keys()][0] ?? ''))
    .map((part) => {
      const [, name, value] = /^([^=]*)(?:=(.*))?$/.exec(part)!;
      return value === undefined
        ? decodeURIComponent(name!)
        : `${decodeURIComponent(name!)}=${segment(value)}`;
    });
  return parts.length === 0 ? null : `?${parts.join('&')}`;
}
