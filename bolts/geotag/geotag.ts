/**
 * Adds the country that a request came from.
 *
 * The address stays sealed in the rows that leave: looking up is not unsealing. Run `anonymize`
 * behind this bolt, not before it: of a truncated address the country is often wrong.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bolt, type Bolt } from '../../topology/dsl/bolt.js';
import { copy, declassify } from '../../topology/dsl/lineage.js';
import { text } from '../../topology/rows/field.js';
import type { Pii } from '../../topology/rows/pii.js';
import { bytesOf, endOf, startOf } from '../../topology/rows/reveal.js';
import { extend, type Plain, type Schema } from '../../topology/rows/schema.js';
import { COUNTRY_UNKNOWN, openCountryDatabase, refuseUnreadable } from './country-database.js';

export interface GeotagOptions<F extends string, A extends string> {
  /**
   * Path of a MaxMind DB file with countries (GeoLite2 or GeoIP2 Country or City, or a flat `country_code`).
   * By default the database of `@ip-location-db/geo-whois-asn-country-mmdb` (CC0), which comes with this package.
   */
  readonly database?: string;
  /** The field with the address; null is unknown. By default `ip`. */
  readonly field?: F;
  /** The field to add. By default `country_code`. */
  readonly as?: A;
}

/**
 * Emits every row on `located` with its ISO 3166 country code, `--` when that is not known.
 * A database that is broken or without countries fails the start with an Error that names it.
 *
 * @throws Error when the database cannot be read
 *
 * @example
 * const Request = schema('request', { ip: pii('ip'), host: text() });
 * const { located } = t.bolt('geotag', geotag(Request), { from: requests.shuffle() });
 */
export function geotag<
  T extends { readonly [field in F]: Pii<'ip'> | null },
  F extends string = 'ip',
  A extends string = 'country_code',
>(
  reads: Schema<T>,
  options: GeotagOptions<F, A> = {},
): Bolt<T, { located: Plain<Omit<T, A> & { [field in A]: string }> }> {
  const { database, field = 'ip', as = 'country_code' } = options;
  if (database !== undefined) refuseUnreadable(database);
  const located = extend(reads, { [as]: text({ minLength: 2, maxLength: 2 }) });
  const copied = Object.keys(reads.fields).map((name) => [name, copy(name)]);
  const made: unknown = bolt<{ [field: string]: Pii | null }, { located: object }>({
    kind: 'geotag',
    reads: reads as Schema as never,
    emits: { located },
    parameters: { database: database ?? DEFAULT_DATABASE, field, as },
    lineage: {
      located: { ...Object.fromEntries(copied), [as]: declassify('geo.country', {}, field) },
    },
    remembers: 'nothing',
    async open() {
      const countries = await openCountryDatabase(database ?? defaultDatabase());
      const added: { [field: string]: string } = {};
      return {
        process(row, emit) {
          const ip = row[field];
          // One object for all rows: `from` copies out of it before it returns.
          added[as] =
            ip === null
              ? COUNTRY_UNKNOWN
              : countries.countryOf(bytesOf(ip), startOf(ip), endOf(ip));
          emit.located.from(row, added as never);
        },
      };
    },
  });
  return made as ReturnType<typeof geotag<T, F, A>>;
}

const DEFAULT_DATABASE = '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb';

/** From here; or, for an artefact, which lies outside of every package, from the program that runs it. */
function defaultDatabase(): string {
  const paths = [
    dirname(fileURLToPath(import.meta.url)),
    dirname(process.argv[1] ?? ''),
    process.cwd(),
  ];
  return createRequire(import.meta.url).resolve(DEFAULT_DATABASE, { paths });
}
