import { afterEach, expect, jest, test } from '@jest/globals';
import { Deaths, type Court } from '../../../runtime/coordinator/deaths.js';
import type { Death } from '../../../runtime/coordinator/post-mortem.js';
import type { MessageId } from '../../../runtime/ledger/identity.js';

let nowMs = 0;
afterEach(() => void jest.restoreAllMocks());

const at = (position: number): MessageId => ({ spout: 'in', partition: 'a.log', position });

/** Of worker 0, by itself, in the component "mortal". */
const death = (more: Partial<Death> = {}): Death => ({
  worker: 0,
  how: 'exit code 1',
  kind: 'killed-worker',
  own: true,
  component: 'mortal',
  ...more,
});

/** From outside, as far as anyone knows. */
const killed = (more: Partial<Death> = {}): Death => death({ how: 'SIGKILL', own: false, ...more });

/** What was done is known. */
const settled = (): Promise<void> => new Promise(setImmediate);

function judging(court: Partial<Court> = {}) {
  jest.spyOn(Date, 'now').mockImplementation(() => nowMs);
  const told: { condemned: [position: number, kind: string, attempts: number][]; why: string[] } = {
    condemned: [],
    why: [],
  };
  const deaths = new Deaths({
    maxAttempts: 5,
    ask: () => false,
    condemn: ({ message, failure, attempts }) =>
      void told.condemned.push([message.position, failure.kind, attempts]),
    done: async () => 0,
    giveUp: (why) => void told.why.push(why),
    ...court,
  });
  return { deaths, told };
}

test('a message that was at work in two deaths is condemned, with the reason of the last; one that was in one is not', () => {
  const { deaths, told } = judging();
  deaths.add(death({ message: at(1) }));
  deaths.add(death({ message: at(2) }));
  expect(told.condemned).toEqual([]);
  deaths.add(death({ message: at(1), kind: 'blocked' }));
  expect(told.condemned).toEqual([[1, 'blocked', 2]]);
  expect(deaths.condemned).toHaveLength(1);
});

test('two deaths from outside condemn only the message that both found at work', () => {
  const { deaths, told } = judging({ maxAttempts: 1 });
  deaths.add(killed({ message: at(1) }));
  deaths.add(killed({ message: at(2) }));
  expect(told.condemned).toEqual([]);
  deaths.add(killed({ message: at(2) }));
  expect(told.condemned).toEqual([[2, 'killed-worker', 2]]);
});

test('a message has no more attempts than any', () => {
  const { deaths, told } = judging({ maxAttempts: 1 });
  deaths.add(death({ message: at(1) }));
  expect(told.condemned).toEqual([[1, 'killed-worker', 1]]);
});

const unlike: [string, Death, Death, number][] = [
  ['of another worker', death({ worker: 1 }), death({ message: at(1) }), 0],
  ['of another kind', death({ kind: 'out-of-memory' }), death({ message: at(1) }), 0],
  ['from outside', killed(), death({ message: at(1) }), 0],
  ['more than a minute ago', death(), death({ message: at(1) }), 60_001],
];

test('a death without a message counts for the message of the next one', () => {
  const { deaths, told } = judging();
  deaths.add(death({ kind: 'out-of-memory' }));
  deaths.add(death({ kind: 'out-of-memory', message: at(1) }));
  expect(told.condemned).toEqual([[1, 'out-of-memory', 2]]);
  expect(deaths.recent).toBe(0);
});

test.each(unlike)('but not one %s', (_, before, after, laterMs) => {
  const { deaths, told } = judging();
  deaths.add(before);
  nowMs += laterMs;
  deaths.add(after);
  expect(told.condemned).toEqual([]);
});

test('five deaths within a minute that no message explains end the run; those that one explains do not', async () => {
  const { deaths, told } = judging();
  for (let i = 0; i < 10; i++) deaths.add(death({ message: at(i) }));
  for (let i = 0; i < 4; i++) deaths.add(killed({ message: at(100 + i) }));
  await settled();
  expect(told.why).toEqual([]);
  deaths.add(killed());
  await settled();
  expect(told.why).toEqual([
    expect.stringMatching(
      /^5 workers died within a minute \(the last by SIGKILL\); the component "mortal" was at work\./,
    ),
  ]);
  expect(deaths.gaveUp).toBe(true);
});

test.each([
  [999, 1],
  [1000, 0],
])(
  'twenty deaths between which %i messages are done: the run ends %i times',
  async (done, times) => {
    let asked = 0;
    const { deaths, told } = judging({ done: async () => (++asked === 20 ? done : 0) });
    for (let i = 0; i < 20; i++) deaths.add(death({ message: at(i) }));
    await new Promise(setImmediate);
    expect(told.why).toHaveLength(times);
  },
);

test('deaths from outside end no run that gets on, however many they are, and however little is done between two', async () => {
  let done = 0;
  const { deaths, told } = judging({ done: async () => ++done });
  for (let i = 0; i < 200; i++) deaths.add(killed({ message: at(i) }));
  await settled();
  expect(told.why).toEqual([]);
});

test('nor do those of many workers at once; one that dies five times before anything is done does', async () => {
  const { deaths, told } = judging();
  for (let worker = 0; worker < 64; worker++) deaths.add(killed({ worker }));
  for (let i = 0; i < 3; i++) deaths.add(killed());
  await settled();
  expect(told.why).toEqual([]);
  deaths.add(killed());
  await settled();
  expect(told.why).toHaveLength(1);
});

test('deaths that a component brought about, and no message explains, end it however much is done', async () => {
  let done = 0;
  const { deaths, told } = judging({ done: async () => (done += 1000) });
  for (let i = 0; i < 5; i++) deaths.add(death());
  await settled();
  expect(told.why).toHaveLength(1);
});

test('counts how often a worker died with nothing done between', async () => {
  let done = 0;
  const { deaths } = judging({ done: async () => done });
  const counted: number[] = [];
  for (const more of [0, 0, 0, 1, 0, 1]) {
    done += more;
    deaths.add(killed({ message: at(counted.length) }));
    deaths.add(killed({ worker: 1 }));
    counted.push(await deaths.idle(0));
  }
  expect(counted).toEqual([1, 2, 3, 1, 2, 1]);
});

test('asks the worker whose message it was; that it dies before it answers leaves the death unexplained', () => {
  const asked: number[] = [];
  const { deaths, told } = judging({
    ask: ({ worker }, number) => {
      asked.push(number);
      return worker === 1;
    },
  });
  const root = { worker: 1, slot: 7, generation: 3 };
  deaths.add(death({ root }));
  deaths.was(asked[0]!, at(1));
  deaths.add(death({ root }));
  deaths.was(asked[1]!, at(1));
  expect(told.condemned).toEqual([[1, 'killed-worker', 2]]);
  deaths.add(death({ root }));
  deaths.add(killed({ worker: 1 }));
  expect(deaths.recent).toBe(2);
  // Too late.
  deaths.was(asked[2]!, at(2));
  expect(deaths.recent).toBe(2);
});
