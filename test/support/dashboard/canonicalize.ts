/** A topology that is busy and limited, second by second: figures that fit each other, and move. */
import type {
  ComponentStatus,
  EdgeStatus,
  TopologyStatus,
} from '../../../runtime/nimbus/status.js';

type Role = ComponentStatus['role'];

interface Part {
  readonly name: string;
  readonly role: Role;
  readonly kind: string;
  readonly tasks: readonly number[];
  /** Rows for each message. */
  readonly share: number;
  readonly p50: number;
  readonly p99: number;
  /** Of its workers' time at 50,000 messages a second. */
  readonly load: number;
}

const part = (
  name: string,
  role: Role,
  kind: string,
  tasks: readonly number[],
  [share, p50, p99, load]: readonly [number, number, number, number],
): Part => ({ name, role, kind, tasks, share, p50, p99, load });

const PARTS: readonly Part[] = [
  part('lines', 'spout', 'kafka', [0, 1], [1, 38, 210, 0.16]),
  part('parse', 'bolt', 'parse', [0, 1], [1, 0.0062, 0.021, 0.41]),
  part('geotag', 'bolt', 'geotag', [0, 1], [0.998, 0.0031, 0.012, 0.22]),
  part('anonymize', 'bolt', 'anonymize', [0], [0.998, 0.019, 0.11, 1.13]),
  part('validate', 'bolt', 'validate', [0, 1], [0.998, 0.0024, 0.011, 0.17]),
  part('route', 'bolt', 'route', [0, 1], [0.997, 0.0009, 0.004, 0.06]),
  part('requests', 'sink', 'avroFiles', [0, 1], [0.997, 0.0048, 0.032, 0.33]),
  part('perCountry', 'bolt', 'countBy', [0, 1, 0, 1], [0.997, 0.0011, 0.006, 0.09]),
  part('counts', 'sink', 'jsonLines', [1], [0.004, 0.0046, 0.029, 0.01]),
];

const EDGES: readonly (readonly [from: string, stream: string, to: string, grouping: string])[] = [
  ['lines', 'lines', 'parse', 'shuffle'],
  ['parse', 'requests', 'geotag', 'shuffle'],
  ['geotag', 'located', 'anonymize', 'shuffle'],
  ['anonymize', 'safe', 'validate', 'shuffle'],
  ['validate', 'valid', 'route', 'shuffle'],
  ['route', 'records', 'requests', 'shuffle'],
  ['route', 'counted', 'perCountry', 'fields country_code'],
  ['perCountry', 'totals', 'counts', 'shuffle'],
];

const LIMIT = 'anonymize';
/** What its one task can take. */
const RATE_MAX = 42_000;
/** Since then more comes in than that. */
const RUSH_SECOND = 420;

/** @param second since it was submitted, 600 for ten minutes of history */
export function canonicalize(second: number): TopologyStatus {
  const wanted = wantedAt(second);
  const messages = Math.min(wanted, RATE_MAX + 600 * noise(second, 1));
  const limited = wanted > RATE_MAX;
  const lag = lagAt(second);
  const total = 38_000 * second;
  const components = PARTS.map((each) => componentAt(each, second, messages, limited, lag));
  return {
    ...{ name: 'canonicalize', state: 'running', reason: null, generation: 3, reached: 3 },
    ...{
      onTrial: false,
      takenBack: null,
      planHash: '7c2e91',
      workers: 2,
      submittedAt: '2026-11-21T18:00:00.000Z',
      restarts: 1,
    },
    rates: { emitted: messages, acked: messages - 40 * noise(second, 2), failed: 0 },
    ...{ emitted: total, acked: total - 900, deadLetters: deadLettersAt(second), lag },
    limit: limited ? { component: LIMIT, from: ['geotag'], why: 'busy' } : null,
    components,
    edges: EDGES.map(([from, stream, to, grouping]): EdgeStatus => {
      const rate = components.find(({ name }) => name === to)!.rates.executed;
      return { from, stream, to, grouping, fused: to !== LIMIT && from !== LIMIT, rate };
    }),
    workerStatus: [0, 1].map((worker) => ({
      ...{ worker, pid: 41_220 + worker, up: true },
      inFlight: Math.round((limited ? 1900 : 240) * (1 + 0.1 * noise(second, worker + 3))),
      outboxBytes: worker === 1 ? Math.round(310_000 * (1 + 0.2 * noise(second, 5))) : 0,
      busyRatio: worker === 0 ? 0.99 : 0.74 + 0.02 * noise(second, 6),
    })),
    reasons: [
      ['rejected(parse, does not fit the format behind %t)', deadLettersAt(second) - 3],
      ['timeout(requests)', 3],
    ],
    stateDir: '/var/lib/squall/canonicalize',
  };
}

function componentAt(
  { name, role, kind, tasks, share, p50, p99, load }: Part,
  second: number,
  messages: number,
  limited: boolean,
  lag: number,
): ComponentStatus {
  const rate = messages * share;
  const isLimit = name === LIMIT && limited;
  const capacity = Math.min(0.985 + 0.01 * noise(second, 7), (load * messages) / 50_000);
  const failed = name === 'parse' ? deadLettersAt(second) - 3 : name === 'requests' ? 3 : 0;
  const jitter = 1 + 0.06 * noise(second, name.length);
  return {
    ...{ name, role, kind, taskWorkers: [...tasks] },
    ...{ executed: rate * second, emitted: rate * second, acked: rate * second, failed },
    failedBy: failedByOf(name, failed),
    ...{ replayed: role === 'spout' ? 412 : 0, deadLetters: failed },
    rates: { executed: rate, emitted: role === 'sink' ? 0 : rate, acked: rate, failed: 0 },
    latencyMs: { p50: p50 * jitter, p99: p99 * jitter * (limited && role === 'spout' ? 4 : 1) },
    capacity,
    open: isLimit ? Math.round(3400 * jitter) : Math.round(rate * p99 * 0.01),
    pressure: isLimit ? 'busy' : role === 'spout' && limited ? 'blocked' : 'starved',
    lag: role === 'spout' ? lag : null,
  };
}

function failedByOf(name: string, failed: number): Record<string, number> {
  if (failed === 0) return { rejected: 0 };
  return name === 'parse'
    ? { 'does not fit the format behind %t': failed - 11, 'no host': 11 }
    : { timeout: failed };
}

const wantedAt = (second: number): number =>
  (second < RUSH_SECOND ? 34_000 : 47_000) + 2500 * Math.sin(second / 55) + 900 * noise(second, 8);

const lagAt = (second: number): number =>
  Math.round(300 + Math.max(0, second - RUSH_SECOND) * 4800 + 90 * noise(second, 9));

const deadLettersAt = (second: number): number => 25 + Math.floor(second / 20);

/** -1 to 1, the same for the same arguments. */
function noise(second: number, seed: number): number {
  const wave = Math.sin(second * 12.9898 + seed * 78.233) * 43_758.5453;
  return (wave - Math.floor(wave)) * 2 - 1;
}
