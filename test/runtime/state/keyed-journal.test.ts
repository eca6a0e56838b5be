import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyedJournal } from '../../../runtime/state/keyed-journal.js';
import { failNext, temporaryFolder } from './faults.js';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const fileIn = (name: string): string => join(folder, name, 'state.journal');

async function contents(name: string): Promise<Record<string, unknown>> {
  const journal = await KeyedJournal.open(join(folder, name));
  const entries = Object.fromEntries(journal.entries());
  await journal.close();
  return entries;
}

/** What a process that starts now would read, while the journal is still open. */
async function afterCrash(name: string): Promise<Record<string, unknown>> {
  await mkdir(join(folder, 'crashed'), { recursive: true });
  await copyFile(fileIn(name), fileIn('crashed'));
  return contents('crashed');
}

type Step = { put: string; value: unknown } | { delete: string } | 'flush';

const keys = fc.constantFrom('a', 'b', 'c', 'é"\n');
const steps = fc.array(
  fc.oneof(
    fc.record({ put: keys, value: fc.jsonValue() }),
    fc.record({ delete: keys }),
    fc.constant<Step>('flush'),
  ) as fc.Arbitrary<Step>,
  { maxLength: 20 },
);

/** Takes the steps and returns the state that each flush stored, the empty one first. */
async function run(journal: KeyedJournal, todo: readonly Step[]): Promise<string[]> {
  const states = ['{}'];
  for (const step of todo) {
    if (step === 'flush') {
      await journal.flush();
      states.push(JSON.stringify(Object.fromEntries(journal.entries())));
    } else if ('put' in step) journal.put(step.put, step.value);
    else journal.delete(step.delete);
  }
  return states;
}

const sorted = (state: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(state).sort()));

describe('a keyed journal', () => {
  test('holds what a map holds, and still does after it was closed and opened', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (todo) => {
        const name = `map${round++}`;
        const journal = await KeyedJournal.open(join(folder, name));
        await run(journal, todo);
        const model = new Map<string, unknown>();
        for (const step of todo) {
          if (step === 'flush') continue;
          if ('put' in step) model.set(step.put, step.value);
          else model.delete(step.delete);
        }
        expect(sorted(Object.fromEntries(journal.entries()))).toBe(
          sorted(Object.fromEntries(model)),
        );
        for (const key of ['a', 'b', 'c']) expect(journal.get(key)).toEqual(model.get(key));
        await journal.close();
        expect(sorted(await contents(name))).toBe(sorted(Object.fromEntries(model)));
      }),
      { numRuns: 40 },
    );
  });

  test('that is cut at any byte holds what some flush stored, and never less than an earlier cut', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (todo) => {
        const name = `cut${round++}`;
        const journal = await KeyedJournal.open(join(folder, name));
        const states = (await run(journal, todo)).map((state) =>
          sorted(JSON.parse(state) as object),
        );
        const bytes = await readFile(fileIn(name));
        let reached = 0;
        for (let length = 0; length <= bytes.length; length += 1 + Math.floor(bytes.length / 64)) {
          await mkdir(join(folder, 'torn'), { recursive: true });
          await writeFile(fileIn('torn'), bytes.subarray(0, length));
          const found = states.indexOf(sorted(await contents('torn')), reached);
          expect(found).toBeGreaterThanOrEqual(reached);
          reached = found;
        }
        await writeFile(fileIn('torn'), bytes);
        expect(sorted(await contents('torn'))).toBe(states.at(-1));
        await journal.close();
      }),
      { numRuns: 15 },
    );
  });

  test('loses what no flush stored', async () => {
    const journal = await KeyedJournal.open(join(folder, 'j'));
    journal.put('a', 1);
    await journal.flush();
    journal.put('a', 2);
    expect(await afterCrash('j')).toEqual({ a: 1 });
    await journal.close();
  });

  test('stores after a full disk what it could not store before', async () => {
    const journal = await KeyedJournal.open(join(folder, 'j'));
    journal.put('a', 1);
    await journal.flush();
    journal.put('a', 2);
    journal.delete('b');
    await failNext('write', 'ENOSPC', 7);
    await expect(journal.flush()).rejects.toThrow('ENOSPC');
    expect(journal.get('a')).toBe(2);
    expect(await afterCrash('j')).toEqual({ a: 1 });
    journal.put('b', 3);
    await journal.flush();
    expect(await afterCrash('j')).toEqual({ a: 2, b: 3 });
    await journal.close();
  });

  test('does not take a failed sync for a stored flush', async () => {
    const journal = await KeyedJournal.open(join(folder, 'j'));
    journal.put('a', 1);
    await failNext('datasync', 'EIO');
    await expect(journal.flush()).rejects.toThrow('EIO');
    await journal.flush();
    expect(await afterCrash('j')).toEqual({ a: 1 });
    await journal.close();
  });

  test('stays as large as what lives in it', async () => {
    const journal = await KeyedJournal.open(join(folder, 'j'));
    const live = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i]));
    for (let round = 0; round < 30; round++) {
      for (const key of Object.keys(live)) journal.put(key, live[key]! + round);
      await journal.flush();
    }
    for (const key of Object.keys(live)) journal.delete(key);
    journal.put('last', true);
    await journal.flush();
    const size = (await stat(fileIn('j'))).size;
    expect(size).toBeLessThan(30_000 * 16);
    expect(await afterCrash('j')).toEqual({ last: true });
    await journal.close();
  });
});
