/**
 * A log format as varnishncsa takes it, from one as `parse` reads it, with marks by which a cut record is seen.
 *
 * Varnish cuts a record at `vsl_reclen` bytes without a word, so a value is known to be cut only by the length of
 * its record. Between marks (0x1F, which varnishncsa never writes by itself) a value is found again in any line:
 *
 *     %h "%{Referer}i" %r   becomes   %h "<US>%{Referer}i<US>" %r<US>%U%q<US>
 *
 * The URL, of which a format may show parts only, is then added behind the line, and taken off again.
 *
 * @module
 */

export interface NcsaFormat {
  /** For `-F`. */
  readonly text: string;
  /** Whether varnishncsa is to escape for JSON (`-j`). */
  readonly json: boolean;
  /** Per marked value: what its record has beside it, in bytes. */
  readonly besides: readonly number[];
  /** Which of them was added; -1 for none. */
  readonly added: number;
}

export const MARK = 0x1f;

/**
 * @throws Error for what is no format string
 *
 * @example
 * ncsaFormat('%{@host}l\\t%U%q').text; // '%l\\t\x1f%U%q\x1f'
 */
export function ncsaFormat(format: string): NcsaFormat {
  const named = NAMED[format] ?? format.replace(/(\\n|\r?\n)+$/, '');
  if (!/%[^%]/.test(named))
    throw new Error(
      `varnish: "${format}" is no format. Give "varnishncsa", or a format string of varnishncsa with % directives.`,
    );
  if (named.includes(US))
    throw new Error('varnish: the format has a byte 0x1F (unit separator). Leave it out.');
  const plain = named.replaceAll(DIRECTIVE, withoutOptions);
  const besides: number[] = [];
  const text = plain.replaceAll(
    MEASURED,
    (source, variable: string | undefined, letter: string) => {
      const beside = source === URL ? 0 : besideOf(letter, variable);
      if (beside === undefined) return source;
      besides.push(beside);
      return US + source + US;
    },
  );
  const json = /^\s*\{.*%/s.test(named);
  if (!showsPartsOfUrl(plain)) return { text, json, besides, added: -1 };
  return { text: text + US + URL + US, json, besides: [...besides, 0], added: besides.length };
}

function showsPartsOfUrl(plain: string): boolean {
  const directives = [...plain.matchAll(MEASURED)];
  return (
    directives.some(([, , letter]) => letter !== undefined && 'Uqr'.includes(letter)) &&
    !directives.some(([source]) => source === URL)
  );
}

/** What varnishkafka and `parse` write into the braces beside the variable. */
function withoutOptions(source: string, variable: string | undefined, letter: string): string {
  if (variable === undefined) return source;
  const name = variable.replace(/[?@!].*$/, '');
  return name === '' ? `%${letter}` : `%{${name}}${letter}`;
}

/** `Referer: value`, `key:value`; undefined for what no record shows as it is. */
function besideOf(letter: string, variable = ''): number | undefined {
  if ('io'.includes(letter)) return variable.length + ': '.length;
  if (letter !== 'x') return undefined;
  if (variable.startsWith('VCL_Log:')) return variable.length - 'VCL_Log'.length;
  return /^VSL:\w+$/.test(variable) ? 0 : undefined;
}

const NAMED: { readonly [name: string]: string } = {
  varnishncsa: '%h %l %u %t "%r" %s %b "%{Referer}i" "%{User-agent}i"',
};

const US = String.fromCharCode(MARK);
const URL = '%U%q';
const DIRECTIVE = /%(?:\{([^}]*)\})?([a-zA-Z%])/g;
const MEASURED = /%U%q|%(?:\{([^}]*)\})?([a-zA-Z%])/g;
