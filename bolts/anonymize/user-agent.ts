/**
 * Reduces user agents to what many share: browser family and major version, family of operating
 * system, and whether it is a program. No device, no build, no patch version.
 *
 * @module
 */
import { isbot } from 'isbot';
import { UAParser } from 'ua-parser-js';
import { nullable, text, type Field } from '../../topology/rows/field.js';
import { bytesOf, endOf, startOf } from '../../topology/rows/reveal.js';
import { ByteCache } from './byte-cache.js';
import { isNothing, type Rule } from './rule.js';

const FIELDS = {
  /** As ua-parser-js names it, e.g. `Mobile Safari`. */
  browser_family: nullable(text()),
  /** Digits. */
  browser_major: nullable(text()),
  os_family: nullable(text()),
  /** `spider` for what isbot knows as a program. */
  agent_type: text({ oneOf: ['user', 'spider'] }),
} satisfies { [field: string]: Field };

/**
 * Gives `browser_family`, `browser_major`, `os_family` and `agent_type`; the first three are null where
 * they are not known, and a request without a user agent counts as a user's.
 *
 * @example
 * anonymize(Request, { user_agent: family() });
 */
export function family(): Rule<'user_agent', typeof FIELDS> {
  return {
    method: 'user-agent.family',
    parameters: {},
    reads: ['text'],
    emits: FIELDS,
    compile: () => {
      const known = new ByteCache<Agent>(AGENTS_MAX);
      return (agent) => {
        if (agent === null) return NO_AGENT;
        const bytes = bytesOf(agent);
        const start = startOf(agent);
        const end = endOf(agent);
        return isNothing(bytes, start, end) ? NO_AGENT : known.get(bytes, start, end, parse);
      };
    },
  };
}

type Agent = { readonly [F in keyof typeof FIELDS]: string | null };

const NO_AGENT: Agent = {
  browser_family: null,
  browser_major: null,
  os_family: null,
  agent_type: 'user',
};
/** The patterns of both libraries backtrack, so that their time is bounded here. */
const CHARACTERS_MAX = 512;
const AGENTS_MAX = 4096;
/** Longer ones are dates and builds, not versions. */
const MAJOR = /^\d{1,4}$/;

function parse(whole: string): Agent {
  // Logs with spaces between their columns write those of a value so; a program's name has none as a rule.
  const agent = whole.slice(0, CHARACTERS_MAX).replaceAll('%20', ' ');
  const parser = new UAParser(agent);
  const { name = null, major = '' } = parser.getBrowser();
  return {
    browser_family: name,
    browser_major: MAJOR.test(major) ? major : null,
    os_family: parser.getOS().name ?? null,
    agent_type: isbot(agent) ? 'spider' : 'user',
  };
}
