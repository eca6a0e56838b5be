/** The formats that have a name. @module */

export interface NamedFormat {
  readonly text: string;
  /** What stands between the columns: the first of these that a line contains. */
  readonly separators?: readonly string[];
  /** How many columns a line must have, when the last ones may be missing. */
  readonly columnsMin?: number;
}

/** `varnishkafka-json` is no format string: its objects name their fields. */
export const JSON_LINES = 'varnishkafka-json';

// %l is the name of the cache at Wikimedia only; elsewhere it is the client's account by RFC 1413 (identd), or `-`.
const COMMON = '%h %{@}l %u %t "%r" %>s %b';

const FORMATS = new Map<string, NamedFormat>(
  Object.entries({
    // 14 columns until 2012, then 16; parted by spaces until February 2013, then by tabs.
    udp2log: {
      text: [
        '%l\t%n\t%t\t%{Varnish:time_firstbyte}x\t%h\t%{Varnish:handling}x/%s\t%b\t%m',
        'http://%{Host}i%U%q\t%{@}l\t%{Content-Type}o\t%{Referer}i\t%{X-Forwarded-For}i\t%{User-agent}i',
        '%{Accept-Language}i\t%{X-Analytics}o',
      ].join('\t'),
      separators: ['\t', ' '],
      columnsMin: 14,
    },
    varnishncsa: { text: `${COMMON} "%{Referer}i" "%{User-agent}i"` },
    'apache-combined': { text: `${COMMON} "%{Referer}i" "%{User-agent}i"` },
    'apache-common': { text: COMMON },
  }),
);

const NAMES = [...FORMATS.keys(), JSON_LINES];

/**
 * The format of that name, or `format` itself when it is a format string.
 *
 * @throws Error that names the nearest name, for what is neither
 */
export function namedFormat(format: string): NamedFormat {
  const named = FORMATS.get(format);
  if (named !== undefined) return named;
  // The end of a line is none of its text, also where a format file or a config has it.
  if (format.includes('%')) return { text: format.replace(/(\\n|\r?\n)+$/, '') };
  const nearest =
    NAMES.find((name) => name.startsWith(format)) ??
    NAMES.toSorted((a, b) => distance(format, a) - distance(format, b))[0];
  throw new Error(
    `parse: there is no format "${format}". Did you mean "${nearest}"? There are ${NAMES.join(', ')}, and format strings with % directives.`,
  );
}

/** Edits from one text to the other (Levenshtein 1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
