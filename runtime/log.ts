/**
 * What the operator is told on stderr: lines for people, or an object a line for machines, which pino
 * writes. Never a value of a row.
 *
 * @module
 */
const LEVELS = ['info', 'warn', 'error'] as const;

type Level = (typeof LEVELS)[number];

export interface LogOptions {
  readonly topology: string;
  /** Set in a worker's own process. */
  readonly worker?: number;
  /** What is less than that is not told. */
  readonly level: Level | 'silent';
  readonly format: 'pretty' | 'json';
}

/** Where something was told, as fields of the object; a line for people begins with the component. */
export interface Where {
  readonly component?: string;
  readonly task?: number;
  readonly worker?: number;
}

/** @param figures further fields of the object; people read them in the text */
type Tell = (text: string, where?: Where, figures?: object) => void;

export type Log = { readonly [L in Level]: Tell };

/** @param say takes lines, without the newline */
export async function openLog(options: LogOptions, say: (line: string) => void): Promise<Log> {
  return options.format === 'json' ? jsonLog(options, say) : prettyLog(options, say);
}

function prettyLog({ level }: LogOptions, say: (line: string) => void): Log {
  const least = [...LEVELS, 'silent'].indexOf(level);
  const at =
    (own: Level): Log[Level] =>
    (text, { component } = {}) => {
      if (LEVELS.indexOf(own) < least) return;
      say(component === undefined ? text : `${component}: ${text}`);
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

async function jsonLog(
  { topology, worker, level }: LogOptions,
  say: (line: string) => void,
): Promise<Log> {
  // Only when it is asked for: loading it takes tens of milliseconds.
  const { pino, stdTimeFunctions } = await import('pino');
  const logger = pino(
    {
      level,
      base: { topology, worker },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => say(line.trimEnd()) },
  );
  const at =
    (own: Level): Log[Level] =>
    (text, where = {}, figures = {}) =>
      logger[own]({ ...figures, ...where }, text);
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
