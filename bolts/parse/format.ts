/**
 * Reads a log-format string: literals and directives, as in Apache's mod_log_config and
 * varnishncsa(1), with varnishkafka's way to name things:
 *
 *     format    = { literal | directive }
 *     literal   = text; `\t`, `\"` and `\\` are a tab, a quote and a backslash, `%%` is a percent sign
 *     directive = "%" [ condition ] [ "{" [ VAR ] [ "?" DEFAULT ] [ "@" FIELD ] { "!" OPTION } "}" ] LETTER
 *     condition = [ "!" ] status { "," status } | "<" | ">"     as in Apache; what it writes does not depend on it
 *     OPTION    = "num" | "escape"
 *
 * FIELD names the field that takes the value; an empty one (`%{@}l`) drops it. DEFAULT is what the
 * writer puts where there is no value, `-` unless given: a reader takes it as a value like any other.
 * `num` is for writers as well; here the field's type decides. `escape` says that the value comes with
 * `\"`, `\\` and `\xhh`; values in quotes always may.
 *
 * @module
 */
import { defaultField } from './directives.js';

export interface Directive {
  /** As it stands in the format, for messages. */
  readonly source: string;
  readonly letter: string;
  readonly variable: string;
  /** Where the value goes; empty when it is dropped. */
  readonly field: string;
  /** Whether FIELD was given. */
  readonly named: boolean;
  readonly escape: boolean;
}

/**
 * @throws Error that names the place, for what is no directive
 * @example
 * parseFormat('%{@hostname}l\\t%{Referer}i'); // [directive, '\t', directive]
 */
export function parseFormat(format: string): (string | Directive)[] {
  const items: (string | Directive)[] = [];
  let literal = '';
  for (let at = 0; at < format.length;) {
    if (format[at] !== '%') {
      const [length, text] = format[at] === '\\' ? [2, unescaped(format, at)] : [1, format[at]];
      literal += text;
      at += length;
      continue;
    }
    DIRECTIVE.lastIndex = at;
    const match =
      DIRECTIVE.exec(format) ??
      fail(
        format,
        at,
        UNCLOSED.test(format.slice(at))
          ? 'is not closed. Put } and a letter behind it'
          : 'is no directive. Write %% for a percent sign',
      );
    at = DIRECTIVE.lastIndex;
    if (match[2] === '%') {
      literal += '%';
      continue;
    }
    if (literal !== '') items.push(literal);
    literal = '';
    items.push(
      directive(match[0], match[1] ?? '', match[2]!, (why) =>
        fail(format, at - match[0].length, why),
      ),
    );
  }
  return literal === '' ? items : [...items, literal];
}

const DIRECTIVE = /%(?:!?\d+(?:,\d+)*|[<>])?(?:\{([^}]*)\})?([a-zA-Z%])/y;

const UNCLOSED = /^%[!<>\d,]*\{[^}]*$/;

function directive(
  source: string,
  braces: string,
  letter: string,
  refuse: (why: string) => never,
): Directive {
  const [variable, ...parts] = braces.split(/(?=[?@!])/);
  const head = /^[?@!]/.test(variable!) ? '' : variable!;
  let named: string | undefined;
  let escape = false;
  for (const part of head === '' ? braces.split(/(?=[?@!])/) : parts) {
    const value = part.slice(1);
    if (part[0] === '@') named = value;
    if (part[0] !== '!') continue;
    if (value !== 'num' && value !== 'escape')
      refuse(`has the unknown option "!${value}". There are !num and !escape`);
    escape ||= value === 'escape';
  }
  const field = defaultField(letter, head) ?? refuse(WHICH);
  return {
    source,
    letter,
    variable: head,
    field: named ?? field,
    named: named !== undefined,
    escape,
  };
}

const WHICH =
  'is not known here. There are %a %A %b %B %D %f %F %h %H %I %k %l %L %m %n %O %p %P %q %r %R %s %S %t %T %u %U %v %V %X, and with a name in braces %{…}C %{…}e %{…}i %{…}n %{…}o %{…}t %{…}x';

function unescaped(format: string, at: number): string {
  const text = ESCAPES[format[at + 1] ?? ''];
  return text ?? fail(format, at, 'is no escape. There are \\t, \\n, \\" and \\\\');
}

const ESCAPES: { readonly [letter: string]: string } = { t: '\t', n: '\n', '"': '"', '\\': '\\' };

/** Names the place: people count characters from 1. */
function fail(format: string, at: number, why: string): never {
  const excerpt = format.slice(at, at + 20);
  throw new Error(
    `parse: in the format, at character ${at + 1}, ${JSON.stringify(excerpt)} ${why}.`,
  );
}
